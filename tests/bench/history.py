"""A home with some seasons behind it, grown through the rooms themselves, and kept for the next run.

Only HTTP is spared: worker processes render each game's feed, read it with the collector's own parser and
stage its rows as the collector does, month by month; validator, loader and features then hear of each
batch over the queue. Rosters, standings and transactions, which came with days, are left out.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import msgspec

from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.run_plan import tick_time
from services.collector.mlb.feed import decode_feed, game_rows
from services.collector.rows import BY_GAME, GameRows, as_json
from services.collector.staging import Staging
from services.features.computation_fingerprint import computation_fingerprint
from shared.adapters.local.durable_queue import LocalBus
from shared.messaging.events import DataCollected
from shared.ports import ObjectStore
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from shared.storage import tables
from shared.storage.staging import Manifest, write_struct
from simulator.game_record import GameRecord, World
from simulator.wire.feed import render_feed
from simulator.wire.game_summaries import summarize_game
from simulator.wire.reference_data import ReferenceData
from tests.bench.samples import feeds
from tests.bench.worlds import Season

LEVELS = (1, 2, 3, 7)  # seasons after which a copy is kept
_LANE = "backfill"
_WORKERS = 2


class Batch(msgspec.Struct, frozen=True):
    """One staged batch, as the collector would announce it."""

    run_id: str
    dates: tuple[date, ...]
    manifest: str
    counts: dict[str, int]


class _Progress(msgspec.Struct):
    staged: dict[int, list[Batch]] = {}  # by season
    loaded: list[str] = []  # manifests


@dataclass
class History:
    """Seasons in a growing home, of which a copy is kept after each of `LEVELS`.

    `first_left_out` tells the day of a season before which its copy is made.
    """

    folder: Path
    seasons: Sequence[Season]
    first_left_out: Callable[[Season], date]
    _progress: _Progress = field(default_factory=_Progress)

    def after(self, count: int) -> Path:
        """Return a copy of the home after `count` seasons, the last of them without its last days.

        What earlier runs left is used again as long as tables and computation are the same.
        """
        copy = self._copy(count)
        if not copy.exists():
            self._open()
            self._stage(self.seasons[:count])
            for level in LEVELS[: LEVELS.index(count) + 1]:
                self._load(level)
        return copy

    @cached_property
    def _home(self) -> Path:
        return self.folder / _fingerprint() / self.seasons[0].folder.name

    def _copy(self, count: int) -> Path:
        return self._home.with_name(f"{self._home.name}-after-{count}")

    @property
    def _copying(self) -> Path:
        return self._home.with_name("copying")

    def _open(self) -> None:
        shutil.rmtree(self._copying, ignore_errors=True)
        self._home.mkdir(parents=True, exist_ok=True)
        if self._book.exists():
            self._progress = msgspec.json.decode(self._book.read_bytes(), type=_Progress)

    @property
    def _book(self) -> Path:
        return self._home / "history.json"

    def _note(self) -> None:
        self._book.write_bytes(msgspec.json.encode(self._progress))

    def _stage(self, seasons: Sequence[Season]) -> None:
        missing = [season for season in seasons if season.year not in self._progress.staged]
        with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:
            staged = pool.map(stage_season, missing, map(self._cut, missing), [self._home] * len(missing))
            for season, batches in zip(missing, staged, strict=True):
                self._progress.staged[season.year] = batches
                self._note()

    def _cut(self, season: Season) -> date:
        is_last_of_a_level = self.seasons.index(season) + 1 in LEVELS
        return self.first_left_out(season) if is_last_of_a_level else date.max

    def _load(self, count: int) -> None:
        """Deliver every batch before the day left out of the last of `count` seasons, and keep a copy."""
        if self._copy(count).exists():
            return
        last = self.seasons[count - 1]
        batches = [one for season in self.seasons[:count] for one in self._progress.staged[season.year]]
        due = [one for one in batches if one.dates[0] < self.first_left_out(last)]
        for batch in due:
            if batch.manifest not in self._progress.loaded:
                deliver(self._home, batch)
                self._progress.loaded.append(batch.manifest)
                self._note()
        shutil.copytree(self._home, self._copying)
        self._copying.rename(self._copy(count))


def stage_season(season: Season, cut: date, home: Path) -> list[Batch]:
    """Stage a season's games by month, no batch holding games of before and after `cut`."""
    world, objects = season.world(), create_object_store(Settings(home=home))
    almanac = ReferenceData(
        season.year,
        {club.id: club for club in world.list_clubs(season.year)},
        world.venues_by_id(),
        world.people_by_id(),
    )
    played = (
        game
        for game in world.iter_games(season.year)
        if summarize_game(game).has_result and game.game_type != "S"
    )
    months = groupby(played, key=lambda game: (game.official_date.month, game.official_date >= cut))
    return [stage_batch((_rows(game, world, almanac) for game in games), objects) for _, games in months]


def stage_batch(games: Iterable[GameRows], objects: ObjectStore) -> Batch:
    """Stage games as one batch of the collector's."""
    staging, dates, numbers = Staging(), set(), []
    for rows in games:
        _add(rows, staging)
        dates.add(rows.game_columns["game_date"])
        numbers.append(rows.game_pk)
    run_id = f"history-{min(dates)}-{max(dates)}"
    prefix, days, finals = f"staging/{run_id}/1", tuple(sorted(dates)), tuple(numbers)
    datasets = staging.write_tables(objects, prefix)
    manifest = Manifest(run_id, 1, days, "regular", finals, datasets, final_games=finals)
    name = write_struct(objects, prefix, "manifest", manifest)
    return Batch(run_id, days, name, {dataset.table: dataset.rows for dataset in datasets})


def _rows(game: GameRecord, world: World, almanac: ReferenceData) -> GameRows:
    bench = [world.get_roster(club, game.official_date, "active") for club in (game.away, game.home)]
    body = msgspec.json.encode(render_feed(game, almanac, rosters=(bench[0], bench[1])))
    rows = game_rows(decode_feed(body), game.completed_date)
    known = game.completed_date or game.official_date
    rows.lineage = {
        "source": "mlb_stats_api",
        "run_id": "history",
        "raw_sha256": hashlib.sha256(body).hexdigest(),
        "collected_at": tick_time(known),
    }
    return rows


def _add(rows: GameRows, staging: Staging) -> None:
    head = rows.game_columns | rows.lineage
    for name in BY_GAME:
        own = {"extra": as_json({"rows_sha256": rows.digest()})} if name == "games_historical" else {}
        staging.add_rows(name, head | own, rows.tables.get(name, []))
    staging.add_rows("people", rows.lineage, rows.people)
    staging.add_rows("venues", rows.lineage, rows.venues)
    staging.add_rows("teams_historical", rows.lineage, rows.clubs)


def deliver(home: Path, batch: Batch) -> None:
    """Let validator, loader and features hear of a batch in the backfill lane."""
    clock = SimulatedClock(tick_time(batch.dates[-1]))
    with LocalPipeline(Settings(home=home, leak_check_samples=1), clock) as machine:
        LocalBus(home / "queue.sqlite", _LANE).publish(_collected(batch, clock))
        machine.run_until_idle(_LANE)
        letters = machine.dead_letters()
        machine.ports.warehouse.close()
    if letters:
        raise RuntimeError(f"{letters[0].run_id}: {letters[0].subscription}: {letters[0].reason}")


def _collected(batch: Batch, clock: SimulatedClock) -> DataCollected:
    return DataCollected(
        run_id=batch.run_id,
        occurred_at=clock(),
        dates=batch.dates,
        season_phase="regular",
        manifest=batch.manifest,
        counts=batch.counts,
    )


def _fingerprint() -> str:
    """Return, in short, what a kept home depends on: tables, computation, and what is read from a feed."""
    definitions = [tables.get_table(name) for name in tables.list_tables()]
    read = [game_rows(decode_feed(body)).digest() for body in feeds()[1]]
    return hashlib.sha256(repr((computation_fingerprint(), definitions, read)).encode()).hexdigest()[:12]
