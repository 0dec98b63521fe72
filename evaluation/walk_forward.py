"""Seasons forecast as they would have been: models made before opening day, states of the day before."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from services.trainer.build import build
from services.trainer.dataset import Sample, sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.train import Fitted, fit
from services.trainer.mlb.targets import Form, Target
from services.trainer.recipes import Recipe
from services.trainer.selection.naive import naive_means
from services.trainer.selection.promotion import Plan
from shared.modeling.distribution import NO_SHAPE, Floats, distribution
from shared.modeling.manifest import Shape
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

WINDOW_DAYS: int = Settings.model_fields["training_window_days"].default


@dataclass(frozen=True)
class Forecasts:
    """One forecaster's distributions of some rows: P(0 … max_count) and means."""

    means: Floats
    chances: Floats

    def where(self, mask: np.ndarray) -> "Forecasts":
        """Return the forecasts of some rows."""
        return Forecasts(self.means[mask], self.chances[mask])


@dataclass(frozen=True)
class Judged:
    """A target's rows of the judged seasons, ours and naive's forecasts of them, and the models' forms."""

    target: Target
    rows: Sample
    ours: Forecasts
    naive: Forecasts
    forms: dict[int, Form]
    models: dict[int, Fitted]


def walk(target: Target, frame: pl.DataFrame, seasons: Sequence[int]) -> Judged:
    """Return forecasts of `seasons`, each by a model of the trainer's choice on the days before it.

    Args:
        target: what is forecast.
        frame: labelled rows of the target's kind with `known_date`, the history before `seasons` among them.
        seasons: to forecast.
    """
    everything = sample(frame.sort("game_date", "game_pk", *_player(target)), target)
    models = {season: _model(target, everything, season) for season in seasons}
    parts = [_forecast(target, everything, season, models[season]) for season in seasons]
    judged = _joined_rows(everything, seasons)
    return Judged(
        target,
        judged,
        _joined([ours for ours, _ in parts]),
        _joined([naive for _, naive in parts]),
        {season: model.recipe.form for season, model in models.items()},
        models,
    )


def again(judged: Judged, frame: pl.DataFrame) -> tuple[Sample, Forecasts]:
    """Return the same models' forecasts of other rows of the same seasons, such as projected line-ups."""
    target, seasons = judged.target, tuple(judged.models)
    everything = sample(frame.sort("game_date", "game_pk", *_player(target)), target)
    parts = [
        forecasts(target, judged.models[season].means(rows), rows, judged.models[season].specification.tilt)
        for season in seasons
        if len(rows := of_season(everything, season))
    ]
    return _joined_rows(everything, seasons), _joined(parts)


def naively(target: Target, frame: pl.DataFrame, seasons: Sequence[int], *columns: str) -> Forecasts:
    """Return forecasts in proportion to a product of columns, scaled on the days before each season.

    Without columns it is the constant: every row has the mean of the days before.
    """
    simple = replace(target, naive=columns)
    everything = sample(frame.sort("game_date", "game_pk", *_player(target)), simple)
    return _joined([_naive(simple, everything, season) for season in seasons])


def made_by(
    recipe: Recipe, target: Target, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Forecasts, Sample]:
    """Return forecasts by one recipe, made anew on the days before each season, and the rows forecast."""
    everything = sample(frame.sort("game_date", "game_pk", *_player(target)), target)
    parts = []
    for season in seasons:
        model, now = fit(recipe, target, past_of(everything, season)), of_season(everything, season)
        parts.append(forecasts(target, model.means(now), now, model.specification.tilt))
    return _joined(parts), _joined_rows(everything, seasons)


def forecasts(target: Target, means: Floats, rows: Sample, shape: Shape = NO_SHAPE) -> Forecasts:
    """Return the distributions around means."""
    return Forecasts(means, distribution(target.family, means, target.max_count, rows.trials, shape))


def past_of(rows: Sample, season: int) -> Sample:
    """Return what is known when a season begins, as far back as the trainer looks."""
    opening = of_season(rows, season).first
    known = rows.known_before(_number(opening))
    return known.between(_number(opening - timedelta(days=WINDOW_DAYS)), _number(opening))


def of_season(rows: Sample, season: int) -> Sample:
    """Return the rows of one season."""
    return rows.where((rows.frame["game_date"].dt.year() == season).to_numpy())


def _model(target: Target, rows: Sample, season: int) -> Fitted:
    known = past_of(rows, season)
    *_, last = build(target, known, None, Plan.FULL, known.last)
    log.info("%s %s: %s, %s", target.name, season, last.fitted.recipe.form, last.verdict.reason)
    return last.fitted


def _forecast(target: Target, rows: Sample, season: int, model: Fitted) -> tuple[Forecasts, Forecasts]:
    now = of_season(rows, season)
    ours = forecasts(target, model.means(now), now, model.specification.tilt)
    return ours, _naive(target, rows, season)


def _naive(target: Target, rows: Sample, season: int) -> Forecasts:
    known, now = past_of(rows, season), of_season(rows, season)
    shape = fit_shape(target, naive_means(known, known), known)
    return forecasts(target, naive_means(known, now), now, shape)


def _joined(parts: Sequence[Forecasts]) -> Forecasts:
    return Forecasts(
        np.concatenate([part.means for part in parts]), np.concatenate([part.chances for part in parts])
    )


def _joined_rows(rows: Sample, seasons: Sequence[int]) -> Sample:
    return rows.where(rows.frame["game_date"].dt.year().is_in(list(seasons)).to_numpy())


def _player(target: Target) -> tuple[str, ...]:
    return () if target.rows == "game" else ("player_id",)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
