"""How good forecasts were: proper scores row by row, their means, and errors clustered by game."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import sqrt

import numpy as np

from services.trainer.dataset import Integers, Sample, as_date
from shared.modeling.distribution import NO_SHAPE, Floats, count_distribution
from shared.modeling.manifest import CountShape, Evaluation, Score
from shared.modeling.target import Target

_MIN_PROBABILITY = 1e-12  # a forecast of "never" that happened costs 28 nats, not infinity
_DETECTABLE_ERRORS = 1.645 + 0.842


@dataclass(frozen=True)
class LossTable:
    """Scores of each row, [n]; lower is better."""

    log_loss: Floats
    brier: Floats
    absolute: Floats
    squared: Floats
    ranked: Floats


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Mean difference in log loss of two forecasts of the same rows; its error is clustered by game."""

    mean: float
    se: float
    rows: int
    games: int

    @property
    def detectable(self) -> float:
        """Return the true difference that so many games would have shown four times in five.

        At one-sided 95 % confidence: 1.645 + .842 standard errors.
        """
        return _DETECTABLE_ERRORS * self.se

    def __str__(self) -> str:
        return (
            f"{self.mean:+.5f} ± {self.se:.5f} log loss over {self.games} games, "
            f"which can show {self.detectable:.5f}"
        )


def score_rows(target: Target, means: Floats, sample: Sample, shape: CountShape = NO_SHAPE) -> LossTable:
    """Score the distributions around `means` (of a tilted target: tilted from `shape`) at what happened."""
    chances = count_distribution(target.family, means, target.max_count, sample.trials, shape)
    happened = sample.clipped_counts(target.max_count)
    below = np.cumsum(chances, axis=1)
    steps = np.arange(chances.shape[1]) >= happened[:, None]
    return LossTable(
        log_loss=-np.log(np.maximum(chances[np.arange(len(happened)), happened], _MIN_PROBABILITY)),
        brier=(1 - chances[:, 0] - (happened > 0)) ** 2,
        absolute=np.abs(means - sample.label),
        squared=(means - sample.label) ** 2,
        ranked=((below - steps) ** 2).sum(axis=1),
    )


def concat_losses(parts: Iterable[LossTable]) -> LossTable:
    """Return the losses of consecutive folds as one."""
    rows = list(parts)
    return LossTable(
        *(np.concatenate([getattr(part, field.name) for part in rows]) for field in fields(LossTable))
    )


def clustered_error(values: Floats, games: Integers) -> float:
    """Return the standard error of the mean of `values` whose rows hang together within a game.

    The sandwich estimator of Liang and Zeger (1986) for a mean, without small-sample correction.
    """
    _, places = np.unique(games, return_inverse=True)
    sums = np.bincount(places, weights=values - values.mean())
    return sqrt(float((sums**2).sum())) / len(values)


def paired_difference(ours: LossTable, theirs: LossTable, games: Integers) -> PairedDifference:
    """Return ours minus theirs in log loss: below 0, ours is better."""
    return paired_rows(ours.log_loss - theirs.log_loss, games)


def paired_rows(differences: Floats, games: Integers) -> PairedDifference:
    """Return the mean of differences of single rows."""
    error = clustered_error(differences, games)
    return PairedDifference(float(differences.mean()), error, len(games), len(np.unique(games)))


def mean_scores(losses: LossTable, games: Integers) -> Score:
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


def build_evaluation(ours: LossTable, naive: LossTable, sample: Sample, folds: int) -> Evaluation:
    """Return what a manifest says of forecasts of `sample`, whose rows they never saw."""
    difference = paired_difference(naive, ours, sample.games)
    return Evaluation(
        first=as_date(int(sample.days.min())),
        last=as_date(int(sample.days.max())),
        rows=difference.rows,
        games=difference.games,
        folds=folds,
        ours=mean_scores(ours, sample.games),
        naive=mean_scores(naive, sample.games),
        gain=difference.mean,
        gain_se=difference.se,
    )
