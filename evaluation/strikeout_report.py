"""Compares forecasts of starters' strikeouts on the same starts, and decides on the strikeout vector.

Every forecast is of a start that its fit did not see: models and scales are fitted at the beginning of each
period on the starts whose results were known by then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import polars as pl

from evaluation import measures
from evaluation.walk_forward import Forecasts, build_forecasts, concat_forecasts
from services.trainer.api import (
    Integers,
    Mask,
    Sample,
    build_recipe,
    build_sample,
    clustered_error,
    fit_recipe,
    fit_shape,
    naive_means,
    training_rows,
)
from shared.errors import Rejected
from shared.modeling.distribution import Floats
from shared.modeling.target import Target
from shared.modeling.vector import STRIKEOUTS_V1
from shared.ports import Warehouse
from shared.sports.mlb import game_types
from shared.sports.mlb.targets import BY_NAME
from shared.storage.sql_template import fill_template

TARGET = BY_NAME["pitcher_strikeouts"]
VECTOR_TARGET = replace(
    TARGET,
    features=STRIKEOUTS_V1.features,
    pool=tuple(
        msgspec.structs.replace(voice, terms=STRIKEOUTS_V1.features) if voice.terms else voice
        for voice in TARGET.pool
    ),
)
OURS, VECTOR = "ours, usual features", f"ours, {STRIKEOUTS_V1.name}"
MIN_STARTS_BEFORE = 400  # known starts without which a period is not judged
STANDARD_ERRORS = 2.0
POWER_ERRORS = STANDARD_ERRORS + 0.84  # 0.84: the normal quantile of 80 %
SEASONS_CHOSEN_ON = range(2011, 2017)  # for the model as it is: docs/model-card.md, "Data"
RULE = (
    f"{STRIKEOUTS_V1.name} is adopted only if its log loss is lower than that of the usual features by more "
    f"than {STANDARD_ERRORS:g} standard errors, paired by start and clustered by game, on a season's starts "
    "that nothing was chosen on."
)
_BOTTOM_UP = "bottom_up_strikeouts"
_NO_VECTOR = f"no row of {STRIKEOUTS_V1.name}"
_VECTORS = fill_template(
    "select game_pk, pitcher_id, {columns} from mlb_features.strikeouts_v1"
    " where game_date between @first and @last",
    columns=", ".join(STRIKEOUTS_V1.features),
)
_BASELINES: Mapping[str, tuple[str, ...]] = {
    "constant": (),
    "bottom-up": (_BOTTOM_UP,),
    "own K% x batters faced": ("starter_strikeout_rate", "expected_batters_faced"),
    "log5 with platoon": ("strikeout_rate_vs_lineup", "expected_batters_faced"),
}
_KEY = ("game_date", "game_pk", "player_id")
_SCORES = {"log_loss": "log_loss", "rps": "rps", "mae": "absolute", "rmse": "squared"}
Period = tuple[date, date]
Forecaster = Callable[[Sample, Sample], Forecasts]


class PairedScore(msgspec.Struct, frozen=True):
    """A score, lower is better, and its difference to that of our usual features: below 0 is better."""

    value: float
    difference: float
    se: float  # clustered by game


class ForecasterScores(msgspec.Struct, frozen=True):
    """One forecaster's scores: `log_loss` and `rps` of the distribution, `mae` and `rmse` of the mean."""

    name: str
    log_loss: PairedScore
    rps: PairedScore
    mae: PairedScore
    rmse: PairedScore


class FittedPeriod(msgspec.Struct, frozen=True):
    """Days that were judged by the same fit, and what it was fitted on."""

    first: date
    last: date
    judged: int
    fitted_on: int  # starts
    fitted_through: date  # the last day of which a start was fitted on


class Verdict(msgspec.Struct, frozen=True):
    """Whether the vector is adopted by `RULE`, and what the comparison could have seen.

    `is_better`: by more than two standard errors, on whatever season. `smallest_visible` is the true
    difference that exceeds two standard errors in four comparisons of five.
    """

    is_better: bool
    is_adopted: bool
    difference: float  # log loss of the vector less that of the usual features
    se: float
    smallest_visible: float
    text: str


class StrikeoutReport(msgspec.Struct, frozen=True):
    """The comparison of forecasters on a season's starts."""

    season: int
    first: date
    last: date
    starts: int
    games: int
    left_out: dict[str, int]  # starts of the season that are not compared, by reason
    periods: tuple[FittedPeriod, ...]
    forecasters: tuple[ForecasterScores, ...]
    vector: str
    vector_sha256: str  # of its features' names in order
    rule: str
    verdict: Verdict
    evaluations: dict[str, int] = {}  # how often the season was evaluated, this time included


class NothingToCompare(Rejected):
    """No start of the season can be compared."""

    def __init__(self, season: int, left_out: Mapping[str, int]) -> None:
        reasons = [f"{count} with {reason}" for reason, count in left_out.items()]
        super().__init__(f"no start of {season} can be compared: {', '.join(reasons) or 'none is stored'}")


@dataclass(frozen=True)
class JudgedPeriod:
    """The starts of a period, what its fits were made on, and each forecaster's forecasts."""

    past: Sample
    judged: Sample
    forecasts: Mapping[str, Forecasts]

    def describe(self) -> FittedPeriod:
        """Return the days and counts of the period."""
        return FittedPeriod(
            self.judged.first_day,
            self.judged.last_day,
            len(self.judged),
            len(self.past),
            self.past.last_day,
        )


def read_starts(warehouse: Warehouse, season: int) -> pl.DataFrame:
    """Return the starts of a season and of the trainer's window before it, for `compare_forecasters`.

    Raises:
        NothingToCompare: the stores have no starts, or no row of strikeouts_v1.
    """
    last, days = date(season, 12, 31), TARGET.window_days + 366
    players = training_rows(warehouse, "starter", last, days)
    vectors = warehouse.query_rows(_VECTORS, first=last - timedelta(days=days), last=last)
    if players.is_empty() or vectors.is_empty():
        raise NothingToCompare(season, {_NO_VECTOR: players.height} if players.height else {})
    own = [name for name in STRIKEOUTS_V1.features if name not in players.columns]
    found = vectors.select("game_pk", *own, player_id="pitcher_id", has_vector=True)
    starts = players.join(found, on=["game_pk", "player_id"], how="left")
    return starts.with_columns(pl.col("has_vector").fill_null(value=False))


def months_of(season: int) -> list[Period]:
    """Return the twelve months of a season's year."""
    firsts = [date(season, month, 1) for month in range(1, 13)] + [date(season + 1, 1, 1)]
    return [(first, after - timedelta(days=1)) for first, after in pairwise(firsts)]


def weeks_of(season: int) -> list[Period]:
    """Return the weeks of a season's year, from 1 January on."""
    days = (date(season, 1, 1) + timedelta(days=7 * week) for week in range(53))
    return [(first, min(first + timedelta(days=6), date(season, 12, 31))) for first in days]


def compare_forecasters(starts: pl.DataFrame, season: int, periods: Sequence[Period]) -> StrikeoutReport:
    """Return the comparison on the regular season's and the postseason's starts of `season`.

    Args:
        starts: the trainer's rows of starters with the columns of strikeouts_v1, and has_vector: whether
            that table has a row of the start; earlier seasons too, if stored.
        season: the season to judge.
        periods: days to judge by one fit each, in order; a period is left out while fewer than
            MIN_STARTS_BEFORE starts were known when it began.

    Raises:
        NothingToCompare: no start is left.
    """
    rows = build_sample(starts.filter("has_vector").sort(_KEY), TARGET, starts.columns)
    comparable = rows.filter_rows(_is_comparable(rows, season))
    parts = [part for period in periods if (part := judge_period(rows, comparable, period))]
    left_out = _count_left_out(starts, season, comparable, parts)
    if not parts:
        raise NothingToCompare(season, left_out)
    judged = [part.judged for part in parts]
    games = np.concatenate([part.games for part in judged])
    observed = np.concatenate([part.clipped_counts(TARGET.max_count) for part in judged])
    by_name = {name: concat_forecasts([part.forecasts[name] for part in parts]) for name in FORECASTERS}
    scores = score_forecasters(by_name, observed, games)
    return StrikeoutReport(
        season=season,
        first=judged[0].first_day,
        last=judged[-1].last_day,
        starts=len(games),
        games=len(np.unique(games)),
        left_out=left_out,
        periods=tuple(part.describe() for part in parts),
        forecasters=scores,
        vector=STRIKEOUTS_V1.name,
        vector_sha256=STRIKEOUTS_V1.sha256,
        rule=RULE,
        verdict=decide(next(one for one in scores if one.name == VECTOR), season),
    )


def score_forecasters(
    forecasts: Mapping[str, Forecasts], observed: Integers, games: Integers
) -> tuple[ForecasterScores, ...]:
    """Return each forecaster's scores with differences to those of `OURS`, paired by row.

    The error of a difference in RMSE is that of its linear approximation (the delta method).
    """
    rows = {name: measures.row_scores(one, observed) for name, one in forecasts.items()}
    ours = rows[OURS]
    return tuple(
        ForecasterScores(
            name,
            **{
                score: _paired_root(of_rows[key], ours[key], games)
                if score == "rmse"
                else _paired_mean(of_rows[key], ours[key], games)
                for score, key in _SCORES.items()
            },
        )
        for name, of_rows in rows.items()
    )


def decide(vector: ForecasterScores, season: int) -> Verdict:
    """Return whether `RULE` adopts the vector whose scores on a season these are."""
    difference, se = vector.log_loss.difference, vector.log_loss.se
    is_better, is_fair = difference < -STANDARD_ERRORS * se, season not in SEASONS_CHOSEN_ON
    is_adopted, visible = is_better and is_fair, POWER_ERRORS * se
    chosen = (
        "" if is_fair else f" The model's settings were chosen on {season}, so it cannot adopt the vector."
    )
    text = (
        f"{STRIKEOUTS_V1.name} is {'adopted' if is_adopted else 'not adopted'}: its log loss differs by "
        f"{difference:+.4f} ± {se:.4f}, and the rule requires less than {-STANDARD_ERRORS * se:.4f}. A true "
        f"difference of {visible:.4f} would have been seen in four of five such comparisons.{chosen}"
    )
    return Verdict(is_better, is_adopted, difference, se, visible, text)


def _scaled(*columns: str) -> Forecaster:
    """Return forecasts proportional to a product of columns, scaled to the mean of the starts before."""
    baseline = replace(TARGET, baseline_columns=columns)

    def forecast(past: Sample, after: Sample) -> Forecasts:
        known, rows = (build_sample(part.frame, baseline, part.frame.columns) for part in (past, after))
        shape = fit_shape(baseline, naive_means(known, known), known)
        return build_forecasts(baseline, naive_means(known, rows), rows, shape)

    return forecast


def _trained(target: Target) -> Forecaster:
    """Return forecasts by the target's pool."""
    recipe = build_recipe(target)

    def forecast(past: Sample, after: Sample) -> Forecasts:
        model = fit_recipe(recipe, target, past)
        return build_forecasts(target, model.predict_means(after), after, model.shape())

    return forecast


FORECASTERS: Mapping[str, Forecaster] = {
    **{name: _scaled(*columns) for name, columns in _BASELINES.items()},
    OURS: _trained(TARGET),
    VECTOR: _trained(VECTOR_TARGET),
}


def judge_period(rows: Sample, comparable: Sample, period: Period) -> JudgedPeriod | None:
    """Return the forecasts of a period; None: nothing to forecast, or too few starts known before."""
    first, last = map(_day_number, period)
    judged, past = comparable.rows_between(first, last), _known_before(rows, period[0])
    if not len(judged) or len(past) < MIN_STARTS_BEFORE:
        return None
    return JudgedPeriod(
        past, judged, {name: forecast(past, judged) for name, forecast in FORECASTERS.items()}
    )


def _is_counted(season: int) -> pl.Expr:
    return (pl.col("game_date").dt.year() == season) & pl.col("game_type").is_in(game_types.COUNTED)


def _is_comparable(rows: Sample, season: int) -> Mask:
    """Return which rows are of the season and have what every forecaster needs."""
    needed = sorted({column for columns in _BASELINES.values() for column in columns})
    known = pl.all_horizontal(pl.col(needed).is_not_null())
    return rows.frame.select(_is_counted(season) & known).to_series().to_numpy()


def _known_before(rows: Sample, day: date) -> Sample:
    """Return the rows whose results were known before `day`, within the trainer's window."""
    first = day - timedelta(days=TARGET.window_days)
    return rows.known_before(_day_number(day)).rows_between(_day_number(first), _day_number(day) - 1)


def _paired_mean(theirs: Floats, ours: Floats, games: Integers) -> PairedScore:
    paired = measures.paired_difference(theirs, ours, games)
    return PairedScore(float(theirs.mean()), paired["mean"], paired["se"])


def _paired_root(theirs: Floats, ours: Floats, games: Integers) -> PairedScore:
    their_root, our_root = (float(np.sqrt(squares.mean())) for squares in (theirs, ours))
    influence = theirs / (2 * their_root) - ours / (2 * our_root)
    return PairedScore(their_root, their_root - our_root, clustered_error(influence, games))


def _count_left_out(
    starts: pl.DataFrame, season: int, comparable: Sample, parts: Sequence[JudgedPeriod]
) -> dict[str, int]:
    """Return the season's starts that are not compared, by reason; reasons without any are left out."""
    of_season = starts.filter(_is_counted(season))
    without = of_season.filter(~pl.col("has_vector")).height
    counts = {
        _NO_VECTOR: without,
        "no whole line-up": of_season.height - without - len(comparable),
        f"fewer than {MIN_STARTS_BEFORE} starts known before": len(comparable)
        - sum(len(part.judged) for part in parts),
    }
    return {reason: count for reason, count in counts.items() if count}


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
