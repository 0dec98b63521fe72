"""Divergence of win forecasts from the true probabilities, which only the simulated league has."""

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

REPORT = "truth.json"
WORKERS = 2
ORACLE = "oracle"  # a forecaster that knows everything but the players' talents


@dataclass(frozen=True)
class SimulationOptions:
    """Leagues to simulate: `history` seasons and then the evaluated one, `games` of which are replayed."""

    seeds: tuple[int, ...]
    season: int
    history: int
    games: int
    replays: int
    out: Path


def evaluate_against_truth(options: SimulationOptions, now: datetime) -> dict[str, Any]:
    """Compare forecasts with true probabilities in every seed's league; write truth.json and return it."""
    start = time.perf_counter()
    make_output_folder(options.out)
    if len(options.seeds) > 1:
        with worker_pool(WORKERS) as workers:
            results = list(workers.map(partial(_evaluate_league, options), options.seeds))
    else:
        results = [_evaluate_league(options, options.seeds[0])]
    report = {
        "made_at": now,
        "season": options.season,
        "history": options.history,
        "replays": options.replays,
        "divergence_of_replays": sampling_bias(options.replays),
        "seeds": {
            str(seed): result.build_summary() for seed, result in zip(options.seeds, results, strict=True)
        },
        "all": _combine_results(results).build_summary(),
        "seconds": round(time.perf_counter() - start, 1),
    }
    write_atomically(options.out / REPORT, msgspec.json.format(msgspec.json.encode(report)))
    return report


@dataclass(frozen=True)
class LeagueResult:
    """Divergences of sampled games and log losses of all games, by forecaster, of one or more leagues."""

    divergences: Mapping[str, Floats]
    losses: Mapping[str, Floats]

    def build_summary(self) -> dict[str, Any]:
        """Return means with standard errors, and our and the oracle's divergence relative to Elo's."""
        ours, oracle, elo = (self.divergences[name] for name in ("ours", ORACLE, "Elo"))
        return {
            "games_replayed": len(ours),
            "games": len(self.losses["ours"]),
            "divergence": {name: _mean_summary(values) for name, values in self.divergences.items()},
            "log_loss": {name: _mean_summary(values) for name, values in self.losses.items()},
            "ours_to_elo": _ratio_summary(ours, elo),
            "laws_to_elo": _ratio_summary(oracle, elo),
        }


def kl_divergence(truths: Floats, forecasts: Floats, replays: int) -> Floats:
    """Return each game's Kullback–Leibler divergence of a forecast from the truth, in nats.

    The true probability is estimated by `replays`; its sampling error adds `sampling_bias` on average, which
    is subtracted. The mean over games is unbiased, a single game's value may be negative.
    """
    p = np.clip(truths, 0.5 / replays, 1 - 0.5 / replays)
    return np.asarray(
        p * np.log(p / forecasts) + (1 - p) * np.log((1 - p) / (1 - forecasts)) - sampling_bias(replays)
    )


def sampling_bias(replays: int) -> float:
    """Return the mean divergence that sampling adds, to first order: 1 / (2 replays)."""
    return 0.5 / replays


def ratio_error(above: Floats, below: Floats) -> float:
    """Return the standard error of the ratio of two means over the same games (delta method)."""
    ratio = above.mean() / below.mean()
    return float((above - ratio * below).std(ddof=1) / np.sqrt(len(above)) / below.mean())


def league_seasons(league: SimulatedLeague, years: Sequence[int]) -> list[RealSeason]:
    """Return a simulated league's seasons as the rows that the collector extracts from feeds."""
    people, venues = handedness_rows(league.people_by_id().values()), league.venues_by_id()
    played = ((year, extract_rows(league.regular_season(year, measured=False), venues)) for year in years)
    return [RealSeason(year, people=people, unreadable_games={}, **rows) for year, rows in played]


def _evaluate_league(options: SimulationOptions, seed: int) -> LeagueResult:
    years = range(options.season - options.history, options.season + 1)
    league = SimulatedLeague(seed, years)
    seasons = league_seasons(league, years)
    frame = model_rows(seasons).games
    target = next(target for target in TARGETS if target.name == "home_win")
    result = walk_forward(target, frame, [options.season])
    benchmarks = baselines_and_ablation.benchmark_forecasts(result, frame, {}, [options.season])
    forecasts = {"ours": result.ours, "Elo": benchmarks["Elo"], "home rate": result.naive}
    sampled = np.linspace(0, len(result.rows) - 1, min(options.games, len(result.rows))).astype(int)
    games = result.rows.games[sampled].tolist()
    truths = _true_probabilities(league, games, options.replays)
    divergences = {
        name: kl_divergence(truths, forecast.means[sampled], options.replays)
        for name, forecast in forecasts.items()
    }
    # The oracle's forecasts are shares of as many replays: their sampling adds the same bias once more
    oracle = oracle_forecaster.oracle_forecasts(league, seasons, games, options.replays)
    observed = measures.observed_counts(result.rows, target.max_count)
    return LeagueResult(
        divergences
        | {ORACLE: kl_divergence(truths, oracle, options.replays) - sampling_bias(options.replays)},
        {name: _log_losses(forecast, observed) for name, forecast in forecasts.items()},
    )


def _true_probabilities(league: SimulatedLeague, games: Sequence[int], replays: int) -> Floats:
    return np.array([league.true_win_probability(game, replays) for game in games])


def _log_losses(forecasts: Forecasts, observed: np.ndarray) -> Floats:
    return measures.row_scores(forecasts, observed)["log_loss"]


def _combine_results(results: Sequence[LeagueResult]) -> LeagueResult:
    first, *_ = results
    return LeagueResult(
        {
            name: np.concatenate([result.divergences[name] for result in results])
            for name in first.divergences
        },
        {name: np.concatenate([result.losses[name] for result in results]) for name in first.losses},
    )


def _ratio_summary(above: Floats, below: Floats) -> dict[str, float]:
    return {"ratio": float(above.mean() / below.mean()), "se": ratio_error(above, below)}


def _mean_summary(values: Floats) -> dict[str, float]:
    return {"mean": float(values.mean()), "se": float(values.std(ddof=1) / np.sqrt(len(values)))}
