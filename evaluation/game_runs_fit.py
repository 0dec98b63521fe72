"""Fits what the scoring of all games has in common: the constants of `shared.sports.mlb.game_runs`.

The constants there were fitted by `fit_scoring` on the regular seasons 2010-2012, as `read_half_innings`
reads them from Retrosheet's files, with the evaluation's game rows of confirmed line-ups.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from services.trainer.api import Integers
from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs import (
    GameForecasts,
    GameRules,
    ScoringConstants,
    game_odds,
    promised_early_to_late,
)
from simulator.game_record import GameRecord, Play
from simulator.retrosheet import RetrosheetWorld

SPREADS = tuple(round(0.0025 * step, 4) for step in range(1, 13))  # of a club's own factor, to choose from
_EARLY, _REGULATION = 5, 9
_EARLY_TO_LATE_INNINGS = 5 / 3  # of the innings one to eight
_NEWTON_STEPS = 20
_SCHEMA = {
    "game_pk": pl.Int64,
    "inning": pl.Int64,
    "is_top": pl.Boolean,
    "runs": pl.Int64,
    "runs_with_runner_on_second": pl.Int64,  # scored since one was there alone with nobody out, else null
}


@dataclass(frozen=True)
class FittedScoring:
    """The fitted constants: of all games, and those of `early_to_late`."""

    constants: ScoringConstants
    early_to_late: float
    promised_exponent: float
    promised_exponent_se: float


@dataclass(frozen=True)
class ScoredGames:
    """Games with their forecasts and what happened, [games] each."""

    forecasts: GameForecasts
    rules: GameRules
    home_runs: Integers
    away_runs: Integers
    level_after_nine: Floats  # 1 where extra innings were played

    def log_loss(self, constants: ScoringConstants) -> float:
        """Return the mean log loss of the exact scores."""
        joint = game_odds(self.forecasts, self.rules, constants).final.joint
        most = joint.shape[-1] - 1
        home, away = np.minimum(self.home_runs, most), np.minimum(self.away_runs, most)
        return float(-np.log(joint[np.arange(len(home)), home, away]).mean())


def read_half_innings(data: Path, seasons: Sequence[int]) -> pl.DataFrame:
    """Return every half-inning of seasons in `data`/mlb/retrosheet, with the columns of `_SCHEMA`."""
    world = RetrosheetWorld(data, list(seasons))
    games = (game for season in seasons for game in world.iter_games(season))
    return pl.DataFrame([half for game in games for half in _half_innings(game)], _SCHEMA, orient="row")


def fit_scoring(half_innings: pl.DataFrame, rows: pl.DataFrame) -> FittedScoring:
    """Return the constants that fit games.

    Args:
        half_innings: as `read_half_innings` returns them.
        rows: game rows of these games with their labels.
    """
    complete = _complete_games(half_innings)
    constants = fit_half_innings(complete)
    ratio, exponent, error = fit_early_to_late(complete, rows)
    games = scored_games(rows, complete, ratio, exponent)
    return FittedScoring(fit_game_spread(games, constants), ratio, exponent, error)


def fit_half_innings(half_innings: pl.DataFrame) -> ScoringConstants:
    """Return the constants of half-innings, of games of nine innings or more.

    The chance of a run by expected runs is a line through the logarithms of the 17 half-innings that are
    always played out. `bottom_when_behind` holds that clubs which are behind are weaker, too: about .02 of it
    in the majors. `club_spread` and `level_after_nine` are left as those of clubs that score apart.
    """
    played = half_innings.filter(
        (pl.col("inning") < _REGULATION) | ((pl.col("inning") == _REGULATION) & pl.col("is_top"))
    )
    cells = played.group_by("inning", "is_top").agg(
        games=pl.len(), mean=pl.col("runs").mean(), score=(pl.col("runs") > 0).mean()
    )
    exponent, log_scale = np.polyfit(
        np.log(cells["mean"]), np.log(cells["score"]), 1, w=np.sqrt(cells["games"].to_numpy())
    )
    late = half_innings.filter(pl.col("inning").is_between(_EARLY + 1, _REGULATION - 1))
    late_home, late_away = (_mean_runs(late.filter(pl.col("is_top") == top)) for top in (False, True))
    bottom = _bottoms_from_ninth(half_innings)
    behind = bottom.filter((pl.col("inning") == _REGULATION) & (pl.col("deficit") > 0))
    expected_behind = (_score_chance(behind) / np.exp(log_scale)) ** (1 / exponent)
    placed = half_innings["runs_with_runner_on_second"].drop_nulls().to_numpy()
    return ScoringConstants(
        scoring_scale=float(np.exp(log_scale)),
        scoring_exponent=float(exponent),
        club_spread=0.0,
        top_of_ninth=_mean_runs(played.filter(pl.col("inning") == _REGULATION)) / late_away,
        bottom_when_behind=float(expected_behind) / late_home,
        level_after_nine=1.0,
        placed_runner_scores=1.0 - float((placed == 0).mean()) / (1.0 - _score_chance(late)),
        walk_off_margins=_walk_off_margins(bottom),
    )


def fit_early_to_late(half_innings: pl.DataFrame, rows: pl.DataFrame) -> tuple[float, float, float]:
    """Return the usual ratio of early to late runs, the exponent of the promised one, and its error.

    A logistic regression of whether a run of innings one to eight falls into the first five. Runs come in
    bunches: the standard error is that of independent runs times 1.5.
    """
    early = pl.col("inning") <= _EARLY
    runs = (
        half_innings.filter(pl.col("inning") < _REGULATION)
        .group_by("game_pk", "is_top")
        .agg(early=pl.col("runs").filter(early).sum(), all=pl.col("runs").sum())
    )
    found = []
    for is_top, fielding in ((True, "home"), (False, "away")):
        promised = rows.select("game_pk", promised=pl.Series(promised_early_to_late(rows, fielding)))
        found.append(runs.filter(pl.col("is_top") == is_top).join(promised, on="game_pk"))
    table = pl.concat(found)
    design = np.column_stack([np.ones(len(table)), np.log(table["promised"])])
    line, covariance = _logistic_line(
        design, table["early"].to_numpy(), table["all"].to_numpy(), np.log(_EARLY_TO_LATE_INNINGS)
    )
    return float(np.exp(line[0])), float(line[1]), 1.5 * float(np.sqrt(covariance[1, 1]))


def fit_game_spread(
    games: ScoredGames, constants: ScoringConstants, spreads: Sequence[float] = SPREADS
) -> ScoringConstants:
    """Return the constants with the club spread of those given that makes the scores likeliest.

    With every spread games end level after nine innings as often as they did.
    """
    fitted = [_with_level_share(games, replace(constants, club_spread=spread)) for spread in spreads]
    return min(fitted, key=games.log_loss)


def scored_games(
    rows: pl.DataFrame, half_innings: pl.DataFrame, usual_ratio: float, exponent: float
) -> ScoredGames:
    """Return games with forecasts by the formula's columns, scaled to what happened in these games."""
    innings = half_innings.group_by("game_pk").agg(innings=pl.col("inning").max())
    games = rows.join(innings, on="game_pk").filter(pl.col("home_score") != pl.col("away_score"))
    promised = np.column_stack([promised_early_to_late(games, side) for side in ("away", "home")])
    home, away = (
        _fitted_runs(games[f"{side}_expected_runs"].to_numpy(), games[f"{side}_score"].to_numpy())
        for side in ("home", "away")
    )
    forecasts = GameForecasts(_fitted_wins(games), home, away, usual_ratio * promised**exponent)
    rules = GameRules.of_games(games["season"], games["game_type"], [_REGULATION] * len(games))
    went_on = (games["innings"] > _REGULATION).to_numpy().astype(np.float64)
    return ScoredGames(
        forecasts, rules, games["home_score"].to_numpy(), games["away_score"].to_numpy(), went_on
    )


def _with_level_share(games: ScoredGames, constants: ScoringConstants) -> ScoringConstants:
    forecast = game_odds(games.forecasts, games.rules, constants).extra_innings.mean()
    return replace(constants, level_after_nine=float(games.level_after_nine.mean() / forecast))


def _fitted_runs(expected: Floats, runs: Integers) -> Floats:
    """Return a log-linear Poisson regression's means of `runs`."""
    design = np.column_stack([np.ones(len(expected)), np.log(expected)])
    line = np.array([np.log(runs.mean()), 0.0])
    for _ in range(_NEWTON_STEPS):
        mean = np.exp(design @ line)
        line = line + np.linalg.solve(design.T @ (design * mean[:, None]), design.T @ (runs - mean))
    return np.asarray(np.exp(design @ line))


def _fitted_wins(games: pl.DataFrame) -> Floats:
    design = np.column_stack([np.ones(len(games)), games["margin_home_win"]])
    won = (games["home_score"] > games["away_score"]).to_numpy().astype(np.float64)
    line, _ = _logistic_line(design, won, np.ones(len(games)), 0.0)
    return np.asarray(1.0 / (1.0 + np.exp(-design @ line)))


def _logistic_line(design: Floats, successes: Floats, trials: Floats, offset: float) -> tuple[Floats, Floats]:
    """Return coefficients of a binomial logistic regression, and their covariance."""
    line = np.zeros(design.shape[1])
    curvature = np.eye(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(design @ line + offset)))
        curvature = design.T @ (design * (trials * chance * (1.0 - chance))[:, None])
        line = line + np.linalg.solve(curvature, design.T @ (successes - trials * chance))
    return np.asarray(line), np.asarray(np.linalg.inv(curvature))


def _half_innings(game: GameRecord) -> Iterable[tuple[int, int, bool, int, int | None]]:
    """Yield the half-innings of a game as rows of `_SCHEMA`."""
    halves: dict[tuple[int, bool], list[Play]] = {}
    for play in game.plays:
        halves.setdefault((play.inning, play.is_top), []).append(play)
    before = {True: 0, False: 0}
    for (inning, is_top), plays in halves.items():
        scores = [play.away_score if is_top else play.home_score for play in plays]
        runs = scores[-1] - before[is_top]
        placed = _runs_before_runner_on_second(plays, [score - before[is_top] for score in scores])
        is_whole = plays[-1].outs_after == 3 and placed is not None
        yield game.game_pk, inning, is_top, runs, runs - placed if is_whole and placed is not None else None
        before[is_top] = scores[-1]


def _runs_before_runner_on_second(plays: Sequence[Play], runs: Sequence[int]) -> int | None:
    """Return the runs when a runner was first on second alone with nobody out; None if never."""
    bases: dict[int, str] = {}
    for play, scored in zip(plays, runs, strict=True):
        for move in play.runners:
            bases.pop(move.runner, None)
            if move.end in ("1B", "2B", "3B") and not move.is_out:
                bases[move.runner] = move.end
        if play.outs_after == 0 and list(bases.values()) == ["2B"]:
            return scored
    return None


def _complete_games(half_innings: pl.DataFrame) -> pl.DataFrame:
    return half_innings.filter(pl.col("inning").max().over("game_pk") >= _REGULATION)


def _bottoms_from_ninth(half_innings: pl.DataFrame) -> pl.DataFrame:
    """Return the home club's half-innings from the ninth on, with how far it was behind before each."""
    earlier = pl.col("inning") < pl.col("current")
    bottoms = half_innings.filter((pl.col("inning") >= _REGULATION) & ~pl.col("is_top"))
    sums = (
        bottoms.select("game_pk", current="inning")
        .join(half_innings.select("game_pk", "inning", "is_top", "runs"), on="game_pk")
        .group_by("game_pk", inning="current")
        .agg(
            deficit=pl.col("runs")
            .filter(pl.col("is_top") & (earlier | (pl.col("inning") == pl.col("current"))))
            .sum()
            - pl.col("runs").filter(~pl.col("is_top") & earlier).sum()
        )
    )
    return bottoms.join(sums, on=["game_pk", "inning"])


def _walk_off_margins(bottoms: pl.DataFrame) -> tuple[float, ...]:
    margins = bottoms.filter(pl.col("runs") > pl.col("deficit")).select(pl.col("runs") - pl.col("deficit"))
    counts = np.bincount(np.minimum(margins.to_series().to_numpy(), 4), minlength=5)[1:]
    return tuple((counts / counts.sum()).tolist())


def _mean_runs(half_innings: pl.DataFrame) -> float:
    return float(half_innings["runs"].to_numpy().mean())


def _score_chance(half_innings: pl.DataFrame) -> float:
    return float((half_innings["runs"].to_numpy() > 0).mean())
