"""The record of a forecast target: every fact that the services need to train, serve, show and score it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.modeling.manifest import Family, Margin

Rows = Literal["game", "batter", "starter"]
Form = Literal["formula", "fitted_formula", "fitted_terms", "boosted_formula", "blended"]
Measure = Literal["log_loss", "mae"]
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
class PlausibleBound:
    """The lowest score that an honest forecast of real games can reach.

    It is in the unit in which the trainer scores the target: `log_loss` in nats of the whole distribution of
    counts (for a win: of the win), `mae` in counts.
    """

    measure: Measure
    least: float


@dataclass(frozen=True, slots=True)
class Target:
    """One forecast, from its training rows to the words on its page.

    Names and words:
        name: the target in stores, events and releases, such as batter_hits.
        title: what pages call it.
        stat: what clients of the API call it, such as hits; "" for a target of a game.
        unit: what one counts, in the plural, such as "home runs".
        abbreviation: the column's head in tables, such as HR; "" for the statistic's name.

    What happened:
        rows: whose forecast it is: a game's, a starting batter's or a starting pitcher's.
        label: the column of the feature table that holds what happened.
        outcome: the same from box scores, to score stored forecasts: a column of player_stats_historical,
            or for a game an SQL expression over games_historical as `p`, null where nothing can be scored.

    How it is forecast:
        margin: the column of the formula that a model starts from.
        family, max_count: the distribution, 0 to `max_count`; the last count includes all above it.
        trials: the column with the expected number of chances of a binomial.
        features: what trees may read. `monotone_increasing` ones can only raise the forecast.
        terms: columns added to the formula, each with a fitted weight.
        default_form: kept unless another form is better by more than a standard error.

    How it is judged:
        baseline_columns: the naive forecast is their product, scaled to the label's mean on the days before;
            without columns a constant.
        benchmarks: further simple forecasts that the evaluation compares with, by name; columns likewise.
        bound: a better score than this raises the leak alarm.
    """

    name: str
    title: str
    rows: Rows
    label: str
    outcome: str
    margin: Margin
    objective: str
    family: Family
    max_count: int
    baseline_columns: tuple[str, ...]
    features: tuple[str, ...]
    monotone_increasing: tuple[str, ...]
    trees: TreeSettings
    bound: PlausibleBound
    stat: str = ""
    unit: str = ""
    abbreviation: str = ""
    trials: str | None = None
    terms: tuple[str, ...] = ()
    default_form: Form = "boosted_formula"
    benchmarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
