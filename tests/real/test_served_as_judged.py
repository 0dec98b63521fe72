"""A thousand real games of 2016 through the API: the forecasts that the trainer's evaluation judged, to 1e-6.

Each day stands on a snapshot of its own, made from the rows of the games before it. Of every other game line-ups
and starters are posted in the snapshot, of the rest they come with the question, and the snapshot expects the
same nine in another order: it knows who catches.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec
import polars as pl
import pytest
from flask.testing import FlaskClient

from evaluation.rows import model_rows
from evaluation.seasons import RealSeason, read_seasons
from evaluation.walk_forward import WalkForwardResult, walk_forward
from services.features.mlb.build import build_days
from services.predict_api.app import create_app
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.sports.mlb.states import States
from shared.sports.mlb.targets import TARGETS
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.data import DATA, needs_data
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import records
from tests.unit.services.predict_api.serving.test_release_manager import pushed
from tests.unit.shared.modeling.manifests import manifest

SEASONS = (2014, 2015, 2016)
GAMES = 1000
SERVED = ("home_win", "home_score", "away_score", "pitcher_strikeouts", "batter_hits")
TOLERANCE = 1e-6
pytestmark = [pytest.mark.real, pytest.mark.timeout(3600), needs_data("mlb", "retrosheet")]

Key = tuple[str, int, int | None]  # target, game, player


@dataclass(frozen=True)
class Asked:
    """What the API said, beside what was judged, of everything that was asked."""

    said: dict[Key, float]
    games: int
    seconds: float


@pytest.fixture(scope="module")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> list[RealSeason]:
    return read_seasons(DATA, SEASONS, tmp_path_factory.mktemp("seasons"))


@pytest.fixture(scope="module")
def judged(seasons: list[RealSeason]) -> dict[str, WalkForwardResult]:
    rows = model_rows(seasons)
    return {
        one.name: walk_forward(one, rows.select_kind(one.rows), [2016])
        for one in TARGETS
        if one.name in SERVED
    }


@pytest.fixture(scope="module")
def requested(seasons: list[RealSeason], judged: dict[str, WalkForwardResult]) -> Asked:
    objects = InMemoryObjectStore()
    models = {target: save(objects, one) for target, one in judged.items()}
    client = create_app(objects, lambda: datetime(2016, 10, 3, tzinfo=UTC)).test_client()
    said: dict[Key, float] = {}
    games, began = 0, time.perf_counter()
    for states, day in evenings(seasons):
        publish(objects, states, seasons[-1], day, models)
        assert client.post("/events", data=pushed()).status_code == 200
        for game in seasons[-1].games.filter(pl.col("game_date") == day).iter_rows(named=True):
            said |= request_once(
                client, game, seasons[-1].lineups.filter(pl.col("game_pk") == game["game_pk"])
            )
            games += 1
        if games >= GAMES:
            break
    return Asked(said, games, time.perf_counter() - began)


def evenings(seasons: list[RealSeason]) -> Iterator[tuple[States, date]]:
    """Return every second day of 2016 with games, and the states of the evening before it."""
    states = None
    for one in seasons[:-1]:
        states = finished_run(states, one, days_of(one))
    last = days_of(seasons[-1])
    for before, day in zip(last[::2], last[1::2], strict=False):
        yield (states := finished_run(states, seasons[-1], [before])), day
        states = finished_run(states, seasons[-1], [day])


def finished_run(states: States | None, season: RealSeason, days: list[date]) -> States:
    after, _ = build_days(
        states or States.empty(days[0]), season.features_input(), days, dict.fromkeys(days, "")
    )
    return after


def days_of(season: RealSeason) -> list[date]:
    return sorted({*season.games["game_date"], *season.games["completed_date"]})


def save(objects: ObjectStore, judged: WalkForwardResult) -> registry.ModelRef:
    """Save the model that was judged, as it was."""
    made = judged.models[2016]
    result = {name: getattr(made.specification, name) for name in made.specification.__struct_fields__}
    made_by = {name: result[name] for name in result if name not in ("target", "version", "artifact_sha256")}
    target = judged.target.name
    saved = manifest(target, "1.0.0", made.artifact, objective=judged.target.objective, **made_by)
    return registry.save_model(objects, target, "1.0.0", made.artifact, saved)


def publish(
    objects: ObjectStore, states: States, season: RealSeason, day: date, models: dict[str, registry.ModelRef]
) -> None:
    """Release what was known on the evening before `day`."""
    games = season.games.filter(pl.col("game_date") == day).with_columns(
        scheduled_start=datetime(day.year, day.month, day.day, 23, tzinfo=UTC),
        detailed_state=pl.lit("Scheduled"),
        status=pl.lit("Scheduled"),
    )
    posted = season.lineups.filter(pl.col("game_pk").is_in(games["game_pk"].to_list()))
    tables = {
        **states.to_tables(),
        "schedule": games,
        "lineups": posted.filter(pl.col("game_pk") % 2 == 0),
        "recent_lineups": expected(posted),
        "people": people(season, posted),
        "clubs": clubs(season),
        "venues": pl.DataFrame(schema={"venue_id": pl.Int64, "name": pl.String}),
        **records(),
    }
    name = snapshot.save_snapshot(Snapshot(day - timedelta(days=1), f"run-{day}", tables), objects)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    registry.publish_release(objects, snapshot=name, models=models, run_id="r", now=now, reason="test")


def expected(posted: pl.DataFrame) -> pl.DataFrame:
    """Return the same nine, last to first."""
    batting = posted.filter(pl.col("batting_slot").is_not_null())
    turned = batting.with_columns(batting_slot=10 - pl.col("batting_slot"))
    return turned.select("game_pk", "team_id", "player_id", "batting_slot", "position")


def people(season: RealSeason, posted: pl.DataFrame) -> pl.DataFrame:
    of_clubs = posted.select("team_id", person_id="player_id").unique("person_id")
    known = season.people.join(of_clubs, on="person_id", how="left")
    return known.with_columns(
        full_name=pl.col("person_id").cast(pl.String), primary_position=pl.lit(None, pl.String)
    )


def clubs(season: RealSeason) -> pl.DataFrame:
    ids = pl.concat([season.games["home_team_id"], season.games["away_team_id"]]).unique().sort()
    called = {name: ids.cast(pl.String) for name in ("abbreviation", "name", "location", "nickname")}
    return pl.DataFrame({"team_id": ids, **called})


def request_once(client: FlaskClient, game: dict[str, object], posted: pl.DataFrame) -> dict[Key, float]:
    """Return what the API says of a game; of its starters and two batters where their line-up is posted."""
    pk = game["game_pk"]
    question = {
        "home_team": game["home_team_id"],
        "away_team": game["away_team_id"],
        "game_date": str(game["game_date"]),
        "game_number": game["game_number"],
    }
    if pk % 2:
        question |= named(game, posted)
    result = answered(client, "/predict/game", question)["predictions"]
    score = result["predicted_score"]
    said: dict[Key, float] = {
        ("home_win", pk, None): result["home_win_probability"],
        ("home_score", pk, None): score["home"],
        ("away_score", pk, None): score["away"],
    }
    return said if pk % 2 else said | ask_of_players(client, game, posted)


def ask_of_players(client: FlaskClient, game: dict[str, object], posted: pl.DataFrame) -> dict[Key, float]:
    where = {"game_date": str(game["game_date"]), "game_number": game["game_number"], "reasons": False}
    starters = posted.filter("is_starting_pitcher")["player_id"].to_list()
    batters = posted.filter(pl.col("batting_slot").is_in([1, 6]))["player_id"].to_list()
    said: dict[Key, float] = {}
    for target, stat, players in (
        ("pitcher_strikeouts", "strikeouts", starters),
        ("batter_hits", "hits", batters),
    ):
        for player in players:
            result = answered(client, "/predict/player", {"player_id": player, "stats": [stat], **where})
            said[target, game["game_pk"], player] = result["predictions"][stat]["mean"]
    return said


def named(game: dict[str, object], posted: pl.DataFrame) -> dict[str, object]:
    """Return the line-ups and starters of a game as a question names them."""
    starters, lineups = {}, {}
    for side in ("home", "away"):
        own = posted.filter(pl.col("team_id") == game[f"{side}_team_id"])
        lineups[side] = (
            own.filter(pl.col("batting_slot").is_not_null()).sort("batting_slot")["player_id"].to_list()
        )
        starters[side] = own.filter("is_starting_pitcher")["player_id"][0]
    return {"starting_pitchers": starters, "lineups": lineups}


def answered(client: FlaskClient, path: str, question: dict[str, object]) -> dict[str, object]:
    answer = client.post(path, data=msgspec.json.encode(question))
    assert answer.status_code == 200, (question, answer.text)
    return answer.json


def evaluated(judged: dict[str, WalkForwardResult]) -> dict[Key, float]:
    """Return what was judged, by target, game and player."""
    found: dict[Key, float] = {}
    for target, one in judged.items():
        keys = one.rows.frame.select("game_pk", *(["player_id"] if one.target.rows != "game" else []))
        means = zip(keys.iter_rows(), one.ours.means, strict=True)
        found |= {(target, key[0], key[1] if len(key) > 1 else None): float(mean) for key, mean in means}
    return found


def test_forecasts_are_those_that_were_judged(
    requested: Asked, judged: dict[str, WalkForwardResult], tell: Callable[[str], None]
) -> None:
    expected = evaluated(judged)
    both = requested.said.keys() & expected.keys()
    gaps = {
        target: max(abs(requested.said[key] - expected[key]) for key in both if key[0] == target)
        for target in SERVED
    }
    tell(
        f"{requested.games} games of 2016, {len(both)} forecasts in {requested.seconds:.0f} s; largest differences: "
        + ", ".join(f"{target} {gap:.1e}" for target, gap in gaps.items())
    )
    assert requested.games >= GAMES
    assert len(both) >= 0.99 * len(requested.said)  # ties and suspended games were not judged
    assert max(gaps.values()) <= TOLERANCE
