"""Judges the odds of runs as one game: scores, totals, margins, close games and betting lines.

The odds are those that the API gives, from our forecasts of who wins and of both clubs' runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.benchmarks import MatchedBenchmark
from evaluation.seasons import RealSeason
from evaluation.walk_forward import Forecasts
from services.trainer.api import Integers
from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs import (
    MAX_MARGIN,
    GameForecasts,
    GameOdds,
    GameRules,
    ScoreDistribution,
    early_to_late,
    game_odds,
)

TARGETS = ("home_win", "home_score", "away_score")
CLEAR_FAVOURITE = 0.51  # chance from which the favourite must be expected to score more
MAX_GAP = 0.001  # between the chance of a home win and that of the distribution of scores
_REGULATION = 9
_PUSH = 1e-9
Mask = np.ndarray


@dataclass(frozen=True)
class ForecastGames:
    """A target's forecasts with the games they are of."""

    games: Integers
    forecasts: Forecasts


@dataclass(frozen=True)
class JudgedGames:
    """Games with our odds of their runs, the former odds, and what happened."""

    games: pl.DataFrame  # game_pk, home_score, away_score, innings
    home_win: Floats  # served
    odds: GameOdds
    former: ScoreDistribution

    @property
    def scores(self) -> tuple[Integers, Integers]:
        """Return the runs of home and visitors."""
        return self.games["home_score"].to_numpy(), self.games["away_score"].to_numpy()


def innings_played(seasons: Sequence[RealSeason]) -> pl.DataFrame:
    """Return game_pk and the innings begun, of every game with plays."""
    begins = pl.col("is_top") & ~pl.col("is_top").shift(1, fill_value=False)
    return pl.concat(
        season.plays.sort("game_pk", "at_bat_index")
        .group_by("game_pk", maintain_order=True)
        .agg(innings=begins.sum().cast(pl.Int64))
        for season in seasons
    )


def one_game_report(
    forecasts: Mapping[str, ForecastGames],
    rows: pl.DataFrame,
    innings: pl.DataFrame,
    benchmarks: Mapping[str, MatchedBenchmark],
) -> dict[str, Any]:
    """Return the report, empty where not all of `TARGETS` were evaluated.

    Args:
        forecasts: by target.
        rows: game rows with their labels.
        innings: as `innings_played` returns them.
        benchmarks: as `read_benchmarks` returns them, for the betting lines.
    """
    if not forecasts.keys() >= set(TARGETS):
        return {}
    judged = judge_games(forecasts, rows.join(innings, on="game_pk"))
    return {
        "games": len(judged.games),
        "consistency": consistency(judged),
        "scores": compare_scores(judged),
        "shares": compare_shares(judged),
        "lines": compare_lines(judged, benchmarks),
    }


def judge_games(forecasts: Mapping[str, ForecastGames], rows: pl.DataFrame) -> JudgedGames:
    """Return the games that have a winner and a forecast of every target, with their odds."""
    common = set.intersection(*(set(forecasts[name].games.tolist()) for name in TARGETS))
    games = rows.filter(
        pl.col("game_pk").is_in(list(common)) & (pl.col("home_score") != pl.col("away_score"))
    ).sort("game_date", "game_pk")
    home_win, home, away = (_align_forecasts(forecasts[name], games) for name in TARGETS)
    rules = GameRules.of_games(games["season"], games["game_type"], [_REGULATION] * len(games))
    served = GameForecasts(home_win.means, home.means, away.means, early_to_late(games))
    former = independent_sides(home.chances, away.chances)
    return JudgedGames(games, home_win.means, game_odds(served, rules), former)


def independent_sides(home: Floats, away: Floats) -> ScoreDistribution:
    """Return the scores of clubs that score apart, [games, counts] each, given that they are not level."""
    joint = home[:, :, None] * away[:, None, :]
    level = np.arange(joint.shape[-1])
    joint[:, level, level] = 0.0
    return ScoreDistribution(joint / joint.sum(axis=(1, 2), keepdims=True))


def consistency(judged: JudgedGames) -> dict[str, Any]:
    """Return how far the odds are from the served chance, and where the two name different favourites."""
    gaps = np.abs(judged.odds.home_win - judged.home_win)
    final = judged.odds.final
    lead = final.expected_home_runs - final.expected_away_runs
    home = judged.home_win > CLEAR_FAVOURITE
    away = judged.home_win < 1 - CLEAR_FAVOURITE
    return {
        "largest_gap_to_served_chance": float(gaps.max()),
        "games_beyond_gap": int((gaps >= MAX_GAP).sum()),
        "clear_favourites": int((home | away).sum()),
        "favourites_expected_to_score_less": int(((home & (lead <= 0)) | (away & (lead >= 0))).sum()),
    }


def compare_scores(judged: JudgedGames) -> dict[str, dict[str, float]]:
    """Return log loss of exact scores, RPS of totals and of margins: ours and of clubs that score apart."""
    ours, former = (_score_losses(scores, judged) for scores in (judged.odds.final, judged.former))
    games = judged.games["game_pk"].to_numpy()
    return {
        name: {"ours": float(ours[name].mean()), "former": float(former[name].mean())}
        | measures.paired_difference(ours[name], former[name], games)
        for name in ours
    }


def compare_shares(judged: JudgedGames) -> dict[str, dict[str, float]]:
    """Return the forecast and the observed share of games of several kinds, with its standard error."""
    home, away = judged.scores
    odds, margin = judged.odds, np.abs(home - away)
    kinds = {
        "one-run games": (odds.one_run_game, margin == 1),
        "extra innings": (odds.extra_innings, (judged.games["innings"] > _REGULATION).to_numpy()),
        "shutouts": (odds.shutout, (home == 0) | (away == 0)),
        "odd totals": (odds.final.total_runs[:, 1::2].sum(axis=1), (home + away) % 2 == 1),
        "home wins by two or more": (odds.final.run_margin[:, MAX_MARGIN + 2 :].sum(axis=1), home - away > 1),
    }
    return {name: _compare_share(forecast, happened) for name, (forecast, happened) in kinds.items()}


def compare_lines(judged: JudgedGames, benchmarks: Mapping[str, MatchedBenchmark]) -> dict[str, Any]:
    """Return Brier scores on betting lines, ours and the market's without its margin, on the same games.

    Games that landed exactly on a total's line are left out.
    """
    places = {game: place for place, game in enumerate(judged.games["game_pk"])}
    found: dict[str, Any] = {}
    names = dict.fromkeys(name for matched in benchmarks.values() for name in matched.lines)
    for name in sorted(names):
        quotes = {
            places[game]: line
            for matched in benchmarks.values()
            for game, line in matched.lines.get(name, {}).items()
            if game in places
        }
        if quotes:
            at = np.array(list(quotes))
            lines = np.array([line.line for line in quotes.values()])
            market = np.array([line.chance for line in quotes.values()])
            found[name] = _compare_line(judged, name, at, lines, market)
    return found


def line_chances(chances: Floats, lowest: int, lines: Floats) -> Floats:
    """Return the chance over each row's line given that it is not exactly on it, [rows]."""
    counts = np.arange(chances.shape[1]) + lowest
    over = (chances * (counts > lines[:, None])).sum(axis=1)
    under = (chances * (counts < lines[:, None])).sum(axis=1)
    return np.asarray(over / (over + under))


def _compare_line(
    judged: JudgedGames, name: str, at: Integers, lines: Floats, market: Floats
) -> dict[str, float]:
    home, away = (runs[at] for runs in judged.scores)
    if name.endswith("total"):
        chances, lowest, result = judged.odds.final.total_runs[at], 0, home + away
    else:  # a run line of -1.5 is the home club's to win by more than 1.5
        chances, lowest, result, lines = judged.odds.final.run_margin[at], -MAX_MARGIN, home - away, -lines
    decided = np.abs(result - lines) > _PUSH
    over = (result > lines)[decided]
    ours = (line_chances(chances, lowest, lines)[decided] - over) ** 2
    theirs = (market[decided] - over) ** 2
    games = judged.games["game_pk"].to_numpy()[at][decided]
    return {
        "ours": float(ours.mean()),
        "market": float(theirs.mean()),
        "pushes": int((~decided).sum()),
    } | measures.paired_difference(ours, theirs, games)


def _compare_share(forecast: Floats, happened: Mask) -> dict[str, float]:
    share = float(happened.mean())
    error = float(np.sqrt(share * (1 - share) / len(happened)))
    return {
        "forecast": float(forecast.mean()),
        "happened": share,
        "se": error,
        "errors_apart": (float(forecast.mean()) - share) / error if error else 0.0,
    }


def _score_losses(scores: ScoreDistribution, judged: JudgedGames) -> dict[str, Floats]:
    home, away = judged.scores
    most = scores.joint.shape[-1] - 1
    chance = scores.joint[np.arange(len(home)), np.minimum(home, most), np.minimum(away, most)]
    margin = np.clip(home - away, -MAX_MARGIN, MAX_MARGIN) + MAX_MARGIN
    return {
        "log loss of exact scores": -np.log(np.maximum(chance, measures.MIN_PROBABILITY)),
        "RPS of totals": _ranked_probability_score(scores.total_runs, home + away),
        "RPS of margins": _ranked_probability_score(scores.run_margin, margin),
    }


def _ranked_probability_score(chances: Floats, observed: Integers) -> Floats:
    steps = np.arange(chances.shape[1]) >= observed[:, None]
    return np.asarray(((np.cumsum(chances, axis=1) - steps) ** 2).sum(axis=1))


def _align_forecasts(made: ForecastGames, games: pl.DataFrame) -> Forecasts:
    """Return the forecasts in the order of `games`."""
    places = {game: place for place, game in enumerate(made.games.tolist())}
    order = np.array([places[game] for game in games["game_pk"]])
    return Forecasts(made.forecasts.means[order], made.forecasts.chances[order])
