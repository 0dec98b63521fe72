"""Fills stores with the games of Savant's files, and lets the features service build their features."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from evaluation.savant import read_pitches
from evaluation.savant_plays import find_starters, read_plays
from evaluation.strikeout_report import read_starts
from services.features.api import build_features
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.errors import UserError
from shared.messaging.events import DataLoaded
from shared.ports import Ports
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.storage.tables import get_table
from simulator.clubs import clubs_in

RUN = "savant-days"
_NINE = 9
_SIDE = ["game_pk", "is_top"]
_GAME = ("game_pk", "game_date", "season", "game_type")
_PITCH_COLUMNS = {
    name: dtype
    for name, dtype in get_table("statcast_pitches").schema.items()
    if name not in {"game_date", "season", "game_type", "collected_at", "source", "run_id"}
}


def read_savant_starts(data: Path) -> tuple[int, pl.DataFrame]:
    """Return the season of `data`/mlb/savant and its starts, for `strikeout_report.compare_forecasters`.

    The features are built in stores that exist for this alone.
    """
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), project="", leak_check_samples=1)
        with closing(DuckDbWarehouse(settings.home / "warehouse.duckdb")) as warehouse:
            season = load_savant_season(data, replace(create_ports(settings), warehouse=warehouse))
            return season, read_starts(warehouse, season)


def load_savant_season(data: Path, ports: Ports) -> int:
    """Store the games of `data`/mlb/savant and build their features; return the season.

    Line-ups are the first nine batters of each side, hands those that players used. What the files lack stays
    unknown: umpires, weather, box scores. Parks are the home clubs', also of games on neutral ground.

    Raises:
        UserError: there is no file, or one cannot be read.
    """
    plays = read_plays(data)
    if plays.is_empty():
        raise UserError(f"{data / 'mlb' / 'savant'}: expected days of Savant's pitches, got no file")
    days: list[date] = plays["game_date"].unique().sort().to_list()
    now = datetime.combine(days[-1], time(23), UTC)
    for name, rows in savant_rows(plays, _read_all_pitches(data)).items():
        _merge(ports, name, rows, now)
    loaded = DataLoaded(run_id=RUN, occurred_at=now, dates=tuple(days), report=RUN, rows={}, partitions={})
    build_features(loaded, ports, now)
    return days[0].year


def savant_rows(plays: pl.DataFrame, pitches: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return rows of the collector's tables, by table.

    Args:
        plays: rows of `savant_plays.find_plays`.
        pitches: columns of statcast_pitches.
    """
    games = _games(plays)
    head = games.select("game_pk", "game_date", "season", "game_type", "home_team_id", "away_team_id")
    clubs = {
        "batting_team_id": pl.when("is_top").then("away_team_id").otherwise("home_team_id"),
        "fielding_team_id": pl.when("is_top").then("home_team_id").otherwise("away_team_id"),
    }
    known = plays.drop("game_date").join(head, on="game_pk").with_columns(**clubs, runs_scored="rbi")
    lineups = _lineups(known)
    slots = lineups.select("game_pk", "batting_slot", batter_id="player_id")
    return {
        "games_historical": games,
        "plate_appearances": known.join(slots, on=["game_pk", "batter_id"], how="left"),
        "lineups_historical": lineups,
        "people": _people(plays),
        "statcast_pitches": pitches.join(head.drop("home_team_id", "away_team_id"), on="game_pk"),
    }


def _games(plays: pl.DataFrame) -> pl.DataFrame:
    """Return rows of games_historical: final on the day they began."""
    season = plays["game_date"].dt.year()[0]
    clubs = {club.abbreviation: club for club in clubs_in(season)}
    ids = {name: club.id for name, club in clubs.items()}
    venues = {name: club.venue_id for name, club in clubs.items()}
    last = plays.sort("game_pk", "at_bat_index").unique("game_pk", keep="last")
    games = last.select(
        "game_pk",
        "game_date",
        "home_score",
        "away_score",
        season=pl.lit(season, pl.Int64),
        game_type=pl.lit("R"),
        completed_date="game_date",
        scheduled_start=pl.col("game_date").cast(pl.Datetime("us", "UTC")),
        game_number=pl.lit(1, pl.Int64),
        double_header=pl.lit("N"),
        status=pl.lit("Final"),
        detailed_state=pl.lit("Final"),
        home_team_id=pl.col("home_team").replace_strict(ids, return_dtype=pl.Int64),
        away_team_id=pl.col("away_team").replace_strict(ids, return_dtype=pl.Int64),
        venue_id=pl.col("home_team").replace_strict(venues, return_dtype=pl.Int64),
    )
    starters = (
        find_starters(plays)
        .group_by("game_pk")
        .agg(
            home_probable_pitcher_id=pl.col("pitcher_id").filter("is_top").first(),
            away_probable_pitcher_id=pl.col("pitcher_id").filter(~pl.col("is_top")).first(),
        )
    )
    return games.join(starters, on="game_pk").sort("game_pk")


def _lineups(plays: pl.DataFrame) -> pl.DataFrame:
    """Return rows of lineups_historical: the first nine batters of each side, and the starting pitchers."""
    ordered = plays.sort("game_pk", "at_bat_index")
    nine = _starting_nine(ordered)
    return pl.concat([nine, _starting_pitchers(ordered).select(nine.columns)]).with_columns(
        sequence=pl.lit(0, pl.Int64), is_confirmed=pl.lit(value=True)
    )


def _starting_nine(ordered: pl.DataFrame) -> pl.DataFrame:
    catchers = ordered.unique(_SIDE, keep="first").select(
        "game_pk", batting_team_id="fielding_team_id", first_catcher_id="catcher_id"
    )
    by_batter = ordered.unique([*_SIDE, "batter_id"], keep="first", maintain_order=True)
    slots = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_SIDE)
    nine = by_batter.with_columns(batting_slot=slots).filter(pl.col("batting_slot") <= _NINE)
    return nine.join(catchers, on=["game_pk", "batting_team_id"]).select(
        *_GAME,
        "batting_slot",
        team_id="batting_team_id",
        player_id="batter_id",
        is_home=~pl.col("is_top"),
        position=pl.when(pl.col("batter_id") == pl.col("first_catcher_id")).then(pl.lit("C")),
        is_starting_pitcher=pl.lit(value=False),
    )


def _starting_pitchers(ordered: pl.DataFrame) -> pl.DataFrame:
    sides = ordered.unique(_SIDE).select(*_GAME, "is_top", team_id="fielding_team_id")
    starters = find_starters(ordered).select(*_SIDE, "pitcher_id")
    return sides.join(starters, on=_SIDE).select(
        *_GAME,
        "team_id",
        batting_slot=pl.lit(None, pl.Int64),
        player_id="pitcher_id",
        is_home="is_top",
        position=pl.lit("P"),
        is_starting_pitcher=pl.lit(value=True),
    )


def _people(plays: pl.DataFrame) -> pl.DataFrame:
    """Return rows of people: a batter who used both sides is a switch hitter."""
    sides = plays.group_by(person_id="batter_id").agg(
        bat_side=pl.when(pl.col("bat_side").n_unique() > 1)
        .then(pl.lit("S"))
        .otherwise(pl.col("bat_side").first())
    )
    hands = plays.group_by(person_id="pitcher_id").agg(pitch_hand=pl.col("pitch_hand").mode().sort().first())
    people = sides.join(hands, on="person_id", how="full", coalesce=True).sort("person_id")
    return people.with_columns(full_name=pl.format("player {}", "person_id"))


def _read_all_pitches(data: Path) -> pl.DataFrame:
    files = sorted((data / "mlb" / "savant").glob("*.csv.gz"))
    return pl.concat(read_pitches(path, _PITCH_COLUMNS) for path in files)


def _merge(ports: Ports, name: str, rows: pl.DataFrame, now: datetime) -> None:
    table = get_table(name)
    known = rows.select(pl.col(one).cast(dtype) for one, dtype in table.schema.items() if one in rows.columns)
    ports.warehouse.ensure_table(table)
    ports.warehouse.merge_rows(
        table, known.with_columns(source=pl.lit("savant"), run_id=pl.lit(RUN), collected_at=pl.lit(now))
    )
