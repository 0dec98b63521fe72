"""A store with a release, small enough to know by heart: Boston and New York, a doubleheader, four models."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import xgboost

from shared.modeling import registry
from shared.modeling.manifest import Margin, features_hash
from shared.ports import ObjectStore
from shared.sports.mlb.states import States
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.unit.shared.modeling.manifests import manifest

AS_OF = date(2026, 5, 1)
TOMORROW = AS_OF + timedelta(days=1)
DOUBLEHEADER_DAY = AS_OF + timedelta(days=2)
NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
BOS, NYY = 111, 147
BOS_STARTER, NYY_STARTER = 1001, 2001
BOS_BATTERS, NYY_BATTERS = tuple(range(1101, 1110)), tuple(range(2101, 2110))
NOBODYS = 3001
DEBUTANT = 4001  # starts the second game of the doubleheader, and has never played

FORMS = {
    "home_win": ("bernoulli", 1, Margin("margin_home_win", "logit", is_linked=True), "elo_difference", None),
    "batter_hits": ("binomial", 6, Margin("expected_hits", "log"), "month", "expected_plate_appearances"),
    "batter_home_runs": (
        "binomial",
        4,
        Margin("expected_home_runs", "log"),
        "month",
        "expected_plate_appearances",
    ),
    "pitcher_strikeouts": ("poisson", 20, Margin("expected_strikeouts", "log"), "month", None),
}
OBJECTIVES = {"bernoulli": "binary:logistic", "binomial": "count:poisson", "poisson": "count:poisson"}


def fill(objects: ObjectStore, run_id: str = "run-1", shift: float = 0.0) -> registry.Release:
    """Save a snapshot and four models that say what their formula says, `shift` added on the link's scale."""
    name = snapshot.save_snapshot(Snapshot(AS_OF, run_id, tables()), objects)
    refs = {target: _model(objects, target, shift) for target in FORMS}
    return registry.publish_release(
        objects, snapshot=name, models=refs, run_id=run_id, now=NOW, reason="test"
    )


def _model(objects: ObjectStore, target: str, shift: float) -> registry.ModelRef:
    family, max_count, margin, feature, trials = FORMS[target]
    artifact = bytes(_untrained(feature, OBJECTIVES[family]).save_raw("ubj"))
    version = registry.next_version(objects, target, "patch")
    made = manifest(
        target,
        version,
        artifact,
        family=family,
        max_count=max_count,
        margin=Margin(margin.column, margin.link, margin.is_linked, shift, 1.0),
        features=(feature,),
        features_sha256=features_hash((feature,)),
        trials=trials,
    )
    return registry.save_model(objects, target, version, artifact, made)


def _untrained(feature: str, objective: str) -> xgboost.Booster:
    rows = xgboost.DMatrix(np.zeros((2, 1)), label=[0, 1], feature_names=[feature], base_margin=[0.0, 0.0])
    return xgboost.train({"objective": objective, "nthread": 1, "base_score": 0.5}, rows, num_boost_round=0)


def tables() -> dict[str, pl.DataFrame]:
    return {
        **States.empty(TOMORROW).to_tables(),
        "schedule": pl.DataFrame(
            [game_row(1, TOMORROW, 1), game_row(2, DOUBLEHEADER_DAY, 1), game_row(3, DOUBLEHEADER_DAY, 2)]
        ),
        "lineups": _no_lineups(),
        "recent_lineups": pl.DataFrame(
            _nine(BOS, BOS_BATTERS) + _nine(NYY, NYY_BATTERS), schema_overrides={"in_place_of": pl.Int64}
        ),
        "people": pl.DataFrame(_people()),
        "clubs": pl.DataFrame(
            [_club(BOS, "BOS", "Boston", "Red Sox"), _club(NYY, "NYY", "New York", "Yankees")]
        ),
        "venues": pl.DataFrame({"venue_id": [3313], "name": ["Stadium"]}),
        **records(),
    }


def records() -> dict[str, pl.DataFrame]:
    """Return what was graded: two months of wins, and one game of a Boston batter."""
    month = {
        "target": "home_win",
        "model_version": "1.0.0",
        "is_challenger": False,
        "squared_error": 0.24,
        "variant": "projected",
    }
    months = [
        month
        | {"month": day, "forecasts": games, "log_loss": loss, "promised": 0.55, "happened": 0.5}
        | {"first_date": day, "last_date": day + timedelta(days=27)}
        for day, games, loss in ((date(2026, 3, 1), 100, 0.70), (date(2026, 4, 1), 300, 0.66))
    ]
    tenths = [
        {
            "target": "home_win",
            "tenth": n,
            "forecasts": 40,
            "promised": 0.35 + 0.04 * n,
            "happened": 0.3 + 0.05 * n,
        }
        | {"deviation": 0.5}
        for n in range(1, 11)
    ]
    game = {
        "player_id": BOS_BATTERS[0],
        "opponent_id": NYY,
        "batter_home_runs": 0,
        "expected_batter_hits": 0.9,
    }
    games = [
        game | {"game_pk": 100 + n, "game_date": AS_OF - timedelta(days=2 - n), "batter_hits": n}
        for n in range(3)
    ]
    return {
        "track_record": pl.DataFrame(months),
        "reliability": pl.DataFrame(tenths),
        "recent_games": pl.DataFrame(games),
    }


def game_row(game_pk: int, day: date, number: int) -> dict[str, object]:
    return {
        "game_pk": game_pk, "game_date": day, "season": 2026, "game_type": "R",
        "scheduled_start": datetime(day.year, day.month, day.day, 16 + 4 * number - 4, tzinfo=UTC),
        "game_number": number, "double_header": "N", "status": "Preview", "detailed_state": "Scheduled",
        "home_team_id": NYY, "away_team_id": BOS, "venue_id": 3313,
        "home_probable_pitcher_id": DEBUTANT if game_pk == 3 else NYY_STARTER, "away_probable_pitcher_id": BOS_STARTER,
    }  # fmt: skip


def _nine(team_id: int, batters: tuple[int, ...]) -> list[dict[str, object]]:
    return [
        {
            "team_id": team_id,
            "player_id": player,
            "batting_slot": slot,
            "position": "DH" if slot == 9 else "CF",
            "in_place_of": None,
        }
        for slot, player in enumerate(batters, 1)
    ]


def _no_lineups() -> pl.DataFrame:
    schema = {
        "game_pk": pl.Int64, "team_id": pl.Int64, "player_id": pl.Int64, "batting_slot": pl.Int64,
        "is_starting_pitcher": pl.Boolean, "position": pl.String,
    }  # fmt: skip
    return pl.DataFrame(schema=schema)


def _people() -> list[dict[str, object]]:
    clubs = {BOS: (BOS_STARTER, *BOS_BATTERS), NYY: (NYY_STARTER, *NYY_BATTERS), None: (NOBODYS, DEBUTANT)}
    return [
        {
            "person_id": player, "full_name": f"Player {player}", "bat_side": "R", "pitch_hand": "R",
            "primary_position": "P" if player in (BOS_STARTER, NYY_STARTER) else "CF", "team_id": club,
        }
        for club, players in clubs.items()
        for player in players
    ]  # fmt: skip


def _club(team_id: int, abbreviation: str, location: str, nickname: str) -> dict[str, object]:
    return {
        "team_id": team_id, "abbreviation": abbreviation, "location": location, "nickname": nickname,
        "name": f"{location} {nickname}",
    }  # fmt: skip


def flag_codes(answer: Mapping[str, Any]) -> list[str]:
    """Return the codes of an answer's flags."""
    return [flag["code"] for flag in answer["flags"]]
