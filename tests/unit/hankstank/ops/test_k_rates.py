"""Strikeout rates from a few games by hand: queried, exported and listed like tables."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage.tables import get_table
from shared.storage.views import get_view
from tests.unit.services.loader.batches import game, row

SWITCH, TRADED, LEFTY, RIGHTY, SPRING, OCTOBER, HOME_PITCHER = range(1, 8)
AAA, BBB, CCC = 10, 20, 30
NOON, NIGHT = 16, 23  # hours, UTC


def played(pk: int, on: date, hour: int = NOON, **values: Any) -> dict[str, Any]:
    start = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return game(pk, on, season=on.year, scheduled_start=start, **values)


GAMES = [
    played(1, date(2026, 4, 7)),
    played(2, date(2026, 4, 7), NIGHT),
    played(3, date(2026, 3, 1), game_type="S"),
    played(4, date(2026, 10, 10), game_type="F"),
    played(5, date(2026, 4, 8), status="Other", detailed_state="Suspended"),
    played(6, date(2026, 4, 6), completed_date=date(2026, 4, 10)),  # suspended, and completed later
    played(7, date(2025, 4, 6)),
]
BY_NUMBER = {one["game_pk"]: one for one in GAMES}
# Game, batter and side, pitcher and hand, outcome, club at bat and club in the field.
PLAYS = [
    (1, SWITCH, "L", RIGHTY, "R", "strikeout", AAA, BBB),
    (1, SWITCH, "R", LEFTY, "L", "strikeout", AAA, BBB),
    (1, SWITCH, "R", LEFTY, "L", "walk", AAA, BBB),
    (1, TRADED, "R", LEFTY, "L", "single", AAA, BBB),
    (1, TRADED, "R", LEFTY, "L", "runner", AAA, BBB),
    (1, RIGHTY, "R", HOME_PITCHER, "R", "strikeout", BBB, AAA),
    (2, TRADED, "R", RIGHTY, "R", "strikeout", CCC, BBB),
    (3, SPRING, "L", LEFTY, "L", "strikeout", AAA, BBB),
    (3, SWITCH, "R", LEFTY, "L", "strikeout", AAA, BBB),
    (4, OCTOBER, "L", LEFTY, "L", "strikeout", AAA, BBB),
    (5, SWITCH, "R", LEFTY, "L", "strikeout", AAA, BBB),
    (6, TRADED, "R", LEFTY, "L", "walk", AAA, BBB),
    (7, SWITCH, "L", RIGHTY, "R", "out", AAA, BBB),
]


def appearance(index: int, play: tuple[Any, ...]) -> dict[str, Any]:
    pk, batter, side, pitcher, hand, outcome, batting, fielding = play
    of_game = {name: BY_NUMBER[pk][name] for name in ("game_pk", "game_date", "season", "game_type")}
    matchup = {"batter_id": batter, "bat_side": side, "pitcher_id": pitcher, "pitch_hand": hand}
    clubs = {"batting_team_id": batting, "fielding_team_id": fielding}
    is_counted = outcome != "runner"
    return row(
        "plate_appearances", at_bat_index=index, outcome=outcome, is_plate_appearance=is_counted,
        **of_game, **matchup, **clubs,
    )  # fmt: skip


def club(team: int, season: int, letters: str) -> dict[str, Any]:
    return row("teams_historical", team_id=team, season=season, abbreviation=letters) | {
        "name": f"The {letters}"
    }


ROWS = {
    "games_historical": GAMES,
    "plate_appearances": [appearance(index, play) for index, play in enumerate(PLAYS)],
    "people": [
        row("people", person_id=SWITCH, full_name="Sam Switch"),
        row("people", person_id=TRADED, full_name="Tom Traded"),
    ],
    "teams_historical": [
        club(AAA, 2025, "OLD"),
        *(club(team, 2026, letters) for team, letters in ((AAA, "AAA"), (BBB, "BBB"), (CCC, "CCC"))),
    ],
}
# Season, role, player, name, club and letters; games; then plate appearances, strikeouts, rate, walks and rate:
# in all, against left-handers, against right-handers.
NEVER = (0, 0, None, 0, None)
PLAYERS = [
    (2025, "batter", SWITCH, "Sam Switch", AAA, "OLD", 1, *(1, 0, 0.0, 0, 0.0), *NEVER, *(1, 0, 0.0, 0, 0.0)),
    (2025, "pitcher", RIGHTY, None, BBB, None, 1, *(1, 0, 0.0, 0, 0.0), *(1, 0, 0.0, 0, 0.0), *NEVER),
    (
        *(2026, "batter", SWITCH, "Sam Switch", AAA, "AAA", 1),
        *(3, 2, 2 / 3, 1, 1 / 3), *(2, 1, 0.5, 1, 0.5), *(1, 1, 1.0, 0, 0.0),
    ),
    (
        *(2026, "batter", TRADED, "Tom Traded", CCC, "CCC", 3),
        *(3, 1, 1 / 3, 1, 1 / 3), *(2, 0, 0.0, 1, 0.5), *(1, 1, 1.0, 0, 0.0),
    ),
    (2026, "batter", RIGHTY, None, BBB, "BBB", 1, *(1, 1, 1.0, 0, 0.0), *NEVER, *(1, 1, 1.0, 0, 0.0)),
    (2026, "pitcher", LEFTY, None, BBB, "BBB", 2, *(4, 1, 0.25, 2, 0.5), *NEVER, *(4, 1, 0.25, 2, 0.5)),
    (
        *(2026, "pitcher", RIGHTY, None, BBB, "BBB", 2),
        *(2, 2, 1.0, 0, 0.0), *(1, 1, 1.0, 0, 0.0), *(1, 1, 1.0, 0, 0.0),
    ),
    (2026, "pitcher", HOME_PITCHER, None, AAA, "AAA", 1, *(1, 1, 1.0, 0, 0.0), *NEVER, *(1, 1, 1.0, 0, 0.0)),
]  # fmt: skip
CLUBS = [
    (
        *(2026, "batting", AAA, "AAA", "The AAA", 2),
        *(5, 2, 0.4, 2, 0.4), *(4, 1, 0.25, 2, 0.5), *(1, 1, 1.0, 0, 0.0),
    ),
    (2026, "batting", BBB, "BBB", "The BBB", 1, *(1, 1, 1.0, 0, 0.0), *NEVER, *(1, 1, 1.0, 0, 0.0)),
    (2026, "batting", CCC, "CCC", "The CCC", 1, *(1, 1, 1.0, 0, 0.0), *NEVER, *(1, 1, 1.0, 0, 0.0)),
    (2026, "pitching", AAA, "AAA", "The AAA", 1, *(1, 1, 1.0, 0, 0.0), *NEVER, *(1, 1, 1.0, 0, 0.0)),
    (
        *(2026, "pitching", BBB, "BBB", "The BBB", 3),
        *(6, 3, 0.5, 2, 1 / 3), *(1, 1, 1.0, 0, 0.0), *(5, 2, 0.4, 2, 0.4),
    ),
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return filled(tmp_path / "home", ROWS)


def filled(home: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    """Return stores whose warehouse has these rows."""
    home.mkdir()
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    warehouse.query_rows("select 1 as one")  # creates the tables
    for name, some in rows.items():
        warehouse.merge_rows(get_table(name), pl.DataFrame(some, infer_schema_length=None))
    warehouse.close()
    return home


def invoke(home: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--home", str(home)])


def queried(home: Path, sql: str) -> list[dict[str, Any]]:
    result = invoke(home, "query", sql, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(home: Path, *words: object) -> str:
    result = invoke(home, *words)
    assert result.exit_code == 1, result.output
    return result.stderr


def named(view: str, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    columns = [one.name for one in get_view(view).fields]
    return [dict(zip(columns, one, strict=True)) for one in rows]


def test_players_rates_are_as_counted_by_hand(home: Path):
    found = queried(home, "select * from k_rates order by season, role, player_id")
    assert found == named("k_rates", PLAYERS)


def test_clubs_rates_are_as_counted_by_hand(home: Path):
    found = queried(home, "select * from team_k_rates where season = 2026 order by role, team_id")
    assert found == named("team_k_rates", CLUBS)


@pytest.mark.parametrize(("view", "rows"), [("k_rates", PLAYERS), ("team_k_rates", CLUBS)])
def test_export_of_a_season_has_the_views_rows_and_types(
    home: Path, tmp_path: Path, view: str, rows: list[Any]
):
    out = tmp_path / "rates.parquet"
    invoke(home, "export", view, "--season", 2026, "--out", out)
    exported = pl.read_parquet(out)
    assert exported.schema == {one.name: one.dtype for one in get_view(view).fields}
    assert exported.to_dicts() == [one for one in named(view, rows) if one["season"] == 2026]


def test_export_takes_some_seasons(home: Path, tmp_path: Path):
    out = tmp_path / "games.csv"
    words = ("--season", 2026, "--season", 2025, "--column", "game_pk", "--format", "csv", "--out", out)
    invoke(home, "export", "games_historical", *words)
    assert out.read_text().split() == ["game_pk", "1", "2", "3", "4", "5", "6", "7"]


def test_season_of_a_table_with_days_alone_is_its_year(tmp_path: Path):
    notices = [
        row("transactions_historical", transaction_id=year, transaction_date=date(year, 12, 31))
        for year in (2024, 2025)
    ]
    home, out = filled(tmp_path / "home", {"transactions_historical": notices}), tmp_path / "notices.csv"
    words = ("--season", 2025, "--column", "transaction_id", "--format", "csv", "--out", out)
    invoke(home, "export", "transactions_historical", *words)
    assert out.read_text().split() == ["transaction_id", "2025"]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["k_rates", "--season", 2017], "k_rates has no row of season 2017: it has 2025, 2026"),
        (["k_rates", "--season", 2026, "--season", 2017], "no row of season 2017"),
        (["weather_forecasts", "--season", 2026], "no row of season 2026: it is empty"),
        (
            ["k_rates", "--season", 2026, "--from", "2026-04-01"],
            "expected --season, or --from and --to, got both",
        ),
        (["k_rates", "--from", "2026-04-01"], "k_rates has no date column: leave out --from and --to"),
        (["people", "--season", 2026], "people has no season and no date column: leave out --season"),
        (["k_rate"], "did you mean k_rates"),
    ],
)
def test_wrong_export_names_what_is_right(home: Path, words: list[object], advice: str):
    assert advice in " ".join(refused(home, "export", *words).split())


def test_views_are_listed_with_the_tables(home: Path):
    listed = {one["table"]: one for one in json.loads(invoke(home, "tables", "--json").stdout)}
    assert (listed["k_rates"]["rows"], listed["team_k_rates"]["rows"]) == (len(PLAYERS), len(CLUBS) + 2)
    assert "regular season" in listed["k_rates"]["description"]
    assert list(listed) == sorted(listed)


def test_a_views_columns_are_listed(home: Path):
    columns = json.loads(invoke(home, "tables", "mlb_historical_data.k_rates", "--json").stdout)
    assert [one["column"] for one in columns] == [one.name for one in get_view("k_rates").fields]


def test_empty_stores_have_no_rates(tmp_path: Path):
    home = filled(tmp_path / "home", {})
    assert queried(home, "select * from k_rates") == queried(home, "select * from team_k_rates") == []
    assert "k_rates is empty: nothing to export" in refused(home, "export", "k_rates")


def test_stores_without_a_table_name_it(home: Path):
    with duckdb.connect(str(home / "warehouse.duckdb")) as store:
        store.execute("drop table mlb_historical_data.teams_historical")
    listed = {one["table"]: one["rows"] for one in json.loads(invoke(home, "tables", "--json").stdout)}
    assert listed["k_rates"] == 0
    assert "mlb_historical_data.teams_historical does not exist yet" in refused(home, "export", "k_rates")
    assert "k_rates does not exist" in refused(home, "query", "select * from k_rates")
    assert queried(home, "select count(*) as games from games_historical") == [{"games": len(GAMES)}]


def test_stores_of_an_earlier_release_have_rates(home: Path):
    with duckdb.connect(str(home / "warehouse.duckdb")) as store:
        store.execute("alter table mlb_historical_data.teams_historical drop column abbreviation")
    found = queried(
        home, "select strikeouts, team from k_rates where season = 2026 and role = 'pitcher' order by 1"
    )
    assert found == [
        {"strikeouts": 1, "team": None},
        {"strikeouts": 1, "team": None},
        {"strikeouts": 2, "team": None},
    ]
