"""Whom forecasts are measured against, and what each family of features adds."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hankstank.evaluation import measures
from hankstank.evaluation.rivals import Matched
from hankstank.evaluation.walk import Forecasts, Judged, forecasts, made_by, naively
from services.trainer.frames import Sample
from services.trainer.recipes import recipe
from services.trainer.targets import Form, Target
from shared.distribution import Floats
from shared.states.elo import HOME_EDGE, SCALE

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


def ablation(judged: Judged, frame: pl.DataFrame, seasons: Sequence[int]) -> dict[str, Any]:
    """Return what each family of features does: log loss with it minus without, paired.

    A family the model reads is left out; one it does not read is added to the formula's terms. Below 0 the
    family helps.
    """
    target = judged.target
    happened = measures.counts(judged.rows, target.max_count)
    families = _CHOSEN["families"].get(target.name, {})
    form: Form = "fitted_terms" if target.rows == "game" else "boosted_formula"
    usual = _losses(target, form, frame, seasons, happened)
    answer = {}
    for name, columns in families.items():
        is_read = set(columns) <= {*target.terms, *target.features}
        changed = _without(target, columns) if is_read else _with(target, columns)
        other = _losses(changed, form, frame, seasons, happened)
        pair = (usual, other) if is_read else (other, usual)
        answer[name] = {"columns": columns, "read": is_read} | measures.difference(*pair, judged.rows.games)
    return answer


def _losses(
    target: Target, form: Form, frame: pl.DataFrame, seasons: Sequence[int], happened: np.ndarray
) -> Floats:
    made = made_by(recipe(target, form), target, frame, seasons)
    return measures.row_scores(made, happened)["log_loss"]


def _without(target: Target, columns: Sequence[str]) -> Target:
    kept = {
        name: tuple(c for c in getattr(target, name) if c not in columns)
        for name in ("features", "terms", "rising")
    }
    return replace(target, **kept)


def _with(target: Target, columns: Sequence[str]) -> Target:
    return replace(target, terms=(*target.terms, *columns))


def _formula(judged: Judged) -> Forecasts:
    """Return the formula as it stands, without a number fitted to a label (a tilted shape aside)."""
    target, rows = judged.target, judged.rows
    column = rows.frame[target.margin.column].to_numpy()
    means = 1 / (1 + np.exp(-column)) if target.margin.is_linked else column
    shapes = [model.specification.shape for model in judged.models.values()]
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
