"""The record of a forecast target: every fact that the services need to train, serve, show and score it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.modeling.manifest import Family, Margin, Voice

Rows = Literal["game", "batter", "starter"]
Form = Literal["formula", "pool"]
RUN_MARGIN_LABELS = ("home_score", "away_score")  # of which a voice may learn


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
        pool: whose mean, on the scale of the link and with equal weights, is the forecast.
        family, max_count: the distribution, 0 to `max_count`; the last count includes all above it.
        trials: the column with the expected number of chances of a binomial.
        features: what trees may read. `monotone_increasing` ones can only raise the forecast.
        window_days: days of rows that it is fitted on.

    How it is judged:
        baseline_columns: the naive forecast is their product, scaled to the label's mean on the days before;
            without columns a constant.
        benchmarks: further simple forecasts that the evaluation compares with, by name; columns likewise.
        bound: the lowest log loss, in nats of the whole distribution of counts (for a win: of the win), that
            an honest forecast of real games can reach; a lower one raises the leak alarm.
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
    pool: tuple[Voice, ...]
    bound: float
    stat: str = ""
    unit: str = ""
    abbreviation: str = ""
    trials: str | None = None
    window_days: int = 2922
    benchmarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Return every column that is needed to train, judge and serve it, each once."""
        trials = (self.trials,) if self.trials else ()
        terms = (name for voice in self.pool for name in voice.terms)
        runs = RUN_MARGIN_LABELS if any(voice.learns == "run_margin" for voice in self.pool) else ()
        read = (
            self.label,
            self.margin.column,
            *trials,
            *self.baseline_columns,
            *terms,
            *self.features,
            *runs,
        )
        return tuple(dict.fromkeys(read))
