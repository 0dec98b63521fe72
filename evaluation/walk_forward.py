"""Walk-forward forecasts of seasons: models trained before opening day, features as of the day before."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from services.trainer.api import (
    FittedModel,
    Recipe,
    Sample,
    TrainingPlan,
    build_candidates,
    build_sample,
    fit_recipe,
    fit_shape,
    naive_means,
)
from shared.modeling.distribution import NO_SHAPE, Floats, count_distribution
from shared.modeling.manifest import CountShape
from shared.modeling.target import Form, Target
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

WINDOW_DAYS: int = Settings.model_fields["training_window_days"].default


@dataclass(frozen=True)
class Forecasts:
    """One forecaster's distributions of some rows: `chances` (rows, 0 … max_count) and their means."""

    means: Floats
    chances: Floats

    def select_rows(self, mask: np.ndarray) -> "Forecasts":
        """Return the forecasts of some rows."""
        return Forecasts(self.means[mask], self.chances[mask])


@dataclass(frozen=True)
class WalkForwardResult:
    """A target's rows in the evaluated seasons, our and the naive forecasts, and the models by season."""

    target: Target
    rows: Sample
    ours: Forecasts
    naive: Forecasts
    forms: dict[int, Form]
    models: dict[int, FittedModel]


def walk_forward(target: Target, frame: pl.DataFrame, seasons: Sequence[int]) -> WalkForwardResult:
    """Return forecasts of `seasons`, each by the model that the trainer selects on the days before it.

    Args:
        target: the target to forecast.
        frame: labelled rows of the target's kind with `known_date`, including the history before `seasons`.
        seasons: the seasons to forecast.
    """
    rows = _sorted_sample(frame, target)
    models = {season: _train_model(target, rows, season) for season in seasons}
    parts = [_forecast_season(target, rows, season, models[season]) for season in seasons]
    return WalkForwardResult(
        target,
        _rows_of_seasons(rows, seasons),
        concat_forecasts([ours for ours, _ in parts]),
        concat_forecasts([naive for _, naive in parts]),
        {season: model.recipe.form for season, model in models.items()},
        models,
    )


def forecast_other_rows(result: WalkForwardResult, frame: pl.DataFrame) -> tuple[Sample, Forecasts]:
    """Return the same models' forecasts of other rows of the seasons, such as projected line-ups."""
    target, seasons = result.target, tuple(result.models)
    everything = _sorted_sample(frame, target)
    parts = [
        _model_forecasts(target, result.models[season], rows)
        for season in seasons
        if len(rows := season_rows(everything, season))
    ]
    return _rows_of_seasons(everything, seasons), concat_forecasts(parts)


def baseline_forecasts(
    target: Target, frame: pl.DataFrame, seasons: Sequence[int], *columns: str
) -> Forecasts:
    """Return forecasts proportional to a product of columns, scaled on the days before each season.

    Without columns every row gets the mean of those days.
    """
    baseline = replace(target, baseline_columns=columns)
    rows = _sorted_sample(frame, baseline)
    return concat_forecasts([_forecast_naive(baseline, rows, season) for season in seasons])


def forecasts_by_recipe(
    recipe: Recipe, target: Target, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Forecasts, Sample]:
    """Return forecasts by one recipe, fitted on the days before each season, and the rows forecast."""
    rows = _sorted_sample(frame, target)
    parts = []
    for season in seasons:
        model = fit_recipe(recipe, target, training_rows_before(rows, season))
        parts.append(_model_forecasts(target, model, season_rows(rows, season)))
    return concat_forecasts(parts), _rows_of_seasons(rows, seasons)


def build_forecasts(target: Target, means: Floats, rows: Sample, shape: CountShape = NO_SHAPE) -> Forecasts:
    """Return count distributions with the given means and shape."""
    return Forecasts(means, count_distribution(target.family, means, target.max_count, rows.trials, shape))


def training_rows_before(rows: Sample, season: int) -> Sample:
    """Return the rows known when a season begins, within the trainer's window."""
    opening = season_rows(rows, season).first_day
    known = rows.known_before(_day_number(opening))
    return known.rows_between(_day_number(opening - timedelta(days=WINDOW_DAYS)), _day_number(opening))


def season_rows(rows: Sample, season: int) -> Sample:
    """Return the rows of one season."""
    return rows.filter_rows((rows.frame["game_date"].dt.year() == season).to_numpy())


def _train_model(target: Target, rows: Sample, season: int) -> FittedModel:
    known = training_rows_before(rows, season)
    *_, last = build_candidates(target, known, None, TrainingPlan.FULL, known.last_day)
    log.info("%s %s: %s, %s", target.name, season, last.fitted.recipe.form, last.verdict.reason)
    return last.fitted


def _forecast_season(
    target: Target, rows: Sample, season: int, model: FittedModel
) -> tuple[Forecasts, Forecasts]:
    ours = _model_forecasts(target, model, season_rows(rows, season))
    return ours, _forecast_naive(target, rows, season)


def _forecast_naive(target: Target, rows: Sample, season: int) -> Forecasts:
    past, current = training_rows_before(rows, season), season_rows(rows, season)
    shape = fit_shape(target, naive_means(past, past), past)
    return build_forecasts(target, naive_means(past, current), current, shape)


def concat_forecasts(parts: Sequence[Forecasts]) -> Forecasts:
    """Return the forecasts of several parts' rows, one after another."""
    return Forecasts(
        np.concatenate([part.means for part in parts]), np.concatenate([part.chances for part in parts])
    )


def _rows_of_seasons(rows: Sample, seasons: Sequence[int]) -> Sample:
    return rows.filter_rows(rows.frame["game_date"].dt.year().is_in(list(seasons)).to_numpy())


def _sorted_sample(frame: pl.DataFrame, target: Target) -> Sample:
    player = () if target.rows == "game" else ("player_id",)
    return build_sample(frame.sort("game_date", "game_pk", *player), target)


def _model_forecasts(target: Target, model: FittedModel, rows: Sample) -> Forecasts:
    return build_forecasts(target, model.predict_means(rows), rows, model.specification.count_shape)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
