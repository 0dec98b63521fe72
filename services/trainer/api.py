"""The trainer's public face: what code outside the services may use of it."""

from services.trainer.build import TrainingRows, build_candidates
from services.trainer.dataset import Integers, Mask, Sample, build_sample, training_rows
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.train import FittedModel, fit_recipe
from services.trainer.recipes import Recipe, build_recipe
from services.trainer.scores import clustered_error
from services.trainer.selection.naive import naive_means
from services.trainer.selection.promotion import TrainingPlan

__all__ = [
    "FittedModel",
    "Integers",
    "Mask",
    "Recipe",
    "Sample",
    "TrainingPlan",
    "TrainingRows",
    "build_candidates",
    "build_recipe",
    "build_sample",
    "clustered_error",
    "fit_recipe",
    "fit_shape",
    "naive_means",
    "training_rows",
]
