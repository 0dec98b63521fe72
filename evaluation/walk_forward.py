"""Seasons forecast as they would have been: models made before opening day, states of the day before."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from services.trainer.build import build_candidates
from services.trainer.dataset import Sample, build_sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.train import FittedModel, fit_recipe
from services.trainer.recipes import Recipe
from services.trainer.selection.naive import naive_means
from services.trainer.selection.promotion import TrainingPlan
from shared.modeling.distribution import NO_SHAPE, Floats, count_distribution
from shared.modeling.manifest import CountShape
from shared.modeling.target import Form, Target
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

WINDOW_DAYS: int = Settings.model_fields["training_window_days"].default


@dataclass(frozen=True)
class Forecasts:
    """One forecaster's distributions of some rows: P(0 … max_count) and means."""

    means: Floats
    chances: Floats

    def select_rows(self, mask: np.ndarray) -> "Forecasts":
        """Return the forecasts of some rows."""
        return Forecasts(self.means[mask], self.chances[mask])


@dataclass(frozen=True)
class WalkForwardResult:
    """A target's rows of the judged seasons, ours and naive's forecasts of them, and the models' forms."""

    target: Target
    rows: Sample
    ours: Forecasts
    naive: Forecasts
    forms: dict[int, Form]
    models: dict[int, FittedModel]


def walk_forward(target: Target, frame: pl.DataFrame, seasons: Sequence[int]) -> WalkForwardResult:
    """Return forecasts of `seasons`, each by a model of the trainer's choice on the days before it.

    Args:
        target: what is forecast.
        frame: labelled rows of the target's kind with `known_date`, the history before `seasons` among them.
        seasons: to forecast.
    """
    everything = build_sample(frame.sort("game_date", "game_pk", *_player_sort_key(target)), target)
    models = {season: _train_model(target, everything, season) for season in seasons}
    parts = [_forecast_season(target, everything, season, models[season]) for season in seasons]
    judged = _rows_of_seasons(everything, seasons)
    return WalkForwardResult(
        target,
        judged,
        _concat_forecasts([ours for ours, _ in parts]),
        _concat_forecasts([naive for _, naive in parts]),
        {season: model.recipe.form for season, model in models.items()},
        models,
    )


def forecast_other_rows(judged: WalkForwardResult, frame: pl.DataFrame) -> tuple[Sample, Forecasts]:
    """Return the same models' forecasts of other rows of the same seasons, such as projected line-ups."""
    target, seasons = judged.target, tuple(judged.models)
    everything = build_sample(frame.sort("game_date", "game_pk", *_player_sort_key(target)), target)
    parts = [
        build_forecasts(
            target,
            judged.models[season].predict_means(rows),
            rows,
            judged.models[season].specification.count_shape,
        )
        for season in seasons
        if len(rows := season_rows(everything, season))
    ]
    return _rows_of_seasons(everything, seasons), _concat_forecasts(parts)


def baseline_forecasts(
    target: Target, frame: pl.DataFrame, seasons: Sequence[int], *columns: str
) -> Forecasts:
    """Return forecasts in proportion to a product of columns, scaled on the days before each season.

    Without columns it is the constant: every row has the mean of the days before.
    """
    simple = replace(target, baseline_columns=columns)
    everything = build_sample(frame.sort("game_date", "game_pk", *_player_sort_key(target)), simple)
    return _concat_forecasts([_forecast_naive(simple, everything, season) for season in seasons])


def forecasts_by_recipe(
    recipe: Recipe, target: Target, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Forecasts, Sample]:
    """Return forecasts by one recipe, made anew on the days before each season, and the rows forecast."""
    everything = build_sample(frame.sort("game_date", "game_pk", *_player_sort_key(target)), target)
    parts = []
    for season in seasons:
        model, now = (
            fit_recipe(recipe, target, training_rows_before(everything, season)),
            season_rows(everything, season),
        )
        parts.append(build_forecasts(target, model.predict_means(now), now, model.specification.count_shape))
    return _concat_forecasts(parts), _rows_of_seasons(everything, seasons)


def build_forecasts(target: Target, means: Floats, rows: Sample, shape: CountShape = NO_SHAPE) -> Forecasts:
    """Return the distributions around means."""
    return Forecasts(means, count_distribution(target.family, means, target.max_count, rows.trials, shape))


def training_rows_before(rows: Sample, season: int) -> Sample:
    """Return what is known when a season begins, as far back as the trainer looks."""
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
    now = season_rows(rows, season)
    ours = build_forecasts(target, model.predict_means(now), now, model.specification.count_shape)
    return ours, _forecast_naive(target, rows, season)


def _forecast_naive(target: Target, rows: Sample, season: int) -> Forecasts:
    known, now = training_rows_before(rows, season), season_rows(rows, season)
    shape = fit_shape(target, naive_means(known, known), known)
    return build_forecasts(target, naive_means(known, now), now, shape)


def _concat_forecasts(parts: Sequence[Forecasts]) -> Forecasts:
    return Forecasts(
        np.concatenate([part.means for part in parts]), np.concatenate([part.chances for part in parts])
    )


def _rows_of_seasons(rows: Sample, seasons: Sequence[int]) -> Sample:
    return rows.filter_rows(rows.frame["game_date"].dt.year().is_in(list(seasons)).to_numpy())


def _player_sort_key(target: Target) -> tuple[str, ...]:
    return () if target.rows == "game" else ("player_id",)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
