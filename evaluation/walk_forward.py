"""Walk-forward forecasts of seasons: models trained before opening day, features as of the day before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from services.trainer.api import (
    FittedModel,
    Recipe,
    Sample,
    build_recipe,
    build_sample,
    fit_recipe,
    fit_shape,
    naive_means,
)
from shared.modeling.distribution import NO_SHAPE, Floats, count_distribution
from shared.modeling.lineup_variants import CONFIRMED
from shared.modeling.manifest import CountShape
from shared.modeling.target import Target


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
    """A target's rows in the evaluated seasons, our and the naive forecasts, and the models by season.

    `variants` are rows of the same games with other line-ups, and their forecasts by what was learnt on such.
    """

    target: Target
    rows: Sample
    ours: Forecasts
    naive: Forecasts
    models: dict[int, FittedModel]
    variants: Mapping[str, tuple[Sample, Forecasts]] = field(default_factory=dict)


def walk_forward(
    target: Target,
    frame: pl.DataFrame,
    seasons: Sequence[int],
    other_lineups: Mapping[str, pl.DataFrame] | None = None,
) -> WalkForwardResult:
    """Return forecasts of `seasons`, each by the pool that the trainer fits on the days before it.

    Args:
        target: the target to forecast.
        frame: labelled rows of the target's kind with `known_date`, including the history before `seasons`.
        seasons: the seasons to forecast.
        other_lineups: the same games' rows by line-up variant.
    """
    rows = _sorted_sample(frame, target)
    others = {name: _sorted_sample(other, target) for name, other in (other_lineups or {}).items()}
    models = {season: _train_model(target, rows, others, season) for season in seasons}
    parts = [_forecast_season(target, rows, season, models[season]) for season in seasons]
    return WalkForwardResult(
        target,
        _rows_of_seasons(rows, seasons),
        concat_forecasts([ours for ours, _ in parts]),
        concat_forecasts([naive for _, naive in parts]),
        models,
        {name: _forecast_variant(target, own, models, name) for name, own in others.items()},
    )


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
        model = fit_recipe(recipe, target, _window_before(target, rows, season))
        parts.append(_model_forecasts(target, model, season_rows(rows, season)))
    return concat_forecasts(parts), _rows_of_seasons(rows, seasons)


def build_forecasts(target: Target, means: Floats, rows: Sample, shape: CountShape = NO_SHAPE) -> Forecasts:
    """Return count distributions with the given means and shape."""
    return Forecasts(means, count_distribution(target.family, means, target.max_count, rows.trials, shape))


def training_rows_before(rows: Sample, season: int) -> Sample:
    """Return the rows known when a season begins, of any length of history."""
    return rows.known_before(_day_number(season_rows(rows, season).first_day))


def season_rows(rows: Sample, season: int) -> Sample:
    """Return the rows of one season."""
    return rows.filter_rows((rows.frame["game_date"].dt.year() == season).to_numpy())


def _window_before(target: Target, rows: Sample, season: int) -> Sample:
    """Return the rows known when a season begins, within the target's window."""
    return training_rows_before(rows, season).newest_days(target.window_days)


def _train_model(target: Target, rows: Sample, others: Mapping[str, Sample], season: int) -> FittedModel:
    variants = {name: _window_before(target, own, season) for name, own in others.items()}
    return fit_recipe(build_recipe(target), target, _window_before(target, rows, season), variants)


def _forecast_variant(
    target: Target, rows: Sample, models: Mapping[int, FittedModel], variant: str
) -> tuple[Sample, Forecasts]:
    parts = [
        _model_forecasts(target, model, season_rows(rows, season), variant)
        for season, model in models.items()
    ]
    return _rows_of_seasons(rows, tuple(models)), concat_forecasts(parts)


def _forecast_season(
    target: Target, rows: Sample, season: int, model: FittedModel
) -> tuple[Forecasts, Forecasts]:
    ours = _model_forecasts(target, model, season_rows(rows, season))
    return ours, _forecast_naive(target, rows, season)


def _forecast_naive(target: Target, rows: Sample, season: int) -> Forecasts:
    past, current = _window_before(target, rows, season), season_rows(rows, season)
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


def _model_forecasts(target: Target, model: FittedModel, rows: Sample, variant: str = CONFIRMED) -> Forecasts:
    return build_forecasts(target, model.predict_means(rows, variant), rows, model.shape(variant))


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
