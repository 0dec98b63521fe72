"""One release as it answers: its snapshot's states, its models, and no warehouse."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from services.predict_api.directory import Directory
from services.predict_api.problems import NoModel
from services.predict_api.schemas import Lineups, Starters
from shared.distribution import Floats
from shared.matchup import fill_lineups, game_rows, player_rows
from shared.model import Model
from shared.registry import Release
from shared.snapshot import Snapshot

STALE_AFTER = 2  # days between what is known and the game
FEW_GAMES = 4.0  # ln(1 + plate appearances): below some 54, the league's average speaks


@dataclass(frozen=True)
class Forecast:
    """One target's forecast: its mean, P(0), P(1) …, the model's version and what to be wary of."""

    target: str
    version: str
    mean: float
    chances: Floats
    row: Mapping[str, Any]  # the model's row: features, ids, sources
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Forecaster:
    """Forecasts games and players from one release, all of it in memory."""

    release: Release
    snapshot: Snapshot
    models: Mapping[str, Model]
    world: str  # which games it knows: simulated, Retrosheet's or MLB's
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "directory", Directory(self.snapshot))
        object.__setattr__(self, "_states", self.snapshot.states())

    @property
    def as_of(self) -> date:
        """Return the last day whose games are known."""
        return self.snapshot.as_of

    def lineups(self, games: pl.DataFrame, starters: Starters, lineups: Lineups) -> pl.DataFrame:
        """Return who bats and pitches in `games`; what a client names replaces what is posted."""
        tables = self.snapshot.tables
        posted = tables["lineups"].filter(pl.col("game_pk").is_in(games["game_pk"].implode()))
        for side in ("home", "away"):
            games, posted = _named(games, posted, side, getattr(starters, side), getattr(lineups, side))
        return fill_lineups(games, posted, tables["recent_lineups"], tables["people"])

    def games(self, games: pl.DataFrame, lineups: pl.DataFrame) -> list[Forecast]:
        """Return a home-win forecast for each game, in order."""
        rows = game_rows(self._states, games, lineups)  # type: ignore[attr-defined]
        return self._forecasts("home_win", rows)

    def players(self, games: pl.DataFrame, lineups: pl.DataFrame, targets: Sequence[str]) -> list[Forecast]:
        """Return the forecasts of `targets` for everybody in the line-ups who has them."""
        rows = player_rows(self._states, games, lineups)  # type: ignore[attr-defined]
        found: list[Forecast] = []
        for target in targets:
            role = "starter" if target.startswith("pitcher_") else "batter"
            found += self._forecasts(target, rows.filter(pl.col("role") == role))
        return found

    def _forecasts(self, target: str, rows: pl.DataFrame) -> list[Forecast]:
        model = self.models.get(target)
        if model is None:
            raise NoModel(target)
        if rows.is_empty():
            return []
        means = model.predict_mean(rows)
        trials = (
            rows["expected_plate_appearances"].to_numpy() if model.manifest.family == "binomial" else None
        )
        chances = model.distribution(means, trials)
        return [
            Forecast(target, model.manifest.version, float(mean), chance, row, self._flags(row))
            for mean, chance, row in zip(means, chances, rows.iter_rows(named=True), strict=True)
        ]

    def _flags(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        sources = {row.get(name) for name in ("lineup_source", "home_lineup_source", "away_lineup_source")}
        checks = {
            "line-up projected": "projected" in sources,
            "line-up unknown": "none" in sources,
            "starter unknown": _starter_unknown(row),
            "stale inputs": (row["game_date"] - self.as_of).days > STALE_AFTER,
            "few games": _least_experience(row) < FEW_GAMES,
        }
        return tuple(flag for flag, raised in checks.items() if raised)


def forecast_id(forecast: Forecast, release_id: str) -> str:
    """Return a forecast's name: the same release gives the same name for the same question."""
    row = forecast.row
    parts = (forecast.target, row["game_pk"], row.get("player_id"), release_id, row["as_of"])
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def _named(
    games: pl.DataFrame, posted: pl.DataFrame, side: str, starter: int | None, lineup: list[int] | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put a named starter and a named line-up of one side in the place of what is posted."""
    if starter is None and lineup is None:
        return games, posted
    team, game_pk = games[f"{side}_team_id"][0], games["game_pk"][0]
    of_side = (pl.col("team_id") == team) & (pl.col("game_pk") == game_pk)
    if starter is not None:
        games = games.with_columns(pl.lit(starter).alias(f"{side}_probable_pitcher_id"))
        posted = posted.filter(~(of_side & pl.col("is_starting_pitcher")))
    if lineup is not None:
        posted = posted.filter(~of_side | pl.col("is_starting_pitcher"))
        named = {"game_pk": game_pk, "team_id": team, "is_starting_pitcher": False, "is_confirmed": True}
        rows = [{**named, "player_id": player, "batting_slot": slot} for slot, player in enumerate(lineup, 1)]
        posted = pl.concat(
            [posted, pl.DataFrame(rows, schema_overrides=posted.schema)], how="diagonal_relaxed"
        )
    return games, posted


def _starter_unknown(row: Mapping[str, Any]) -> bool:
    if "starters_known" in row:
        return bool(row["starters_known"] < 2)
    return row["role"] == "batter" and row["opposing_starter_id"] is None


def _least_experience(row: Mapping[str, Any]) -> float:
    names = ("log_experience", "home_starter_log_experience", "away_starter_log_experience")
    return min(float(row[name]) for name in names if row.get(name) is not None)
