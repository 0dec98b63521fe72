"""Baseball's forecast targets: training, serving, scoring and pages are derived from one record each.

docs/architecture.md has the recipe for a new one.
"""

from dataclasses import replace
from typing import Any, Literal

from shared.modeling.manifest import Margin
from shared.modeling.target import PlausibleBound, Rows, Target, TreeSettings
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
_HOME_WIN = (
    "case when not ifnull(p.is_tie, p.home_score = p.away_score)"
    " then if(p.home_score > p.away_score, 1, 0) end"
)
_FEW_TREES = TreeSettings(rounds=40, max_depth=2, eta=0.05, min_child_weight=50, reg_lambda=20)
_TREES = TreeSettings(rounds=120, max_depth=3, eta=0.05, min_child_weight=100, reg_lambda=20)


# Log losses are of whole counts. The seasons 2013-2016 reached 1.188 to 1.200 for hits and .301 to .371 for
# home runs, their best months 1.172 and .283: the rate of home runs differs most between seasons.
def _log_loss(least: float) -> PlausibleBound:
    return PlausibleBound("log_loss", least)


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
        "trees": _FEW_TREES,
        "benchmarks": {"constant": (), "line-up formula": (margin,)},
    }
    return Target(
        name=f"batter_{name}",
        rows="batter",
        stat=name,
        margin=Margin(margin, "log"),
        objective="count:poisson",
        baseline_columns=(rate, "expected_plate_appearances"),
        features=(*_BATTER, *more),
        **{**usual, **fields},
    )


def _score_target(
    side: Literal["home", "away"], other: Literal["home", "away"], title: str, bound: PlausibleBound
) -> Target:
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
        features=(
            f"{other}_bullpen_fatigue",
            f"{other}_starter_log_experience",
            "park_factor_runs",
            "month",
            *_AIR,
        ),
        monotone_increasing=(),
        terms=_AIR,
        trees=_FEW_TREES,
        default_form="fitted_terms",
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
        features=("expected_run_difference", "starter_experience_difference", "lineup_experience_difference"),
        monotone_increasing=("expected_run_difference",),
        terms=("starter_experience_difference", "lineup_experience_difference"),
        default_form="fitted_terms",
        trees=TreeSettings(rounds=30, max_depth=1, eta=0.05, min_child_weight=25, reg_lambda=20),
        benchmarks={"home rate": ()},
        bound=_log_loss(0.672),
    ),
    _score_target("home", "away", "Runs of the home club", _log_loss(2.25)),
    _score_target("away", "home", "Runs of the visitors", _log_loss(2.25)),
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
        trees=TreeSettings(rounds=80, max_depth=3, eta=0.05, min_child_weight=50, reg_lambda=20),
        benchmarks={
            "constant": (),
            "shrunk rate, decayed": ("batter_hit_rate", "expected_plate_appearances"),
            "line-up formula": ("expected_hits",),
        },
        bound=_log_loss(1.15),
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
        trees=TreeSettings(rounds=40, max_depth=2, eta=0.05, min_child_weight=20, reg_lambda=20),
        benchmarks={
            "constant": (),
            "shrunk rate, decayed": ("batter_home_run_rate", "expected_plate_appearances"),
            "line-up formula": ("expected_home_runs",),
        },
        bound=_log_loss(0.27),
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
        trees=TreeSettings(rounds=60, max_depth=2, eta=0.05, min_child_weight=100, reg_lambda=20),
        benchmarks={"constant": ()},
        bound=_log_loss(0.78),
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
        bound=_log_loss(1.5),
    ),
    _batter_target(
        "strikeouts",
        "expected_batter_strikeouts",
        "batter_k_rate_vs_league",
        ("batter_k_rate_vs_league",),
        title="Strikeouts of a batter",
        abbreviation="SO",
        max_count=6,
        bound=_log_loss(1.02),
    ),
    _batter_target(
        "walks",
        "expected_walks",
        "batter_walk_rate",
        ("batter_walk_rate",),
        title="Walks of a batter",
        abbreviation="BB",
        max_count=6,
        bound=_log_loss(0.63),
    ),
    _batter_target(
        "doubles",
        "expected_doubles",
        "batter_doubles_rate",
        ("hit_rate_vs_starter", "batter_doubles_rate", "batter_total_bases_rate"),
        title="Doubles of a batter",
        abbreviation="2B",
        max_count=4,
        bound=_log_loss(0.45),
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
        bound=_log_loss(0.78),
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
        family="poisson",
        max_count=25,
        baseline_columns=("starter_strikeout_rate",),
        features=(
            *_START,
            "strikeout_rate_vs_lineup",
            "starter_strikeout_rate",
            "season_strikeout_rate",
            "recent_strikeout_rate",
            "lineup_strikeout_rate",
            "opponent_platoon_share",
            "park_strikeout_log_odds_effect",
            "catcher_strikeout_log_odds_effect",
        ),
        monotone_increasing=("strikeout_rate_vs_lineup", "expected_batters_faced"),
        trees=_TREES,
        benchmarks={
            "constant": (),
            "shrunk K% x batters faced": ("starter_strikeout_rate", "expected_batters_faced"),
            "line-up formula": ("strikeout_rate_vs_lineup", "expected_batters_faced"),
        },
        bound=PlausibleBound("mae", 1.7),
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
        features=(*_START, "strikeout_rate_vs_lineup", "reach_rate_vs_lineup", "bullpen_fatigue"),
        monotone_increasing=("starter_outs",),
        trees=_TREES,
        benchmarks={"constant": (), "line-up formula": ("expected_outs",)},
        bound=_log_loss(2.38),
    ),
)


def _with_table_features(record: Target) -> Target:
    """Return the record with the features whose table entry names it, after its own."""
    table = "game_features_daily" if record.rows == "game" else "player_features_daily"
    named = (one.name for one in tables.get_table(table).fields if record.name in one.targets)
    return replace(record, features=tuple(dict.fromkeys((*record.features, *named))))


TARGETS = tuple(_with_table_features(record) for record in _RECORDS)
BY_NAME = {target.name: target for target in TARGETS}


def select_targets(rows: Rows) -> tuple[Target, ...]:
    """Return the targets of games, batters or starters, in their order."""
    return tuple(target for target in TARGETS if target.rows == rows)
