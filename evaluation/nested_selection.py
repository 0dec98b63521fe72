"""What choosing among candidates is worth: each season's candidate is chosen by code on earlier seasons.

The best candidate with hindsight looks better than it is, because the same games chose and judged it. Here
every candidate is forecast walk-forward, and a season is judged with the one that the seasons before it
choose. The difference of both is the selection bias.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.walk_forward import build_forecasts, season_rows, training_rows_before
from services.trainer.api import (
    Integers,
    Sample,
    build_recipe,
    build_sample,
    clustered_error,
    fit_pool,
    fit_shape,
    means_of,
)
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Family
from shared.modeling.target import Target

POOL = "the pool"
MIN_SEASONS, MIN_GAMES = 2, 3500  # that judged a candidate before it may be chosen
PRIOR_SD = 0.0005  # of a candidate's true difference to the pool, in log loss
_EXPECTED_APPEARANCES = "expected_plate_appearances"


@dataclass(frozen=True)
class CandidateLosses:
    """One season's log losses of every candidate, by name, on the same rows."""

    games: Integers
    losses: Mapping[str, Floats]


def select_nested(
    target: Target, frame: pl.DataFrame, judged: Sequence[int], reported: Sequence[int]
) -> dict[str, Any]:
    """Return a target's log loss with candidates chosen on earlier seasons, and what hindsight adds to it.

    Args:
        target: the target; its candidates are its pool, each voice alone, the pool without each voice, and
            its pool in other families of distributions.
        frame: labelled rows of confirmed line-ups, with seasons before all that are judged.
        judged: the seasons that candidates are forecast in, each fitted on the days before it.
        reported: those of them whose forecasts are reported, each by the candidate chosen before it.
    """
    by_season = {season: _season_losses(target, frame, season) for season in judged}
    chosen = {
        season: choose_candidate([by_season[past] for past in judged if past < season]) for season in reported
    }
    return summarise_selection({season: by_season[season] for season in reported}, chosen)


def choose_candidate(past: Sequence[CandidateLosses]) -> str:
    """Return the candidate with the lowest log loss on past seasons; the pool where too little judged them.

    A difference to the pool is shrunk towards zero: its posterior mean under a normal prior around none.
    """
    if len(past) < MIN_SEASONS or sum(len(np.unique(one.games)) for one in past) < MIN_GAMES:
        return POOL
    games, losses = _joined(past)
    return min(losses, key=lambda name: shrunk_difference(losses[name] - losses[POOL], games))


def shrunk_difference(differences: Floats, games: Integers) -> float:
    """Return the posterior mean of a difference in log loss, its standard error clustered by game."""
    reliability = PRIOR_SD**2 / (PRIOR_SD**2 + clustered_error(differences, games) ** 2)
    return float(reliability * differences.mean())


def summarise_selection(
    by_season: Mapping[int, CandidateLosses], chosen: Mapping[int, str]
) -> dict[str, Any]:
    """Return the log losses of the chosen, the pool and the best with hindsight, and their differences."""
    games, losses = _joined(list(by_season.values()))
    nested = np.concatenate([one.losses[chosen[season]] for season, one in by_season.items()])
    best = min(losses, key=lambda name: float(losses[name].mean()))
    return {
        "candidates": len(losses),
        "chosen": {str(season): name for season, name in chosen.items()},
        "nested": _mean_loss(nested, games),
        "pool": _mean_loss(losses[POOL], games),
        "hindsight": {"candidate": best} | _mean_loss(losses[best], games),
        "hindsight_minus_nested": measures.paired_difference(losses[best], nested, games),
        "nested_minus_pool": measures.paired_difference(nested, losses[POOL], games),
        "log_loss_by_candidate": {name: float(values.mean()) for name, values in losses.items()},
    }


def _season_losses(target: Target, frame: pl.DataFrame, season: int) -> CandidateLosses:
    """Return every candidate's log losses: its voices are fitted once, and combined in all ways."""
    targets = {target.family: target} | {
        family: _in_family(target, family) for family in other_families(target)
    }
    rows = {family: _sorted_sample(frame, one) for family, one in targets.items()}
    before = {
        family: training_rows_before(own, season).newest_days(target.window_days)
        for family, own in rows.items()
    }
    after = {family: season_rows(own, season) for family, own in rows.items()}
    pool, data = fit_pool(build_recipe(target), target, before[target.family])
    known, ahead = pool.margins(before[target.family], data), pool.margins(after[target.family])
    losses = {}
    for name, voices, family in candidates(target):
        own = targets[family]
        past = means_of(own, {voice: known[voice] for voice in voices})
        shape = fit_shape(own, past, before[family])
        means = means_of(own, {voice: ahead[voice] for voice in voices})
        forecasts = build_forecasts(own, means, after[family], shape)
        observed = measures.observed_counts(after[family], own.max_count)
        losses[name] = measures.row_scores(forecasts, observed)["log_loss"]
    return CandidateLosses(after[target.family].games, losses)


def candidates(target: Target) -> Iterator[tuple[str, tuple[str, ...], Family]]:
    """Yield each candidate's name, the voices whose mean it is, and its family of distributions."""
    voices = tuple(voice.name for voice in target.pool)
    yield POOL, voices, target.family
    if len(voices) > 1:
        yield from ((f"{voice} alone", (voice,), target.family) for voice in voices)
    if len(voices) > 2:
        for left_out in voices:
            yield (
                f"{POOL} without {left_out}",
                tuple(name for name in voices if name != left_out),
                target.family,
            )
    yield from ((f"{POOL}, {family}", voices, family) for family in other_families(target))


def other_families(target: Target) -> tuple[Family, ...]:
    """Return the families that a target's counts could be given instead of its own."""
    if target.family == "bernoulli":
        return ()
    possible: tuple[Family, ...] = ("tilted", "poisson", "binomial")
    if target.rows != "batter":
        possible = possible[:2]  # only batters have an expected number of trials
    return tuple(family for family in possible if family != target.family)


def _in_family(target: Target, family: Family) -> Target:
    return replace(target, family=family, trials=_EXPECTED_APPEARANCES if family == "binomial" else None)


def _sorted_sample(frame: pl.DataFrame, target: Target) -> Sample:
    player = () if target.rows == "game" else ("player_id",)
    return build_sample(frame.sort("game_date", "game_pk", *player), target)


def _joined(parts: Sequence[CandidateLosses]) -> tuple[Integers, dict[str, Floats]]:
    games = np.concatenate([one.games for one in parts])
    return games, {name: np.concatenate([one.losses[name] for one in parts]) for name in parts[0].losses}


def _mean_loss(losses: Floats, games: Integers) -> dict[str, float]:
    return {"log_loss": float(losses.mean()), "se": clustered_error(losses, games)}
