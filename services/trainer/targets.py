"""What is forecast: one target each, as data."""

from dataclasses import dataclass
from typing import Literal

from shared.model_manifest import Family, Margin

Rows = Literal["game", "batter", "starter"]


@dataclass(frozen=True, slots=True)
class Trees:
    """How XGBoost may correct the formula: few shallow trees, strongly regularised."""

    rounds: int
    max_depth: int
    eta: float
    min_child_weight: float
    reg_lambda: float


@dataclass(frozen=True, slots=True)
class Target:
    """One forecast: its rows, label, the formula it starts from, and the naive forecast it must beat.

    The naive forecast is the product of the `naive` columns, scaled to the label's mean on the days before:
    without columns a constant. `rising` features can only raise the forecast. `trials` names the expected
    number of chances of a binomial.
    """

    name: str
    rows: Rows
    label: str
    margin: Margin
    objective: str
    family: Family
    max_count: int
    naive: tuple[str, ...]
    features: tuple[str, ...]
    rising: tuple[str, ...]
    trees: Trees
    trials: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that is needed to train, judge and serve it, each once."""
        trials = (self.trials,) if self.trials else ()
        return tuple(dict.fromkeys((self.label, self.margin.column, *trials, *self.naive, *self.features)))


TARGETS = (
    Target(
        name="home_win",
        rows="game",
        label="home_win",
        margin=Margin("margin_home_win", "logit", is_linked=True),
        objective="binary:logistic",
        family="bernoulli",
        max_count=1,
        naive=(),
        features=(
            "expected_run_difference",
            "home_starter_log_experience",
            "away_starter_log_experience",
            "home_lineup_log_experience",
            "away_lineup_log_experience",
        ),
        rising=("expected_run_difference",),
        trees=Trees(rounds=30, max_depth=1, eta=0.05, min_child_weight=25, reg_lambda=20),
    ),
    Target(
        name="batter_hits",
        rows="batter",
        label="hits",
        margin=Margin("expected_hits", "log"),
        objective="count:poisson",
        family="binomial",
        max_count=8,
        naive=("season_hit_rate", "expected_plate_appearances"),
        trials="expected_plate_appearances",
        features=(
            "slot",
            "expected_plate_appearances_vs_starter",
            "hit_rate_vs_starter",
            "hit_rate_vs_pen",
            "recent_hit_rate",
            "season_hit_rate",
            "batter_strikeout_rate",
            "log_experience",
            "opponent_log_experience",
            "has_platoon_advantage",
            "is_home",
            "park_runs",
            "month",
        ),
        rising=("hit_rate_vs_starter", "hit_rate_vs_pen"),
        trees=Trees(rounds=60, max_depth=2, eta=0.05, min_child_weight=50, reg_lambda=20),
    ),
    Target(
        name="batter_home_runs",
        rows="batter",
        label="home_runs",
        margin=Margin("expected_home_runs", "log"),
        objective="count:poisson",
        family="binomial",
        max_count=5,
        naive=("season_home_run_rate", "expected_plate_appearances"),
        trials="expected_plate_appearances",
        features=(
            "home_run_rate_vs_starter",
            "home_run_rate_vs_pen",
            "season_home_run_rate",
            "log_experience",
            "opponent_log_experience",
            "slot",
            "month",
        ),
        rising=("home_run_rate_vs_starter", "home_run_rate_vs_pen"),
        trees=Trees(rounds=40, max_depth=2, eta=0.05, min_child_weight=20, reg_lambda=20),
    ),
    Target(
        name="pitcher_strikeouts",
        rows="starter",
        label="strikeouts",
        margin=Margin("expected_strikeouts", "log"),
        objective="count:poisson",
        family="poisson",
        max_count=25,
        naive=("starter_strikeout_rate",),
        features=(
            "strikeout_rate_vs_lineup",
            "expected_batters_faced",
            "starter_strikeout_rate",
            "season_strikeout_rate",
            "lineup_strikeout_rate",
            "opponent_platoon_share",
            "recent_starts",
            "start_share",
            "days_since_last_start",
            "log_experience",
            "is_home",
            "month",
        ),
        rising=("strikeout_rate_vs_lineup", "expected_batters_faced"),
        trees=Trees(rounds=80, max_depth=3, eta=0.05, min_child_weight=100, reg_lambda=20),
    ),
)
