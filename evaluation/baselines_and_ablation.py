"""Baselines and benchmarks that forecasts are compared with, and the ablation of feature groups."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.benchmarks import MatchedBenchmark
from evaluation.training_windows import FAMILIES, with_histories
from evaluation.walk_forward import (
    Forecasts,
    WalkForwardResult,
    baseline_forecasts,
    build_forecasts,
    forecasts_by_recipe,
)
from services.trainer.api import Integers, Sample, build_recipe
from shared.modeling.distribution import Floats
from shared.modeling.target import Form, Rows, Target
from shared.sports.mlb.states.elo import HOME_EDGE, SCALE

_BATTERS_SEASONS = 1
_WITH_TREES = ("boosted_formula", "blended")
_GROUPS: dict[Rows, dict[str, Sequence[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text("utf-8")
)


def benchmark_forecasts(
    result: WalkForwardResult,
    frame: pl.DataFrame,
    matched: dict[str, MatchedBenchmark],
    seasons: Sequence[int],
) -> dict[str, Forecasts]:
    """Return other forecasts of the evaluated rows by name; NaN where there is none."""
    target = result.target
    forecasts = {
        name: baseline_forecasts(target, frame, seasons, *columns)
        for name, columns in target.benchmarks.items()
    }
    forecasts["formula, not fitted"] = _prior_forecasts(result)
    if target.name != "home_win":
        return forecasts
    return forecasts | {"Elo": _elo_forecasts(result.rows)} | _external_forecasts(result.rows, matched)


def ablate_feature_groups(result: WalkForwardResult, frame: pl.DataFrame) -> dict[str, Any]:
    """Return the effect of each feature group: log loss with it minus without, paired by row.

    Below 0 the group helps. If the model uses columns of a group, these are removed. If it uses none, the
    whole group is added: to the features of a model with trees, otherwise as terms of the formula, in
    standard deviations over the earlier seasons. Batters have many rows: only their last season is used.
    """
    target, form = result.target, result.forms[max(result.forms)]
    seasons = sorted(result.forms)[-_BATTERS_SEASONS if target.rows == "batter" else 0 :]
    deployed, games = _log_losses(target, form, frame, seasons)
    frame = with_histories(target, frame)
    effects = {}
    for name, columns in feature_groups(target.rows).items():
        used = [column for column in columns if column in _model_columns(target, form)]
        changed = _without_columns(target, used) if used else _with_columns(target, form, columns)
        scaled = frame if used or form in _WITH_TREES else _standardise_columns(frame, columns, seasons[0])
        ablated, _ = _log_losses(changed, _ablated_form(changed, form), scaled, seasons)
        pair = (deployed, ablated) if used else (ablated, deployed)
        effects[name] = {"columns": used or columns, "read": bool(used)} | measures.paired_difference(
            *pair, games
        )
    return effects


def feature_groups(rows: Rows) -> dict[str, Sequence[str]]:
    """Return the columns of every feature group: those of the model rows, and histories added to them."""
    return _GROUPS[rows] | FAMILIES[rows]


def _log_losses(
    target: Target, form: Form, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Floats, Integers]:
    forecasts, rows = forecasts_by_recipe(build_recipe(target, form), target, frame, seasons)
    observed = measures.observed_counts(rows, target.max_count)
    return measures.row_scores(forecasts, observed)["log_loss"], rows.games


def _model_columns(target: Target, form: Form) -> tuple[str, ...]:
    if form in _WITH_TREES:
        return (*target.terms, *target.features)
    return target.terms if form == "fitted_terms" else ()


def _ablated_form(target: Target, form: Form) -> Form:
    """Return the form of a changed target: a formula with added terms becomes fitted terms."""
    if form in _WITH_TREES:
        return form
    return "fitted_terms" if target.terms else "fitted_formula"


def _without_columns(target: Target, columns: Sequence[str]) -> Target:
    remaining: dict[str, Any] = {
        name: tuple(column for column in getattr(target, name) if column not in columns)
        for name in ("features", "terms", "monotone_increasing")
    }
    return replace(target, **remaining)


def _with_columns(target: Target, form: Form, columns: Sequence[str]) -> Target:
    if form in _WITH_TREES:
        return replace(target, features=(*target.features, *columns))
    terms = target.terms if form == "fitted_terms" else ()
    return replace(target, terms=(*terms, *columns))


def _standardise_columns(frame: pl.DataFrame, columns: Sequence[str], first: int) -> pl.DataFrame:
    """Return the rows with columns standardised by mean and deviation of the seasons before `first`."""
    past = frame.filter(pl.col("game_date").dt.year() < first)
    spread = {name: (past[name].mean(), past[name].std() or 1.0) for name in columns}
    return frame.with_columns((pl.col(name) - mean) / deviation for name, (mean, deviation) in spread.items())


def _prior_forecasts(result: WalkForwardResult) -> Forecasts:
    """Return the formula's forecasts with nothing fitted to a label but the shape of the distribution."""
    target, rows = result.target, result.rows
    column = rows.frame[target.margin.column].to_numpy()
    means = 1 / (1 + np.exp(-column)) if target.margin.is_linked else column
    shapes = [model.specification.count_shape for model in result.models.values()]
    return build_forecasts(target, means, rows, shapes[0])


def _elo_forecasts(rows: Sample) -> Forecasts:
    chance = 1 / (1 + 10 ** (-(rows.frame["elo_difference"].to_numpy() + HOME_EDGE) / SCALE))
    return _win_forecasts(chance)


def _external_forecasts(rows: Sample, matched: dict[str, MatchedBenchmark]) -> dict[str, Forecasts]:
    by_name: dict[str, dict[int, float]] = {}
    for benchmark in matched.values():
        for name, chances in benchmark.chances.items():
            by_name.setdefault(name.replace("_", " "), {}).update(chances)
    games = rows.games.tolist()
    return {
        name: _win_forecasts(np.array([chances.get(game, np.nan) for game in games]))
        for name, chances in sorted(by_name.items())
    }


def _win_forecasts(chance: Floats) -> Forecasts:
    return Forecasts(chance, np.column_stack([1 - chance, chance]))
