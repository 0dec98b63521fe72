"""The ablation removes the columns a model uses, adds those of unused groups, and covers every request."""

from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest

from evaluation import baselines_and_ablation
from evaluation.requested_families import REQUESTED_FEATURES
from shared.sports.mlb.targets import BY_NAME

NOT_REQUESTED = {"park beyond the formula", "own appearances"}
WIN, STRIKEOUTS = BY_NAME["home_win"], BY_NAME["pitcher_strikeouts"]


def terms_of(target):
    return {voice.name: voice.terms for voice in target.pool}


def test_removed_column_is_read_by_no_voice():
    bare = baselines_and_ablation.without_columns(WIN, ["elo_difference", "expected_run_difference"])
    assert baselines_and_ablation.read_columns(bare) == baselines_and_ablation.read_columns(WIN) - {
        "elo_difference",
        "expected_run_difference",
    }
    assert bare.monotone_increasing == ()
    assert list(terms_of(bare)) == list(terms_of(WIN))


@pytest.mark.parametrize(
    ("target", "voice"), [(WIN, "wide line"), (STRIKEOUTS, "line of all features")], ids=["win", "strikeouts"]
)
def test_added_column_is_read_by_the_trees_and_the_voice_of_the_most_terms(target, voice):
    wider = baselines_and_ablation.with_columns(target, ["weekday"])
    assert wider.features == (*target.features, "weekday")
    assert terms_of(wider) == terms_of(target) | {voice: (*terms_of(target)[voice], "weekday")}


def made_up_starts(days, column_matters):
    """Return two seasons of starts whose strikeouts follow the column `weekday`, or nothing."""
    rng = np.random.default_rng(3)
    n = 40 * days
    first = np.array(["2014-05-01", "2015-05-01"], "datetime64[D]")
    day = np.concatenate([first[0] + np.arange(n) % days, first[1] + np.arange(n) % days])
    noise = {name: rng.normal(1, 0.1, 2 * n) for name in STRIKEOUTS.required_columns}
    weekday = rng.normal(0, 1, 2 * n)
    counts = rng.poisson(5 * np.exp(0.3 * weekday * column_matters)).astype(float)
    groups = baselines_and_ablation.feature_groups("starter")
    others = {name: rng.normal(0, 1, 2 * n) for columns in groups.values() for name in columns}
    known = (
        others
        | noise
        | {"weekday": weekday, "strikeouts": counts, "expected_strikeouts": np.full(2 * n, 5.0)}
    )
    keys = {
        "game_pk": np.arange(2 * n) // 2,
        "player_id": np.arange(2 * n),
        "opponent_id": np.arange(2 * n) % 30,
    }
    return pl.DataFrame(keys | known | {"game_date": day, "known_date": day, "game_type": ["R"] * (2 * n)})


def test_a_group_that_counts_follow_helps_and_every_season_is_judged(monkeypatch):
    monkeypatch.setattr(
        baselines_and_ablation,
        "feature_groups",
        lambda _rows: {"day and weekday": ["weekday"], "month": ["month"]},
    )
    few = tuple(msgspec.structs.replace(voice, trees=None) for voice in STRIKEOUTS.pool)
    target = replace(STRIKEOUTS, pool=few)
    frame = pl.concat(
        [
            made_up_starts(20, column_matters=1),
            made_up_starts(20, column_matters=1).with_columns(
                pl.col("game_date", "known_date").dt.offset_by("2y"), pl.col("game_pk", "player_id") + 10_000
            ),
        ]
    )
    effects = baselines_and_ablation.ablate_feature_groups(target, frame, [2015, 2016, 2017])
    assert effects["day and weekday"]["rows"] == 3 * 800
    assert not effects["day and weekday"]["read"]
    assert effects["day and weekday"]["mean"] < -5 * effects["day and weekday"]["se"]
    assert effects["month"]["read"]
    assert abs(effects["month"]["mean"]) < 0.01


@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_groups_are_features_of_their_rows(kind):
    from shared.sports.mlb import matchup  # noqa: PLC0415

    known = {
        "game": matchup.GAME_FEATURES,
        "batter": matchup.BATTER_FEATURES,
        "starter": matchup.STARTER_FEATURES,
    }
    named = {name for columns in baselines_and_ablation._GROUPS[kind].values() for name in columns}
    assert named <= set(known[kind])


@pytest.mark.parametrize("requested", REQUESTED_FEATURES)
@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_requested_feature_is_in_a_group_or_has_a_reason(requested, kind):
    groups = REQUESTED_FEATURES[requested][kind]
    assert groups
    assert isinstance(groups, str) or set(groups) <= set(baselines_and_ablation.feature_groups(kind))


def test_every_other_group_is_requested():
    known = {
        name
        for by_kind in REQUESTED_FEATURES.values()
        for groups in by_kind.values()
        if isinstance(groups, list)
        for name in groups
    }
    assert known | NOT_REQUESTED == {
        name for kind in ("game", "batter", "starter") for name in baselines_and_ablation.feature_groups(kind)
    }
