"""Baselines and benchmarks that forecasts are compared with, and the ablation of feature groups."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
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
from shared.modeling.target import Rows, Target
from shared.sports.mlb.states.elo import HOME_EDGE, SCALE

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


def ablate_feature_groups(
    target: Target, frame: pl.DataFrame, seasons: Sequence[int]
) -> dict[str, dict[str, Any]]:
    """Return the effect of each feature group: log loss with it minus without, paired by row.

    Below 0 the group helps. The target's pool stays as it is: where it reads columns of a group, these are
    taken from all voices' terms and from the trees' features; where it reads none, the whole group is added
    to the voice with the most terms and to the trees. Every season is judged by the models of that season.
    """
    whole, games = _log_losses(target, frame, seasons)
    frame = with_histories(target, frame)
    effects = {}
    for name, columns in feature_groups(target.rows).items():
        used = [column for column in columns if column in read_columns(target)]
        changed = without_columns(target, used) if used else with_columns(target, columns)
        ablated, _ = _log_losses(changed, frame, seasons)
        pair = (whole, ablated) if used else (ablated, whole)
        effects[name] = {"columns": used or columns, "read": bool(used)} | measures.paired_difference(
            *pair, games
        )
    return effects


def feature_groups(rows: Rows) -> dict[str, Sequence[str]]:
    """Return the columns of every feature group: those of the model rows, and histories added to them."""
    return _GROUPS[rows] | FAMILIES[rows]


def read_columns(target: Target) -> set[str]:
    """Return the columns that a target's voices and trees read, beside the formula."""
    return {*target.features, *(name for voice in target.pool for name in voice.terms)}


def without_columns(target: Target, columns: Sequence[str]) -> Target:
    """Return the target whose pool does not read some columns."""

    def others(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in columns)

    pool = tuple(msgspec.structs.replace(voice, terms=others(voice.terms)) for voice in target.pool)
    return replace(
        target,
        features=others(target.features),
        monotone_increasing=others(target.monotone_increasing),
        pool=pool,
    )


def with_columns(target: Target, columns: Sequence[str]) -> Target:
    """Return the target whose trees and voice of the most terms read further columns."""
    widest = max(target.pool, key=lambda voice: len(voice.terms))
    wider = msgspec.structs.replace(widest, terms=(*widest.terms, *columns))
    pool = tuple(wider if voice == widest else voice for voice in target.pool)
    return replace(target, features=(*target.features, *columns), pool=pool)


def _log_losses(target: Target, frame: pl.DataFrame, seasons: Sequence[int]) -> tuple[Floats, Integers]:
    forecasts, rows = forecasts_by_recipe(build_recipe(target), target, frame, seasons)
    observed = measures.observed_counts(rows, target.max_count)
    return measures.row_scores(forecasts, observed)["log_loss"], rows.games


def _prior_forecasts(result: WalkForwardResult) -> Forecasts:
    """Return the formula's forecasts with nothing fitted to a label but the shape of the distribution."""
    target, rows = result.target, result.rows
    column = rows.frame[target.margin.column].to_numpy()
    means = 1 / (1 + np.exp(-column)) if target.margin.is_linked else column
    first = next(iter(result.models.values()))
    return build_forecasts(target, means, rows, first.shape())


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
