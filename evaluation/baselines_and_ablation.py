"""Whom forecasts are measured against, and what each family of features adds."""

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
from services.trainer.dataset import Integers, Sample
from services.trainer.recipes import build_recipe
from shared.modeling.distribution import Floats
from shared.modeling.target import Form, Rows, Target
from shared.sports.mlb.states.elo import HOME_EDGE, SCALE

_BATTERS_SEASONS = 1
_WITH_TREES = ("boosted_formula", "blended")
_GROUPS: dict[Rows, dict[str, Sequence[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text("utf-8")
)


def benchmark_forecasts(
    judged: WalkForwardResult,
    frame: pl.DataFrame,
    others: dict[str, MatchedBenchmark],
    seasons: Sequence[int],
) -> dict[str, Forecasts]:
    """Return every rival's forecasts of the judged rows; NaN where it made none."""
    target = judged.target
    found = {
        name: baseline_forecasts(target, frame, seasons, *columns)
        for name, columns in target.benchmarks.items()
    }
    found["formula, not fitted"] = _prior_forecasts(judged)
    if target.name != "home_win":
        return found
    return found | {"Elo": _elo_forecasts(judged.rows)} | _external_forecasts(judged.rows, others)


def ablate_feature_groups(judged: WalkForwardResult, frame: pl.DataFrame) -> dict[str, Any]:
    """Return what each family of features does: log loss with it minus without, paired.

    Columns that the model reads are left out. Of a family of which it reads none, all are added: to the trees
    of a model that has trees, as terms to a formula, scaled to the spread of the seasons before. Below 0 the
    family helps. Of batters the last judged season is taken: their rows are many.
    """
    target, form = judged.target, judged.forms[max(judged.forms)]
    seasons = sorted(judged.forms)[-_BATTERS_SEASONS if target.rows == "batter" else 0 :]
    usual, games = _log_losses(target, form, frame, seasons)
    frame = with_histories(target, frame)
    answer = {}
    for name, columns in feature_groups(target.rows).items():
        read = [column for column in columns if column in _model_columns(target, form)]
        changed = _without_columns(target, read) if read else _with_columns(target, form, columns)
        scaled = frame if read or form in _WITH_TREES else _standardise_columns(frame, columns, seasons[0])
        other, _ = _log_losses(changed, _ablated_form(changed, form), scaled, seasons)
        pair = (usual, other) if read else (other, usual)
        answer[name] = {"columns": read or columns, "read": bool(read)} | measures.paired_difference(
            *pair, games
        )
    return answer


def feature_groups(rows: Rows) -> dict[str, Sequence[str]]:
    """Return the columns of every family: those that rows carry, and histories added to them."""
    return _GROUPS[rows] | FAMILIES[rows]


def _log_losses(
    target: Target, form: Form, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Floats, Integers]:
    made, rows = forecasts_by_recipe(build_recipe(target, form), target, frame, seasons)
    happened = measures.observed_counts(rows, target.max_count)
    return measures.row_scores(made, happened)["log_loss"], rows.games


def _model_columns(target: Target, form: Form) -> tuple[str, ...]:
    if form in _WITH_TREES:
        return (*target.terms, *target.features)
    return target.terms if form == "fitted_terms" else ()


def _ablated_form(target: Target, form: Form) -> Form:
    """Return the form of a changed target: a formula to which terms were added has fitted terms."""
    if form in _WITH_TREES:
        return form
    return "fitted_terms" if target.terms else "fitted_formula"


def _without_columns(target: Target, columns: Sequence[str]) -> Target:
    kept: dict[str, Any] = {
        name: tuple(c for c in getattr(target, name) if c not in columns)
        for name in ("features", "terms", "monotone_increasing")
    }
    return replace(target, **kept)


def _with_columns(target: Target, form: Form, columns: Sequence[str]) -> Target:
    if form in _WITH_TREES:
        return replace(target, features=(*target.features, *columns))
    known = target.terms if form == "fitted_terms" else ()
    return replace(target, terms=(*known, *columns))


def _standardise_columns(frame: pl.DataFrame, columns: Sequence[str], first: int) -> pl.DataFrame:
    """Return the rows with columns in standard deviations from the mean of the seasons before `first`."""
    past = frame.filter(pl.col("game_date").dt.year() < first)
    spread = {name: (past[name].mean(), past[name].std() or 1.0) for name in columns}
    return frame.with_columns((pl.col(name) - mean) / deviation for name, (mean, deviation) in spread.items())


def _prior_forecasts(judged: WalkForwardResult) -> Forecasts:
    """Return the formula as it stands, without a number fitted to a label (a tilted shape aside)."""
    target, rows = judged.target, judged.rows
    column = rows.frame[target.margin.column].to_numpy()
    means = 1 / (1 + np.exp(-column)) if target.margin.is_linked else column
    shapes = [model.specification.count_shape for model in judged.models.values()]
    return build_forecasts(target, means, rows, shapes[0])


def _elo_forecasts(rows: Sample) -> Forecasts:
    chance = 1 / (1 + 10 ** (-(rows.frame["elo_difference"].to_numpy() + HOME_EDGE) / SCALE))
    return _win_forecasts(chance)


def _external_forecasts(rows: Sample, others: dict[str, MatchedBenchmark]) -> dict[str, Forecasts]:
    by_name: dict[str, dict[int, float]] = {}
    for matched in others.values():
        for name, chances in matched.chances.items():
            by_name.setdefault(name.replace("_", " "), {}).update(chances)
    games = rows.games.tolist()
    return {
        name: _win_forecasts(np.array([chances.get(game, np.nan) for game in games]))
        for name, chances in sorted(by_name.items())
    }


def _win_forecasts(chance: Floats) -> Forecasts:
    return Forecasts(chance, np.column_stack([1 - chance, chance]))
