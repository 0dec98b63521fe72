"""The naive forecast that every model must beat."""

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.scores import LossTable, score_rows
from shared.modeling.distribution import Floats
from shared.modeling.target import Target


def naive_means(past: Sample, rows: Sample) -> Floats:
    """Forecast `rows` naively: the naive product, scaled to the label's mean on the days before."""
    scale = (past.weight @ past.label) / max(float(past.weight @ past.naive), 1e-9)
    return np.asarray(scale * rows.naive)


def naive_losses(target: Target, past: Sample, rows: Sample) -> LossTable:
    """Score the naive forecast of `rows`, with the shape that suits it on the days before."""
    shape = fit_shape(target, naive_means(past, past), past)
    return score_rows(target, naive_means(past, rows), rows, shape)
