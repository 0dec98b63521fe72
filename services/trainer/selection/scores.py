"""How good forecasts were: proper scores row by row, their means, and errors clustered by game."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import sqrt

import numpy as np

from services.trainer.dataset import Integers, Sample, as_date
from services.trainer.mlb.targets import Target
from shared.modeling.distribution import NO_SHAPE, Floats, distribution
from shared.modeling.manifest import Evaluation, Score, Shape

_LEAST_CHANCE = 1e-12  # a forecast of "never" that happened costs 28 nats, not infinity


@dataclass(frozen=True)
class Losses:
    """Scores of each row, [n]; lower is better."""

    log_loss: Floats
    brier: Floats
    absolute: Floats
    squared: Floats
    ranked: Floats


@dataclass(frozen=True, slots=True)
class Paired:
    """Mean difference in log loss of two forecasts of the same rows; its error is clustered by game."""

    mean: float
    se: float
    rows: int
    games: int

    def __str__(self) -> str:
        return f"{self.mean:+.5f} ± {self.se:.5f} log loss over {self.games} games"


def losses(target: Target, means: Floats, sample: Sample, shape: Shape = NO_SHAPE) -> Losses:
    """Score the distributions around `means` (of a tilted target: tilted from `shape`) at what happened."""
    chances = distribution(target.family, means, target.max_count, sample.trials, shape)
    happened = sample.counts(target.max_count)
    below = np.cumsum(chances, axis=1)
    steps = np.arange(chances.shape[1]) >= happened[:, None]
    return Losses(
        log_loss=-np.log(np.maximum(chances[np.arange(len(happened)), happened], _LEAST_CHANCE)),
        brier=(1 - chances[:, 0] - (happened > 0)) ** 2,
        absolute=np.abs(means - sample.label),
        squared=(means - sample.label) ** 2,
        ranked=((below - steps) ** 2).sum(axis=1),
    )


def joined(parts: Iterable[Losses]) -> Losses:
    """Return the losses of consecutive folds as one."""
    rows = list(parts)
    return Losses(*(np.concatenate([getattr(part, field.name) for part in rows]) for field in fields(Losses)))


def clustered_error(values: Floats, games: Integers) -> float:
    """Return the standard error of the mean of `values` whose rows hang together within a game.

    The sandwich estimator of Liang and Zeger (1986) for a mean, without small-sample correction.
    """
    _, places = np.unique(games, return_inverse=True)
    sums = np.bincount(places, weights=values - values.mean())
    return sqrt(float((sums**2).sum())) / len(values)


def paired(ours: Losses, theirs: Losses, games: Integers) -> Paired:
    """Return ours minus theirs in log loss: below 0, ours is better."""
    return paired_rows(ours.log_loss - theirs.log_loss, games)


def paired_rows(differences: Floats, games: Integers) -> Paired:
    """Return the mean of differences of single rows."""
    error = clustered_error(differences, games)
    return Paired(float(differences.mean()), error, len(games), len(np.unique(games)))


def score(losses: Losses, games: Integers) -> Score:
    """Return the mean scores with standard errors."""
    return Score(
        log_loss=float(losses.log_loss.mean()),
        log_loss_se=clustered_error(losses.log_loss, games),
        brier=float(losses.brier.mean()),
        brier_se=clustered_error(losses.brier, games),
        mae=float(losses.absolute.mean()),
        rmse=float(np.sqrt(losses.squared.mean())),
        rps=float(losses.ranked.mean()),
    )


def evaluation(ours: Losses, naive: Losses, sample: Sample, folds: int) -> Evaluation:
    """Return what a manifest says of forecasts of `sample`, whose rows they never saw."""
    difference = paired(naive, ours, sample.games)
    return Evaluation(
        first=as_date(int(sample.days.min())),
        last=as_date(int(sample.days.max())),
        rows=difference.rows,
        games=difference.games,
        folds=folds,
        ours=score(ours, sample.games),
        naive=score(naive, sample.games),
        gain=difference.mean,
        gain_se=difference.se,
    )
