"""The trainer's public face: what code outside the services may use of it."""

from services.trainer.build import TrainingRows, build_candidates
from services.trainer.dataset import Integers, Mask, Sample, build_sample, training_rows
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.train import FittedModel, fit_pool, fit_recipe, means_of
from services.trainer.recipes import FORMULA_VOICE, Recipe, build_recipe
from services.trainer.scores import LossTable, build_evaluation, clustered_error
from services.trainer.selection.calibration import calibrate, calibration_fault
from services.trainer.selection.naive import naive_means
from services.trainer.selection.plausibility import plausibility_warnings
from services.trainer.selection.promotion import TrainingPlan

__all__ = [
    "FORMULA_VOICE",
    "FittedModel",
    "Integers",
    "LossTable",
    "Mask",
    "Recipe",
    "Sample",
    "TrainingPlan",
    "TrainingRows",
    "build_candidates",
    "build_evaluation",
    "build_recipe",
    "build_sample",
    "calibrate",
    "calibration_fault",
    "clustered_error",
    "fit_pool",
    "fit_recipe",
    "fit_shape",
    "means_of",
    "naive_means",
    "plausibility_warnings",
    "training_rows",
]
