"""Whom forecasts are measured against, and what each family of features adds."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.benchmarks import Matched
from evaluation.training_windows import FAMILIES, with_histories
from evaluation.walk_forward import Forecasts, Judged, forecasts, made_by, naively
from services.trainer.dataset import Integers, Sample
from services.trainer.mlb.targets import Form, Rows, Target
from services.trainer.recipes import recipe
from shared.modeling.distribution import Floats
from shared.sports.mlb.states.elo import HOME_EDGE, SCALE

_BATTERS_SEASONS = 1
_WITH_TREES = ("boosted_formula", "blended")
_CHOSEN: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def rivals(
    judged: Judged, frame: pl.DataFrame, others: dict[str, Matched], seasons: Sequence[int]
) -> dict[str, Forecasts]:
    """Return every rival's forecasts of the judged rows; NaN where it made none."""
    target = judged.target
    simple = _CHOSEN["naive"].get(target.name, {})
    found = {name: naively(target, frame, seasons, *columns) for name, columns in simple.items()}
    found["formula, not fitted"] = _formula(judged)
    if target.name != "home_win":
        return found
    return found | {"Elo": _elo(judged.rows)} | _others(judged.rows, others)


def ablation(judged: Judged, frame: pl.DataFrame) -> dict[str, Any]:
    """Return what each family of features does: log loss with it minus without, paired.

    Columns that the model reads are left out. Of a family of which it reads none, all are added: to the trees
    of a model that has trees, as terms to a formula, scaled to the spread of the seasons before. Below 0 the
    family helps. Of batters the last judged season is taken: their rows are many.
    """
    target, form = judged.target, judged.forms[max(judged.forms)]
    seasons = sorted(judged.forms)[-_BATTERS_SEASONS if target.rows == "batter" else 0 :]
    usual, games = _losses(target, form, frame, seasons)
    frame = with_histories(target, frame)
    answer = {}
    for name, columns in families(target.rows).items():
        read = [column for column in columns if column in _read(target, form)]
        changed = _without(target, read) if read else _with(target, form, columns)
        scaled = frame if read or form in _WITH_TREES else _scaled(frame, columns, seasons[0])
        other, _ = _losses(changed, _form(changed, form), scaled, seasons)
        pair = (usual, other) if read else (other, usual)
        answer[name] = {"columns": read or columns, "read": bool(read)} | measures.difference(*pair, games)
    return answer


def families(rows: Rows) -> dict[str, Sequence[str]]:
    """Return the columns of every family: those that rows carry, and histories added to them."""
    chosen: dict[str, Sequence[str]] = _CHOSEN["families"][rows]
    return chosen | FAMILIES[rows]


def _losses(
    target: Target, form: Form, frame: pl.DataFrame, seasons: Sequence[int]
) -> tuple[Floats, Integers]:
    made, rows = made_by(recipe(target, form), target, frame, seasons)
    happened = measures.counts(rows, target.max_count)
    return measures.row_scores(made, happened)["log_loss"], rows.games


def _read(target: Target, form: Form) -> tuple[str, ...]:
    if form in _WITH_TREES:
        return (*target.terms, *target.features)
    return target.terms if form == "fitted_terms" else ()


def _form(target: Target, form: Form) -> Form:
    """Return the form of a changed target: a formula to which terms were added has fitted terms."""
    if form in _WITH_TREES:
        return form
    return "fitted_terms" if target.terms else "fitted_formula"


def _without(target: Target, columns: Sequence[str]) -> Target:
    kept: dict[str, Any] = {
        name: tuple(c for c in getattr(target, name) if c not in columns)
        for name in ("features", "terms", "rising")
    }
    return replace(target, **kept)


def _with(target: Target, form: Form, columns: Sequence[str]) -> Target:
    if form in _WITH_TREES:
        return replace(target, features=(*target.features, *columns))
    known = target.terms if form == "fitted_terms" else ()
    return replace(target, terms=(*known, *columns))


def _scaled(frame: pl.DataFrame, columns: Sequence[str], first: int) -> pl.DataFrame:
    """Return the rows with columns in standard deviations from the mean of the seasons before `first`."""
    past = frame.filter(pl.col("game_date").dt.year() < first)
    spread = {name: (past[name].mean(), past[name].std() or 1.0) for name in columns}
    return frame.with_columns((pl.col(name) - mean) / deviation for name, (mean, deviation) in spread.items())


def _formula(judged: Judged) -> Forecasts:
    """Return the formula as it stands, without a number fitted to a label (a tilted shape aside)."""
    target, rows = judged.target, judged.rows
    column = rows.frame[target.margin.column].to_numpy()
    means = 1 / (1 + np.exp(-column)) if target.margin.is_linked else column
    shapes = [model.specification.tilt for model in judged.models.values()]
    return forecasts(target, means, rows, shapes[0])


def _elo(rows: Sample) -> Forecasts:
    chance = 1 / (1 + 10 ** (-(rows.frame["elo_difference"].to_numpy() + HOME_EDGE) / SCALE))
    return _wins(chance)


def _others(rows: Sample, others: dict[str, Matched]) -> dict[str, Forecasts]:
    by_name: dict[str, dict[int, float]] = {}
    for matched in others.values():
        for name, chances in matched.chances.items():
            by_name.setdefault(name.replace("_", " "), {}).update(chances)
    games = rows.games.tolist()
    return {
        name: _wins(np.array([chances.get(game, np.nan) for game in games]))
        for name, chances in sorted(by_name.items())
    }


def _wins(chance: Floats) -> Forecasts:
    return Forecasts(chance, np.column_stack([1 - chance, chance]))
