"""How far forecasts of wins stand from the truth, in the one league that knows it: the simulated one."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from evaluation import baselines_and_ablation, measures, oracle_forecaster
from evaluation.rows import model_rows
from evaluation.season_rows import extract_rows, handedness_rows
from evaluation.seasons import RealSeason
from evaluation.walk_forward import Forecasts, walk_forward
from shared.adapters.local.output_files import make_output_folder
from shared.modeling.distribution import Floats
from shared.sports.mlb.targets import TARGETS
from shared.storage.files import write_atomically
from shared.worker_pool import worker_pool
from simulator.league import SimulatedLeague

log = logging.getLogger(__name__)

REPORT = "truth.json"
WORKERS = 2
ORACLE = "the laws, not the men"  # what a forecaster with all but the talents would reach


@dataclass(frozen=True)
class SimulationOptions:
    """Which leagues to simulate: `history` seasons and then the judged one, of which `games` are replayed."""

    seeds: tuple[int, ...]
    season: int
    history: int
    games: int
    replays: int
    out: Path


def evaluate_against_truth(choice: SimulationOptions, now: datetime) -> dict[str, Any]:
    """Measure the forecasts of every seed's league against its truth; write truth.json and return it."""
    begun = time.perf_counter()
    make_output_folder(choice.out)
    if len(choice.seeds) > 1:
        with worker_pool(WORKERS) as workers:
            found = list(workers.map(partial(_evaluate_league, choice), choice.seeds))
    else:
        found = [_evaluate_league(choice, choice.seeds[0])]
    answer = {
        "made_at": now,
        "season": choice.season,
        "history": choice.history,
        "replays": choice.replays,
        "divergence_of_replays": sampling_bias(choice.replays),
        "seeds": {str(seed): one.build_summary() for seed, one in zip(choice.seeds, found, strict=True)},
        "all": _combine_results(found).build_summary(),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    write_atomically(choice.out / REPORT, msgspec.json.format(msgspec.json.encode(answer)))
    return answer


@dataclass(frozen=True)
class LeagueResult:
    """Of one or more leagues: what each forecaster's sampled games diverge, and log losses of all games."""

    divergences: Mapping[str, Floats]
    losses: Mapping[str, Floats]

    def build_summary(self) -> dict[str, Any]:
        """Return means with standard errors, and ours and the laws' in Elo's share."""
        ours, laws, elo = (self.divergences[name] for name in ("ours", ORACLE, "Elo"))
        return {
            "games_replayed": len(ours),
            "games": len(self.losses["ours"]),
            "divergence": {name: _mean_summary(values) for name, values in self.divergences.items()},
            "log_loss": {name: _mean_summary(values) for name, values in self.losses.items()},
            "ours_to_elo": _ratio_summary(ours, elo),
            "laws_to_elo": _ratio_summary(laws, elo),
        }


def kl_divergence(truths: Floats, forecasts: Floats, replays: int) -> Floats:
    """Return each game's Kullback–Leibler divergence of a forecast from the truth, in nats.

    The truth is a share of `replays`, and its own error adds `bias` on average, which is taken off: the mean
    over games is unbiased, a single game's may be negative.
    """
    p = np.clip(truths, 0.5 / replays, 1 - 0.5 / replays)
    return np.asarray(
        p * np.log(p / forecasts) + (1 - p) * np.log((1 - p) / (1 - forecasts)) - sampling_bias(replays)
    )


def sampling_bias(replays: int) -> float:
    """Return what the sampling of a truth adds to a divergence: half the inverse of the replays."""
    return 0.5 / replays


def ratio_error(above: Floats, below: Floats) -> float:
    """Return the standard error of the ratio of two means over the same games (delta method)."""
    ratio = above.mean() / below.mean()
    return float((above - ratio * below).std(ddof=1) / np.sqrt(len(above)) / below.mean())


def league_seasons(league: SimulatedLeague, years: Sequence[int]) -> list[RealSeason]:
    """Return the rows that the collector would extract from a simulated league's feeds."""
    people, venues = handedness_rows(league.people_by_id().values()), league.venues_by_id()
    played = ((year, extract_rows(league.regular_season(year, measured=False), venues)) for year in years)
    return [RealSeason(year, rows["games"], rows["plays"], rows["lineups"], people) for year, rows in played]


def _evaluate_league(choice: SimulationOptions, seed: int) -> LeagueResult:
    years = range(choice.season - choice.history, choice.season + 1)
    league = SimulatedLeague(seed, years)
    seasons = league_seasons(league, years)
    frame = model_rows(seasons).games
    target = next(target for target in TARGETS if target.name == "home_win")
    judged = walk_forward(target, frame, [choice.season])
    log.info("seed %s: %s", seed, judged.forms)
    rivals = baselines_and_ablation.benchmark_forecasts(judged, frame, {}, [choice.season])
    forecasts = {"ours": judged.ours, "Elo": rivals["Elo"], "home rate": judged.naive}
    sampled = np.linspace(0, len(judged.rows) - 1, min(choice.games, len(judged.rows))).astype(int)
    games = judged.rows.games[sampled].tolist()
    truths = _true_probabilities(league, games, choice.replays)
    divergences = {
        name: kl_divergence(truths, one.means[sampled], choice.replays) for name, one in forecasts.items()
    }
    oracle = oracle_forecaster.oracle_forecasts(
        league, seasons, games, choice.replays
    )  # shares of as many replays again
    happened = measures.observed_counts(judged.rows, target.max_count)
    return LeagueResult(
        divergences | {ORACLE: kl_divergence(truths, oracle, choice.replays) - sampling_bias(choice.replays)},
        {name: _log_losses(one, happened) for name, one in forecasts.items()},
    )


def _true_probabilities(league: SimulatedLeague, games: Sequence[int], replays: int) -> Floats:
    return np.array([league.true_win_probability(game, replays) for game in games])


def _log_losses(forecasts: Forecasts, happened: np.ndarray) -> Floats:
    return measures.row_scores(forecasts, happened)["log_loss"]


def _combine_results(found: Sequence[LeagueResult]) -> LeagueResult:
    return LeagueResult(
        {name: np.concatenate([one.divergences[name] for one in found]) for name in found[0].divergences},
        {name: np.concatenate([one.losses[name] for one in found]) for name in found[0].losses},
    )


def _ratio_summary(one: Floats, other: Floats) -> dict[str, float]:
    return {"ratio": float(one.mean() / other.mean()), "se": ratio_error(one, other)}


def _mean_summary(values: Floats) -> dict[str, float]:
    return {"mean": float(values.mean()), "se": float(values.std(ddof=1) / np.sqrt(len(values)))}
