"""The month's search for better trees: Optuna on days that come before those that judge its find."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from services.trainer.dataset import Sample
from services.trainer.fitting.boosting import SEED, bin_rows, booster_settings
from services.trainer.fitting.count_shape import LossLookup
from services.trainer.fitting.linear import fit_line, read_columns, start_of
from services.trainer.folds import Fold, forward_folds, judged_days
from services.trainer.recipes import FORMULA_VOICE
from shared.modeling.distribution import Floats
from shared.modeling.manifest import TreeSettings
from shared.modeling.target import Target

if TYPE_CHECKING:
    import optuna
    import xgboost

# Imported where they work: on most days nothing is tuned.
# ruff: noqa: PLC0415

_FEWEST_TRIALS = 4  # fewer find nothing
_BOUNDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())


@dataclass(frozen=True)
class TuningFold:
    """One fold's rows in XGBoost's bins, made once for every trial: to learn from, and to be scored on."""

    learnt: xgboost.QuantileDMatrix
    judged: xgboost.QuantileDMatrix
    rows: Sample  # those held
    served: (
        LossLookup | None
    )  # of a tilted count, which trees are learnt for by another loss than it is served by

    @classmethod
    def from_fold(cls, target: Target, rows: Sample, fold: Fold) -> TuningFold:
        """Bin the rows of a fold on the margin of the line that its past gives."""
        past, judged = fold.split_rows(rows)
        known, ahead = (read_columns(target, part, [FORMULA_VOICE]) for part in (past, judged))
        line = fit_line(target, past, FORMULA_VOICE, known)
        learnt = bin_rows(target.features, past)
        judged_matrix = bin_rows(target.features, judged, reference=learnt)
        learnt.set_base_margin(start_of(known, line))
        judged_matrix.set_base_margin(start_of(ahead, line))
        tilted = target.family == "tilted"
        served = LossLookup.from_rows(target, np.exp(start_of(known, line)), past) if tilted else None
        return cls(learnt, judged_matrix, judged, served)

    def loss_curve(self, target: Target, trees: TreeSettings) -> Floats:
        """Return the mean loss of the held rows after every round: the one they are served with."""
        import xgboost

        results: dict[str, dict[str, list[float]]] = {}
        xgboost.train(
            booster_settings(trees, target, target.features)
            | {"disable_default_eval_metric": int(self.served is not None)},
            self.learnt,
            trees.rounds,
            evals=[(self.judged, "held")],
            evals_result=results,
            custom_metric=_served_loss_metric(self.served, self.rows) if self.served else None,
            verbose_eval=False,
        )
        (losses,) = results["held"].values()
        return np.array(losses)


def _served_loss_metric(
    served: LossLookup, rows: Sample
) -> Callable[[Floats, xgboost.DMatrix], tuple[str, float]]:
    def served_loss(means: Floats, _judged: xgboost.DMatrix) -> tuple[str, float]:
        return "served", served.mean_loss(means.astype(np.float64), rows)

    return served_loss


def usual_trees(target: Target) -> TreeSettings:
    """Return the settings of the trees that the target's pool has."""
    return next(voice.trees for voice in target.pool if voice.trees)


def trials_for(rows: int) -> int:
    """Return how many trials so many rows are worth and can be afforded; 0: too few to choose."""
    worth, afforded = rows // _BOUNDS["rows_per_trial"], _BOUNDS["rows_in_all"] // max(rows, 1)
    trials = min(_BOUNDS["trials"], worth, afforded)
    return trials if trials >= _FEWEST_TRIALS else 0


def tune_trees(target: Target, rows: Sample) -> TreeSettings | None:
    """Return the target's trees as they did best before the days that judge; None where rows are too few.

    The search sees nothing of the newest fifth of the days, on which every challenger is judged: it learns
    and scores on the days before them, three folds forward. It begins with the pool's own trees, so that
    what it returns did no worse there. Seeded, on one thread and in memory: the same rows, the same trees.
    """
    judged = judged_days(rows)
    past = rows.known_before(judged.first) if judged else rows
    trials, parts = trials_for(len(past)), forward_folds(past)
    if not judged or not trials or not parts:
        return None
    study = _create_study(target)
    courses = [TuningFold.from_fold(target, past, fold) for fold in parts]
    study.optimize(lambda trial: _trial_loss(trial, target, courses), n_trials=trials)
    best = study.best_trial
    return replace(usual_trees(target), rounds=best.user_attrs["rounds"], **best.params)


def _create_study(target: Target) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=SEED),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FEWEST_TRIALS),
    )
    study.enqueue_trial({name: getattr(usual_trees(target), name) for name in _BOUNDS["space"]})
    return study


def _trial_loss(trial: optuna.Trial, target: Target, courses: list[TuningFold]) -> float:
    """Return the least mean loss over the folds, at the best number of rounds; give up where it is no use."""
    import optuna

    trees = replace(usual_trees(target), rounds=_BOUNDS["most_rounds"], **_suggest_parameters(trial))
    total, least = np.zeros(trees.rounds), np.inf
    for done, course in enumerate(courses, start=1):
        total = total + course.loss_curve(target, trees)
        least = float(total.min()) / done
        trial.report(least, done)
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr("rounds", int(total.argmin()) + 1)
    return least


def _suggest_parameters(trial: optuna.Trial) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, bounds in _BOUNDS["space"].items():
        suggest = trial.suggest_int if isinstance(bounds["low"], int) else trial.suggest_float
        found[name] = suggest(name, **bounds)
    return found
