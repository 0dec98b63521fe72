"""Baseball's forecast targets: training, serving, scoring and pages are derived from one record each.

docs/architecture.md has the recipe for a new one.
"""

from dataclasses import replace
from typing import Any, Literal

import msgspec

from shared.modeling.manifest import Margin, TreeSettings, Voice
from shared.modeling.target import Rows, Target
from shared.storage import tables

_AIR = ("temperature", "wind_out")
_BATTER = (
    "slot",
    "expected_plate_appearances_vs_starter",
    "start_plate_appearances_mean",
    "club_expected_runs",
    "log_experience",
    "opponent_log_experience",
    "has_platoon_advantage",
    "is_home",
    "park_factor_runs",
    "month",
    *_AIR,
)
_START = (
    "expected_batters_faced",
    "starter_outs",
    "recent_batters_faced",
    "recent_pitches",
    "start_pitches_mean",
    "is_batting",
    "opponent_expected_runs",
    "recent_starts",
    "start_share",
    "days_since_last_start",
    "log_experience",
    "opponent_log_experience",
    "is_home",
    "month",
    "temperature",
)
_STRIKEOUTS = (
    *_START,
    "strikeout_rate_vs_lineup",
    "starter_strikeout_rate",
    "season_strikeout_rate",
    "recent_strikeout_rate",
    "lineup_strikeout_rate",
    "opponent_platoon_share",
    "park_strikeout_log_odds_effect",
    "catcher_strikeout_log_odds_effect",
)
_OUTS = (*_START, "strikeout_rate_vs_lineup", "reach_rate_vs_lineup", "bullpen_fatigue")
_BATTER_DAYS = 1461  # of the many rows of batters: longer gives nothing
_HOME_WIN = (
    "case when not ifnull(p.is_tie, p.home_score = p.away_score)"
    " then if(p.home_score > p.away_score, 1, 0) end"
)
_ROW_SHARE, _COLUMN_SHARE = 0.7, 0.5  # of a tree: drawn trees differ more, and their sum errs less


def _trees(rounds: int, max_depth: int, min_child_weight: float) -> TreeSettings:
    return TreeSettings(
        rounds=rounds,
        max_depth=max_depth,
        eta=0.05,
        min_child_weight=min_child_weight,
        reg_lambda=20,
        row_share=_ROW_SHARE,
        column_share=_COLUMN_SHARE,
    )


_FEW_TREES = _trees(rounds=50, max_depth=2, min_child_weight=50)
_TREES = _trees(rounds=150, max_depth=3, min_child_weight=100)


def _count_pool(
    features: tuple[str, ...], trees: TreeSettings, line_trees: TreeSettings | None = None
) -> tuple[Voice, ...]:
    """Return the two voices of a count: a line of every feature, and the formula's line with trees.

    The first has trees too where `line_trees` says so: it helps starters, who have few rows, and costs more
    than it gives where rows are many.
    """
    return (
        Voice(name="line of all features", terms=features, trees=line_trees),
        Voice(name="formula with trees", trees=trees),
    )


# How the home win's pool was chosen is in docs/decisions/20261201-pools-of-equal-weight.md.
_STRENGTHS = ("elo_difference", "starter_experience_difference", "lineup_experience_difference")
_BOTH_SIDES = (
    "lineup_runs_above_average",
    "starter_runs_above_average",
    "bullpen_runs_above_average",
    "catcher_runs_above_average",
    "starter_strikeout_rate",
    "starter_expected_batters",
    "starter_log_experience",
    "lineup_log_experience",
    "platoon_share",
    "regulars_share",
    "run_form",
    "season_win_pct",
    "recent_win_pct",
    "strength_of_schedule",
    "head_to_head_win_pct",
)
_WIN_POOL = (
    Voice(
        name="line learnt from run margins",
        terms=(*_STRENGTHS, "home_regulars_share", "away_regulars_share"),
        spread=0.02,
        learns="run_margin",
    ),
    Voice(name="line of strengths", terms=_STRENGTHS, spread=0.3),
    Voice(
        name="wide line",
        terms=(
            *_STRENGTHS,
            "park_factor_runs",
            *(f"{side}_{name}" for name in _BOTH_SIDES for side in ("home", "away")),
        ),
        spread=0.03,
    ),
    Voice(
        name="Elo with trees",
        terms=("elo_difference",),
        spread=0.5,
        follows_formula=False,
        trees=TreeSettings(
            rounds=300, max_depth=2, eta=0.03, min_child_weight=100, reg_lambda=20, row_share=_ROW_SHARE
        ),
    ),
)


# Log losses are of whole counts. The seasons 2013-2016 reached 1.188 to 1.200 for hits and .301 to .371 for
# home runs, their best months 1.172 and .283: the rate of home runs differs most between seasons.
def _batter_target(name: str, margin: str, rate: str, more: tuple[str, ...], **fields: Any) -> Target:
    """Return a batter's count: binomial over their plate appearances unless `fields` say otherwise.

    Args:
        name: the statistic, its label and its column in box scores; the target is called batter_<name>.
        margin: the column of the formula.
        rate: the column whose product with the plate appearances is the naive forecast.
        more: features beside those that all batters' targets have.
        fields: further fields of the record, or others in place of these.
    """
    usual: dict[str, Any] = {
        "label": name,
        "outcome": name,
        "unit": name.replace("_", " "),
        "family": "binomial",
        "max_count": 8,
        "trials": "expected_plate_appearances",
        "monotone_increasing": (),
        "window_days": _BATTER_DAYS,
        "benchmarks": {"constant": (), "line-up formula": (margin,)},
    }
    features = (*_BATTER, *more)
    return Target(
        name=f"batter_{name}",
        rows="batter",
        stat=name,
        margin=Margin(margin, "log"),
        objective="count:poisson",
        baseline_columns=(rate, "expected_plate_appearances"),
        features=features,
        pool=_count_pool(features, fields.pop("trees", _FEW_TREES)),
        **{**usual, **fields},
    )


def _score_target(
    side: Literal["home", "away"], other: Literal["home", "away"], title: str, bound: float
) -> Target:
    features = (
        f"{other}_bullpen_fatigue",
        f"{other}_starter_log_experience",
        "park_factor_runs",
        "month",
        *_AIR,
    )
    return Target(
        name=f"{side}_score",
        title=title,
        rows="game",
        label=f"{side}_score",
        outcome=f"p.{side}_score",
        margin=Margin(f"{side}_expected_runs", "log"),
        objective="count:poisson",
        family="tilted",
        max_count=25,
        baseline_columns=(f"{side}_runs_for", f"{other}_runs_against"),
        features=features,
        monotone_increasing=(),
        pool=_count_pool(features, _FEW_TREES),
        benchmarks={"constant": ()},
        bound=bound,
    )


_RECORDS = (
    Target(
        name="home_win",
        title="Home wins",
        rows="game",
        label="home_win",
        outcome=_HOME_WIN,
        margin=Margin("margin_home_win", "logit", is_linked=True),
        objective="binary:logistic",
        family="bernoulli",
        max_count=1,
        baseline_columns=(),
        features=("expected_run_difference", *_STRENGTHS),
        monotone_increasing=("expected_run_difference",),
        pool=_WIN_POOL,
        benchmarks={"home rate": ()},
        bound=0.672,
    ),
    _score_target("home", "away", "Runs of the home club", 2.25),
    _score_target("away", "home", "Runs of the visitors", 2.25),
    _batter_target(
        "hits",
        "expected_hits",
        "season_hit_rate",
        (
            "hit_rate_vs_starter",
            "hit_rate_vs_bullpen",
            "recent_hit_rate",
            "season_hit_rate",
            "batter_hit_rate",
            "batter_k_rate_shrunk",
            "opponent_bullpen_fatigue",
        ),
        title="Hits of a batter",
        abbreviation="H",
        monotone_increasing=("hit_rate_vs_starter", "hit_rate_vs_bullpen"),
        family="tilted",
        trials=None,
        trees=_trees(rounds=100, max_depth=3, min_child_weight=50),
        benchmarks={
            "constant": (),
            "shrunk rate, decayed": ("batter_hit_rate", "expected_plate_appearances"),
            "line-up formula": ("expected_hits",),
        },
        bound=1.15,
    ),
    _batter_target(
        "home_runs",
        "expected_home_runs",
        "season_home_run_rate",
        (
            "home_run_rate_vs_starter",
            "home_run_rate_vs_bullpen",
            "season_home_run_rate",
            "batter_home_run_rate",
        ),
        title="Home runs of a batter",
        abbreviation="HR",
        monotone_increasing=("home_run_rate_vs_starter", "home_run_rate_vs_bullpen"),
        max_count=5,
        trees=_trees(rounds=50, max_depth=2, min_child_weight=20),
        benchmarks={
            "constant": (),
            "shrunk rate, decayed": ("batter_home_run_rate", "expected_plate_appearances"),
            "line-up formula": ("expected_home_runs",),
        },
        bound=0.27,
    ),
    _batter_target(
        "rbis",
        "expected_total_bases",
        "season_runs_batted_in_rate",
        ("hit_rate_vs_starter", "home_run_rate_vs_starter", "season_runs_batted_in_rate"),
        title="Runs batted in",
        abbreviation="RBI",
        unit="runs batted in",
        family="tilted",
        max_count=12,
        trials=None,
        trees=_trees(rounds=75, max_depth=2, min_child_weight=100),
        benchmarks={"constant": ()},
        bound=0.78,
    ),
    _batter_target(
        "total_bases",
        "expected_total_bases",
        "batter_total_bases_rate",
        ("hit_rate_vs_starter", "home_run_rate_vs_starter", "batter_total_bases_rate"),
        title="Total bases of a batter",
        abbreviation="TB",
        family="tilted",
        max_count=16,
        trials=None,
        bound=1.5,
    ),
    _batter_target(
        "strikeouts",
        "expected_batter_strikeouts",
        "batter_k_rate_vs_league",
        ("batter_k_rate_vs_league",),
        title="Strikeouts of a batter",
        abbreviation="SO",
        max_count=6,
        bound=1.02,
    ),
    _batter_target(
        "walks",
        "expected_walks",
        "batter_walk_rate",
        ("batter_walk_rate",),
        title="Walks of a batter",
        abbreviation="BB",
        family="tilted",
        trials=None,
        max_count=6,
        bound=0.63,
    ),
    _batter_target(
        "doubles",
        "expected_doubles",
        "batter_doubles_rate",
        ("hit_rate_vs_starter", "batter_doubles_rate", "batter_total_bases_rate"),
        title="Doubles of a batter",
        abbreviation="2B",
        max_count=4,
        bound=0.45,
    ),
    _batter_target(
        "runs",
        "expected_runs_scored",
        "batter_hit_rate",
        ("hit_rate_vs_starter", "home_run_rate_vs_starter", "batter_walk_rate", "batter_total_bases_rate"),
        title="Runs scored by a batter",
        abbreviation="R",
        family="tilted",
        trials=None,
        bound=0.78,
    ),
    Target(
        name="pitcher_strikeouts",
        title="Strikeouts of a starter",
        abbreviation="SO",
        rows="starter",
        stat="strikeouts",
        unit="strikeouts",
        label="strikeouts",
        outcome="strikeouts_pitched",
        margin=Margin("expected_strikeouts", "log"),
        objective="count:poisson",
        family="tilted",
        max_count=25,
        baseline_columns=("starter_strikeout_rate",),
        features=_STRIKEOUTS,
        monotone_increasing=("strikeout_rate_vs_lineup", "expected_batters_faced"),
        pool=_count_pool(_STRIKEOUTS, _TREES, _TREES),
        benchmarks={
            "constant": (),
            "shrunk K% x batters faced": ("starter_strikeout_rate", "expected_batters_faced"),
            "line-up formula": ("strikeout_rate_vs_lineup", "expected_batters_faced"),
        },
        bound=2.13,
    ),
    Target(
        name="pitcher_outs",
        title="Outs of a starter",
        abbreviation="Outs",
        rows="starter",
        stat="outs",
        unit="outs",
        label="outs",
        outcome="outs_recorded",
        margin=Margin("expected_outs", "log"),
        objective="count:poisson",
        family="tilted",
        max_count=36,
        baseline_columns=("starter_outs",),
        features=_OUTS,
        monotone_increasing=("starter_outs",),
        pool=_count_pool(_OUTS, _TREES, _TREES),
        benchmarks={"constant": (), "line-up formula": ("expected_outs",)},
        bound=2.38,
    ),
)


def _with_table_features(record: Target) -> Target:
    """Return the record with the features whose table entry names it, after its own."""
    table = "game_features_daily" if record.rows == "game" else "player_features_daily"
    named = (one.name for one in tables.get_table(table).fields if record.name in one.targets)
    features = tuple(dict.fromkeys((*record.features, *named)))
    pool = tuple(
        msgspec.structs.replace(voice, terms=features) if voice.terms == record.features else voice
        for voice in record.pool
    )
    return replace(record, features=features, pool=pool)


TARGETS = tuple(_with_table_features(record) for record in _RECORDS)
BY_NAME = {target.name: target for target in TARGETS}


def select_targets(rows: Rows) -> tuple[Target, ...]:
    """Return the targets of games, batters or starters, in their order."""
    return tuple(target for target in TARGETS if target.rows == rows)
