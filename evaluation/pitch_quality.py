"""Ablation of pitch quality: what rates of a pitcher's earlier pitches add to strikeout forecasts.

The evaluated seasons have no Statcast data, so this ablation has its own days, those of Savant's files. It
compares a model of earlier strikeouts per start with the same model plus some pitch rates.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.savant import read_starts
from evaluation.walk_forward import Forecasts, build_forecasts, concat_forecasts
from services.features.api import PITCH_RATES
from services.trainer.api import FORMULA_VOICE, Sample, build_recipe, build_sample, fit_recipe
from shared.modeling.manifest import Margin, Voice
from shared.modeling.target import Target
from shared.sports.mlb.targets import TARGETS

TRAINING_SHARE = 0.4  # of the days, before the first evaluated one
DAYS_BETWEEN_FITS = 7
FAMILIES = {
    "whiffs": ("whiff_rate",),
    "called and swinging strikes": ("called_or_swinging_strike_rate",),
    "zone and chases": ("zone_rate", "chase_rate"),
    "speed and spin": ("fastball_velocity", "fastball_spin"),
    "mix": ("fastball_share", "breaking_ball_share", "offspeed_share"),
    "contact": ("exit_velocity", "launch_angle", "hard_hit_rate", "barrel_rate"),
    "all of them": tuple(PITCH_RATES),
}
_FORMULA = "expected_strikeouts"
_SPREAD = 0.3  # of the weight of a rate in standard deviations
_STRIKEOUTS = next(target for target in TARGETS if target.name == "pitcher_strikeouts")
_BARE = replace(
    _STRIKEOUTS,
    margin=Margin(_FORMULA, "log"),
    baseline_columns=(),
    features=(_FORMULA,),
    monotone_increasing=(),
    pool=(FORMULA_VOICE,),
)


def pitch_quality(data: Path) -> dict[str, Any]:
    """Return each group's log loss with it minus without, paired, on starts of Savant's later days.

    Below 0 the group helps. The result is empty without files.
    """
    starts = read_starts(data)
    return ablate_pitch_rates(starts) if starts.height else {}


def ablate_pitch_rates(starts: pl.DataFrame) -> dict[str, Any]:
    """Return the ablation of `starts`, which have the columns of `savant.known_before`."""
    frame = starts.with_columns(known_date="game_date", game_type=pl.lit("R"))
    without, rows = _weekly_forecasts(_BARE, frame)
    effects = {
        name: _score_difference(_weekly_forecasts(_with_terms(columns), frame)[0], without, rows)
        | {"columns": columns, "read": False}
        for name, columns in FAMILIES.items()
    }
    return {
        "starts": len(rows),
        "first": rows.first_day,
        "last": rows.last_day,
        "without": measures.summarise_scores(_row_scores(without, rows), rows.games),
        "families": effects,
    }


def _score_difference(ours: Forecasts, without: Forecasts, rows: Sample) -> dict[str, Any]:
    scores, baseline = _row_scores(ours, rows), _row_scores(without, rows)
    differences = {
        name: measures.paired_difference(scores[name], baseline[name], rows.games) for name in scores
    }
    return differences["log_loss"] | {"absolute_median": differences["absolute_median"]}


def _row_scores(forecasts: Forecasts, rows: Sample) -> dict[str, np.ndarray]:
    return measures.row_scores(forecasts, rows.clipped_counts(_BARE.max_count))


def _weekly_forecasts(target: Target, frame: pl.DataFrame) -> tuple[Forecasts, Sample]:
    """Return forecasts of the later days, by a model fitted each week on all earlier days, and their rows."""
    rows, recipe = build_sample(frame, target), build_recipe(target)
    first, last = int(np.quantile(rows.days, TRAINING_SHARE)), int(rows.days.max())
    weeks = [
        (rows.known_before(monday), rows.rows_between(monday, min(monday + DAYS_BETWEEN_FITS - 1, last)))
        for monday in range(first, last + 1, DAYS_BETWEEN_FITS)
    ]
    by_week = []
    for past, week in weeks:
        model = fit_recipe(recipe, target, past)
        by_week.append(build_forecasts(target, model.predict_means(week), week, model.shape()))
    return concat_forecasts(by_week), rows.rows_between(first, last)


def _with_terms(columns: Sequence[str]) -> Target:
    """Return the target whose line has these terms, held loosely: a group shows what it can."""
    line = Voice(name=FORMULA_VOICE.name, terms=tuple(columns), spread=_SPREAD)
    return replace(_BARE, pool=(line,))
