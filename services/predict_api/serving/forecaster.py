"""Forecasts from one release: its snapshot's states and its models, without a warehouse."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from typing import Self

import msgspec
import polars as pl

from services.predict_api.mlb import lineup_checks
from services.predict_api.schemas.requests import Lineups, Starters
from services.predict_api.schemas.track_record_responses import Evaluation
from services.predict_api.serving.directory import Directory, Row
from services.predict_api.serving.game_forecasts import GameForecast, GameForecaster
from services.predict_api.serving.schedule_days import ScheduleDays
from services.predict_api.serving.what_if import apply_what_if
from shared.modeling.manifest import ModelManifest
from shared.modeling.model import Model
from shared.modeling.registry import Release, sha256_hex
from shared.sports.mlb.matchup import fill_lineups
from shared.sports.mlb.snapshot_tables import read_states
from shared.storage.coverage import schedule_from_status
from shared.storage.snapshot import Snapshot

PRECOMPUTED_DAYS = 2  # with games: computed and stored before a release is served


@dataclass(frozen=True)
class Forecaster:
    """Forecasts games and players from one release, all of it in memory.

    A scheduled game's forecast depends on the release alone, so each day is computed once: the next days
    when the release is loaded, others at the first request.
    """

    release: Release
    snapshot: Snapshot
    models: Mapping[str, Model]
    world: str  # the name of the data world
    challengers: Mapping[str, Model] = field(default_factory=dict)
    evaluation: Evaluation | None = None  # published with it: seasons held out
    left_out: Mapping[str, str] = field(default_factory=dict)  # challengers that are broken, and why
    outdated_tables: tuple[str, ...] = ()  # tables of states that are older than this program

    def __post_init__(self) -> None:
        object.__setattr__(self, "_days", {})
        object.__setattr__(self, "_compute_lock", threading.Lock())

    @cached_property
    def directory(self) -> Directory:
        """Return the clubs, players and games of the snapshot."""
        return Directory(self.snapshot)

    @cached_property
    def schedule_days(self) -> ScheduleDays:
        """Return the schedule of each day after `as_of`."""
        return ScheduleDays(self.directory, schedule_from_status(self.snapshot.status), self.as_of)

    @cached_property
    def cache_key(self) -> str:
        """Return the release's name in caches: its content, not only its number."""
        content = (self.release.snapshot, self.release.models, self.release.challengers, self.world)
        return f"{self.release.id}-{sha256_hex(msgspec.json.encode(content, order='sorted'))[:16]}"

    def without_challenger(self, target: str, reason: str) -> Self:
        """Return the same without a challenger."""
        others = {name: model for name, model in self.challengers.items() if name != target}
        return replace(self, challengers=others, left_out={**self.left_out, target: reason})

    @property
    def as_of(self) -> date:
        """Return the last day whose results are known."""
        return self.snapshot.as_of

    def trained_until(self, target: str) -> date | None:
        """Return the last day that a target's model was trained on; None where its manifest does not say."""
        manifest = self.models[target].manifest
        return manifest.trained_on.last if isinstance(manifest, ModelManifest) else None

    def next_days(self) -> list[date]:
        """Return the day after `as_of`, and the next ones with games."""
        ahead = (day for day in self.directory.scheduled_days() if day > self.as_of)
        return list(dict.fromkeys([self.as_of + timedelta(days=1), *islice(ahead, PRECOMPUTED_DAYS)]))

    def forecast_day(self, day: date) -> Mapping[int, GameForecast]:
        """Return the forecasts of a day's games, in the order in which they start."""
        days: dict[date, dict[int, GameForecast]] = self._days  # type: ignore[attr-defined]
        if day not in days:
            with self._compute_lock:  # type: ignore[attr-defined]
                if day not in days:
                    days[day] = self._compute_day(day)
        return days[day]

    def has_forecasts(self, day: date) -> bool:
        """Return whether the forecasts of a day are computed already."""
        return day in self._days  # type: ignore[attr-defined]

    def forecast_scheduled(self, game: Row) -> GameForecast:
        """Return a scheduled game's forecast."""
        return self.forecast_day(game["game_date"])[game["game_pk"]]

    def forecast_what_if(self, game: Row, starters: Starters, lineups: Lineups) -> GameForecast:
        """Return the forecast of a game with a client's starters and line-ups.

        Raises InvalidRequest where a player is not known or would play for both clubs.
        """
        lineup_checks.reject_unknown_players(self.directory, starters, lineups)
        games, posted = self._select_scheduled(pl.col("game_pk") == game["game_pk"])
        expected = self._complete_lineups(games, posted)
        for side in ("home", "away"):
            named_players = getattr(starters, side), getattr(lineups, side)
            games, posted = apply_what_if(games, posted, expected, side, *named_players)
        playing = self._complete_lineups(games, posted)
        lineup_checks.reject_players_on_both_sides(self.directory, playing, game, starters, lineups)
        (game_forecast,) = self._game_forecaster.forecast_games(games, playing)
        return game_forecast

    @cached_property
    def _game_forecaster(self) -> GameForecaster:
        states, recent = read_states(self.snapshot), self.snapshot.tables["recent_lineups"]
        replacements = recent.filter(pl.col("in_place_of").is_not_null())
        return GameForecaster(states, self.models, self.challengers, self.release.id, replacements)

    def _compute_day(self, day: date) -> dict[int, GameForecast]:
        game_pks = [game["game_pk"] for game in self.directory.games_on(day)]
        if not game_pks:
            return {}
        games, posted = self._select_scheduled(pl.col("game_pk").is_in(game_pks))
        game_forecasts = self._game_forecaster.forecast_games(games, self._complete_lineups(games, posted))
        return {game_forecast.game["game_pk"]: game_forecast for game_forecast in game_forecasts}

    def _select_scheduled(self, of_games: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
        tables = self.snapshot.tables
        games = tables["schedule"].filter(of_games).sort("game_date", "scheduled_start", "game_pk")
        return games, tables["lineups"].filter(of_games)

    def _complete_lineups(self, games: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
        tables = self.snapshot.tables
        return fill_lineups(games, posted, tables["recent_lineups"], tables["people"])
