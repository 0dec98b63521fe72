"""The month's search for better trees: Optuna on days that come before those that judge its find."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.fitting.boosting import MAX_BIN, SEED, matrix, settings
from services.trainer.fitting.count_shape import Losses
from services.trainer.fitting.linear import fit_line, start_of
from services.trainer.mlb.targets import Target, Trees
from services.trainer.recipes import Recipe
from services.trainer.selection.folds import Fold, folds, judged_days
from shared.modeling.distribution import Floats

if TYPE_CHECKING:
    import optuna
    import xgboost

# Imported where they work: on most days nothing is tuned.
# ruff: noqa: PLC0415

_FEWEST_TRIALS = 4  # fewer find nothing
_BOUNDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())


@dataclass(frozen=True)
class Course:
    """One fold's rows in XGBoost's bins, made once for every trial: to learn from, and to be scored on."""

    learnt: xgboost.QuantileDMatrix
    held: xgboost.QuantileDMatrix
    rows: Sample  # those held
    served: (
        Losses | None
    )  # of a tilted count, which trees are learnt for by another loss than it is served by

    @classmethod
    def of(cls, target: Target, rows: Sample, fold: Fold) -> Course:
        """Bin the rows of a fold on the margin of the line that its past gives."""
        import xgboost

        past, judged = fold.of(rows)
        line = fit_line(target, past, target.terms)
        learnt = xgboost.QuantileDMatrix(**matrix(target.features, line, past), max_bin=MAX_BIN)
        held = xgboost.QuantileDMatrix(**matrix(target.features, line, judged), ref=learnt, max_bin=MAX_BIN)
        tilted = target.family == "tilted"
        served = Losses.of(target, np.exp(start_of(past, line)), past) if tilted else None
        return cls(learnt, held, judged, served)

    def curve(self, target: Target, recipe: Recipe) -> Floats:
        """Return the mean loss of the held rows after every round: the one they are served with."""
        import xgboost

        told: dict[str, dict[str, list[float]]] = {}
        xgboost.train(
            settings(recipe, target) | {"disable_default_eval_metric": int(self.served is not None)},
            self.learnt,
            recipe.rounds,
            evals=[(self.held, "held")],
            evals_result=told,
            custom_metric=_metric(self.served, self.rows) if self.served else None,
            verbose_eval=False,
        )
        (losses,) = told["held"].values()
        return np.array(losses)


def _metric(served: Losses, rows: Sample) -> Callable[[Floats, xgboost.DMatrix], tuple[str, float]]:
    def scored(means: Floats, _held: xgboost.DMatrix) -> tuple[str, float]:
        return "served", served.mean(means.astype(np.float64), rows)

    return scored


def trials_for(rows: int) -> int:
    """Return how many trials so many rows are worth and can be afforded; 0: too few to choose."""
    worth, afforded = rows // _BOUNDS["rows_per_trial"], _BOUNDS["rows_in_all"] // max(rows, 1)
    wanted = min(_BOUNDS["trials"], worth, afforded)
    return wanted if wanted >= _FEWEST_TRIALS else 0


def tuned(target: Target, rows: Sample) -> Recipe | None:
    """Return the target's trees as they did best before the days that judge; None where rows are too few.

    The search sees nothing of the newest fifth of the days, on which every challenger is judged: it learns
    and scores on the days before them, three folds forward. It begins with the target's own trees, so that
    what it returns did no worse there. Seeded, on one thread and in memory: the same rows, the same trees.
    """
    judged = judged_days(rows)
    past = rows.known_before(judged.first) if judged else rows
    trials, parts = trials_for(len(past)), folds(past)
    if not judged or not trials or not parts:
        return None
    study = _study(target)
    courses = [Course.of(target, past, fold) for fold in parts]
    study.optimize(lambda trial: _loss(trial, target, courses), n_trials=trials)
    best = study.best_trial
    return _recipe(target, best.params, best.user_attrs["rounds"])


def _study(target: Target) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=SEED),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FEWEST_TRIALS),
    )
    study.enqueue_trial({name: getattr(target.trees, name) for name in _BOUNDS["space"]})
    return study


def _loss(trial: optuna.Trial, target: Target, courses: list[Course]) -> float:
    """Return the least mean loss over the folds, at the best number of rounds; give up where it is no use."""
    import optuna

    recipe = _recipe(target, _suggested(trial), _BOUNDS["most_rounds"])
    total, least = np.zeros(recipe.rounds), np.inf
    for done, course in enumerate(courses, start=1):
        total = total + course.curve(target, recipe)
        least = float(total.min()) / done
        trial.report(least, done)
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr("rounds", int(total.argmin()) + 1)
    return least


def _suggested(trial: optuna.Trial) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, bounds in _BOUNDS["space"].items():
        suggest = trial.suggest_int if isinstance(bounds["low"], int) else trial.suggest_float
        found[name] = suggest(name, **bounds)
    return found


def _recipe(target: Target, chosen: dict[str, Any], rounds: int) -> Recipe:
    return Recipe("boosted_formula", target.features, Trees(rounds=rounds, **chosen))
