"""The naive forecast that every model must beat, and the shape that suits a row of means."""

import numpy as np

from services.trainer.frames import Sample
from services.trainer.scores import Losses, losses
from services.trainer.targets import Target
from shared.distribution import Floats, tilted

_SHAPE_STEPS, _SHAPE_GROUPS = 8, 200


def naive_means(past: Sample, rows: Sample) -> Floats:
    """Forecast `rows` naively: the naive product, scaled to the label's mean on the days before."""
    scale = (past.weight @ past.label) / max(float(past.weight @ past.naive), 1e-9)
    return np.asarray(scale * rows.naive)


def naive_losses(target: Target, past: Sample, rows: Sample) -> Losses:
    """Score the naive forecast of `rows`, with the shape that suits it on the days before."""
    shape = fit_shape(target, naive_means(past, past), past)
    return losses(target, naive_means(past, rows), rows, shape)


def fit_shape(target: Target, means: Floats, rows: Sample) -> tuple[float, ...]:
    """Return the shape that, tilted to `means`, makes every count as frequent as it was; () if not tilted.

    Iterative proportional fitting, on the means of some two hundred groups of rows.
    """
    if target.family != "tilted":
        return ()
    order = np.array_split(np.argsort(means, kind="stable"), min(_SHAPE_GROUPS, len(means)))
    grouped = np.array([means[part].mean() for part in order])
    share = np.array([rows.weight[part].sum() for part in order]) / rows.weight.sum()
    counts = np.minimum(rows.label, target.max_count).astype(np.int64)
    happened = np.bincount(counts, weights=rows.weight, minlength=target.max_count + 1) + 0.01
    happened = happened / happened.sum()
    shape = happened
    for _ in range(_SHAPE_STEPS):
        forecast = share @ tilted(grouped, tuple(shape), target.max_count)
        shape = shape * happened / np.maximum(forecast, 1e-12)
        shape = shape / shape.sum()
    return tuple(map(float, shape))
