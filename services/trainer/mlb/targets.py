"""What is forecast: one target each, as data."""

from dataclasses import dataclass
from typing import Any, Literal

from shared.modeling.manifest import Family, Margin

Rows = Literal["game", "batter", "starter"]
Form = Literal["formula", "fitted_formula", "fitted_terms", "boosted_formula", "blended"]
SINGLE_FORMS: tuple[Form, ...] = ("formula", "fitted_formula", "fitted_terms", "boosted_formula")
FORMS: tuple[Form, ...] = (*SINGLE_FORMS, "blended")  # simple to rich; a blend is half line, half trees
TREE_FORMS: tuple[Form, ...] = ("boosted_formula", "blended")


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """How XGBoost may correct the formula: few shallow trees, strongly regularised."""

    rounds: int
    max_depth: int
    eta: float
    min_child_weight: float
    reg_lambda: float


@dataclass(frozen=True, slots=True)
class Target:
    """One forecast: its rows, label, the formula it starts from, and the naive forecast it must beat.

    The naive forecast is the product of `baseline_columns`, scaled to the label's mean on the days before;
    without columns a constant. `monotone_increasing` features can only raise the forecast. `trials` names
    the expected number of chances of a binomial. `terms` are added to the formula, each with a fitted weight.
    `default_form` is kept unless another form is better by more than a standard error.
    """

    name: str
    rows: Rows
    label: str
    margin: Margin
    objective: str
    family: Family
    max_count: int
    baseline_columns: tuple[str, ...]
    features: tuple[str, ...]
    monotone_increasing: tuple[str, ...]
    trees: TreeSettings
    trials: str | None = None
    terms: tuple[str, ...] = ()
    default_form: Form = "boosted_formula"

    @property
    def candidate_forms(self) -> tuple[Form, ...]:
        """Return the forms to try at every full build, the usual one first."""
        possible = (form for form in SINGLE_FORMS if self.terms or form != "fitted_terms")
        return (self.default_form, *(form for form in possible if form != self.default_form))

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Return every column that is needed to train, judge and serve it, each once."""
        trials = (self.trials,) if self.trials else ()
        read = (self.label, self.margin.column, *trials, *self.baseline_columns, *self.terms, *self.features)
        return tuple(dict.fromkeys(read))


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
    "park_runs",
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
_FEW_TREES = TreeSettings(rounds=40, max_depth=2, eta=0.05, min_child_weight=50, reg_lambda=20)
_TREES = TreeSettings(rounds=120, max_depth=3, eta=0.05, min_child_weight=100, reg_lambda=20)


def _batter_target(
    name: str, label: str, margin: str, naive: str, more: tuple[str, ...], **changes: Any
) -> Target:
    """Return a batter's count: binomial over his plate appearances unless said otherwise."""
    usual: dict[str, Any] = {
        "family": "binomial",
        "max_count": 8,
        "trials": "expected_plate_appearances",
        "monotone_increasing": (),
        "trees": _FEW_TREES,
    }
    return Target(
        name=name,
        rows="batter",
        label=label,
        margin=Margin(margin, "log"),
        objective="count:poisson",
        baseline_columns=(naive, "expected_plate_appearances"),
        features=(*_BATTER, *more),
        **{**usual, **changes},
    )


def _runs_target(side: Literal["home", "away"], other: Literal["home", "away"]) -> Target:
    return Target(
        name=f"{side}_score",
        rows="game",
        label=f"{side}_score",
        margin=Margin(f"{side}_expected_runs", "log"),
        objective="count:poisson",
        family="tilted",
        max_count=25,
        baseline_columns=(f"{side}_runs_for", f"{other}_runs_against"),
        features=(f"{other}_pen_fatigue", f"{other}_starter_log_experience", "park_runs", "month", *_AIR),
        monotone_increasing=(),
        terms=_AIR,
        trees=_FEW_TREES,
        default_form="fitted_terms",
    )


TARGETS = (
    Target(
        name="home_win",
        rows="game",
        label="home_win",
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
    ),
    _runs_target("home", "away"),
    _runs_target("away", "home"),
    _batter_target(
        "batter_hits",
        "hits",
        "expected_hits",
        "season_hit_rate",
        (
            "hit_rate_vs_starter",
            "hit_rate_vs_pen",
            "recent_hit_rate",
            "season_hit_rate",
            "batter_hit_rate",
            "batter_strikeout_rate",
            "opponents_pen_fatigue",
        ),
        monotone_increasing=("hit_rate_vs_starter", "hit_rate_vs_pen"),
        trees=TreeSettings(rounds=80, max_depth=3, eta=0.05, min_child_weight=50, reg_lambda=20),
    ),
    _batter_target(
        "batter_home_runs",
        "home_runs",
        "expected_home_runs",
        "season_home_run_rate",
        ("home_run_rate_vs_starter", "home_run_rate_vs_pen", "season_home_run_rate", "batter_home_run_rate"),
        monotone_increasing=("home_run_rate_vs_starter", "home_run_rate_vs_pen"),
        max_count=5,
        trees=TreeSettings(rounds=40, max_depth=2, eta=0.05, min_child_weight=20, reg_lambda=20),
    ),
    _batter_target(
        "batter_total_bases",
        "total_bases",
        "expected_total_bases",
        "batter_total_bases_rate",
        ("hit_rate_vs_starter", "home_run_rate_vs_starter", "batter_total_bases_rate"),
        family="tilted",
        max_count=16,
        trials=None,
    ),
    _batter_target(
        "batter_rbis",
        "rbis",
        "expected_total_bases",
        "season_runs_batted_in_rate",
        ("hit_rate_vs_starter", "home_run_rate_vs_starter", "season_runs_batted_in_rate"),
        family="tilted",
        max_count=12,
        trials=None,
        trees=TreeSettings(rounds=60, max_depth=2, eta=0.05, min_child_weight=100, reg_lambda=20),
    ),
    _batter_target(
        "batter_strikeouts",
        "strikeouts",
        "expected_batter_strikeouts",
        "batter_strikeouts_rate",
        ("batter_strikeouts_rate",),
        max_count=6,
    ),
    _batter_target(
        "batter_walks", "walks", "expected_walks", "batter_walk_rate", ("batter_walk_rate",), max_count=6
    ),
    Target(
        name="pitcher_strikeouts",
        rows="starter",
        label="strikeouts",
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
            "park_strikeout_shift",
            "catcher_strikeout_shift",
        ),
        monotone_increasing=("strikeout_rate_vs_lineup", "expected_batters_faced"),
        trees=_TREES,
    ),
    Target(
        name="pitcher_outs",
        rows="starter",
        label="outs",
        margin=Margin("expected_outs", "log"),
        objective="count:poisson",
        family="tilted",
        max_count=36,
        baseline_columns=("starter_outs",),
        features=(*_START, "strikeout_rate_vs_lineup", "reach_rate_vs_lineup", "pen_fatigue"),
        monotone_increasing=("starter_outs",),
        trees=_TREES,
    ),
)
