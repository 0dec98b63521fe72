"""Backfills past days chunk by chunk: plans what is missing, collects and loads it, and can be interrupted.

A chunk is at most ten days that are collected, validated and loaded together. Its begin and its end are
objects (`backfill_ledger`), so whatever ends the process, the next job first finishes the chunk that was
under way. Features follow after the last chunk. Everything passes through the backfill lane.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Literal, Protocol

import msgspec

from services.collector import backfill_ledger
from services.collector.backfill_ledger import Chunk, ChunkResult
from services.collector.http_source import Clock
from services.collector.steering import CollectionStopped, Steering
from shared.errors import ObjectCorrupted, ObjectMissing, Unavailable
from shared.messaging.events import Sport
from shared.ports import ObjectStore
from shared.storage.coverage import Span

CHUNK_DAYS = 10  # dates that are staged and loaded at a time
_DAY = timedelta(days=1)
_LONGEST = CHUNK_DAYS * _DAY
_PROGRESS_SECONDS = 0.5  # between two writes of the progress object

Phase = Literal["planning", "collecting", "features", "training", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """What one chunk will fetch; `games` names the only games to collect (None: all that are missing)."""

    first: date
    last: date
    days: int
    to_fetch: int
    requests: int
    games: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """What a backfill will do: games that the source lists as final, those stored, and the chunks."""

    expected: int
    stored: int
    chunks: tuple[ChunkPlan, ...]

    @property
    def days(self) -> int:
        """Return the days with games to collect."""
        return sum(chunk.days for chunk in self.chunks)

    @property
    def to_fetch(self) -> int:
        """Return the games to fetch."""
        return sum(chunk.to_fetch for chunk in self.chunks)

    @property
    def requests(self) -> int:
        """Return the requests of the chunks; retries come on top."""
        return sum(chunk.requests for chunk in self.chunks)


class SportBackfill(Protocol):
    """What a job needs to know of a sport; `backfill_games` knows it of baseball."""

    now: datetime

    @property
    def planning_requests(self) -> int:
        """Return the requests that planning took so far, without retries."""

    def season_span(self, season: int) -> Span:
        """Return the first and the last day of a season."""

    def due_days(self, spans: Sequence[Span]) -> list[date]:
        """Return the days of the spans with games to collect, in order."""

    def days_without_games(self, spans: Sequence[Span]) -> Collection[date]:
        """Return the days of the spans that have no games."""

    def count_games(self) -> tuple[int, int]:
        """Return how many final games the spans have, and how many of them are stored."""

    def plan_chunk(self, first: date, last: date, limit: int | None) -> ChunkPlan:
        """Return what days will fetch, at most `limit` games."""

    def estimate_feed_bytes(self) -> int:
        """Return the bytes of the planned games' feeds, from a sample of them."""

    def archived_bodies(self, first: date, last: date) -> tuple[str, ...]:
        """Return the names of the archived games of some days."""

    def missing_games(self, first: date, last: date) -> tuple[int, ...]:
        """Return the final games of planned days that the stores lack now."""


class Host(Protocol):
    """What runs the services in the backfill lane: this machine, or a project."""

    @property
    def objects(self) -> ObjectStore:
        """Return the object store."""

    def now(self) -> datetime:
        """Return the time of the data."""

    def collect_chunk(self, chunk: Chunk) -> None:
        """Publish the chunk's tick unless it was published, and return once the chunk is loaded.

        Raises CollectionStopped, Unavailable.
        """

    def finish_loads(self) -> None:
        """Bring what an earlier job published up to the load."""

    def build_features(self) -> None:
        """Return once the features of all that was loaded are built."""


class Progress(msgspec.Struct, frozen=True):
    """How far a job is, as other processes and the console read it."""

    job: str
    phase: Phase
    at: datetime
    pid: int
    machine: str = ""  # that the process runs on; empty: the one of the stores
    order: str = "run"
    workers: int = 0
    pace: float | None = None
    games: int = 0
    of_games: int = 0  # of the plan; 0 until it is made, while an interrupted chunk is finished
    errors: int = 0
    from_archive: int = 0
    chunk: str = ""  # the days under way
    chunks: int = 0
    of_chunks: int = 0
    games_per_second: float = 0.0
    seconds_left: float | None = None
    requests: int = 0


class DryRun(msgspec.Struct, frozen=True):
    """What a job would do, in the names of its result."""

    days: int
    games_expected: int
    games_stored: int
    games_to_fetch: int
    requests: int
    minutes_at_pace: float | None  # None: no pace limits it
    feed_bytes: int
    chunks: int


class FinishedEarlier(msgspec.Struct, frozen=True):
    """What a job finished first: chunks that an interrupted one left, their games and days."""

    chunks: int
    games: int
    days: tuple[str, ...] = ()


class BackfillResult(msgspec.Struct, frozen=True):
    """What a job did. Its numbers have the names that the dry run's have."""

    job: str
    status: Literal["done", "stopped"]
    days: int
    games_expected: int
    games_stored: int  # when the job began
    games_to_fetch: int
    games_fetched: int
    games_from_archive: int
    games_failed: tuple[int, ...]
    games_not_stored: tuple[int, ...]
    requests: int  # planning included, retries left out
    retries: int
    feed_bytes: int
    chunks: int
    seconds: float
    finished_earlier: FinishedEarlier | None = None


def progress_name(sport: str) -> str:
    """Return the name of a sport's progress object."""
    return f"backfill/{sport}/progress.json"


def load_progress(objects: ObjectStore, sport: str) -> Progress | None:
    """Return the progress of the last job; None before the first. Raises ObjectCorrupted."""
    name = progress_name(sport)
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=Progress)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        message = f"{name}: expected the progress of a backfill, got {error}; the next backfill replaces it"
        raise ObjectCorrupted(message) from None


def plan_backfill(sport: SportBackfill, spans: Sequence[Span], limit: int | None = None) -> BackfillPlan:
    """Return what is to be collected of the spans, in chunks; `limit` is the most games to fetch."""
    chunks: list[ChunkPlan] = []
    due = sport.due_days(spans)
    for first, last in group_into_chunks(due, sport.days_without_games(spans)):
        left = None if limit is None else limit - sum(chunk.to_fetch for chunk in chunks)
        if left is not None and left <= 0:
            break
        chunks.append(sport.plan_chunk(first, last, left))
    return BackfillPlan(*sport.count_games(), tuple(chunks))


def estimate_backfill(sport: SportBackfill, plan: BackfillPlan, pace: float | None) -> DryRun:
    """Return what a plan will take, planning included; retries come on top."""
    requests = sport.planning_requests + plan.requests
    return DryRun(
        days=plan.days,
        games_expected=plan.expected,
        games_stored=plan.stored,
        games_to_fetch=plan.to_fetch,
        requests=requests,
        minutes_at_pace=round(requests / pace / 60, 1) if pace else None,
        feed_bytes=sport.estimate_feed_bytes(),
        chunks=len(plan.chunks),
    )


def group_into_chunks(days: Sequence[date], idle: Collection[date] = frozenset()) -> list[Span]:
    """Return days as spans of at most ten days of one year.

    The `idle` days right before a day, which have no games, belong to its span too: players move then. Of a
    longer break, such as a winter, only its end does.
    """
    chunks: list[Span] = []
    for day in sorted(days):
        first = chunks[-1][0] if chunks else day
        if chunks and day - first < _LONGEST and day.year == first.year:
            chunks[-1] = (first, day)
        else:
            chunks.append((_first_idle(day, idle), day))
    return chunks


def _first_idle(day: date, idle: Collection[date]) -> date:
    first = day
    while (before := first - _DAY) in idle and before.year == day.year and day - before < _LONGEST:
        first = before
    return first


class BackfillJob:
    """One run of a backfill on a host.

    `on_progress` gets every progress, which names the process `pid` and its `machine`; `clock` measures
    seconds.
    """

    def __init__(
        self,
        host: Host,
        sport_name: Sport,
        steering: Steering,
        *,
        pid: int,
        machine: str = "",
        clock: Clock = time.monotonic,
        on_progress: Callable[[Progress], object] = lambda _progress: None,
    ) -> None:
        self._host, self._objects, self._sport_name = host, host.objects, sport_name
        self._steering, self._now = steering, host.now
        self._pid, self._machine = pid, machine
        self._clock, self._on_progress = clock, on_progress
        self._started = clock()
        self._lock, self._last_written = Lock(), float("-inf")
        self._phase: Phase = "planning"
        self._chunk, self._chunks_done, self._of_chunks, self._of_games = "", 0, 0, 0
        self._collecting_since, self._games_before = self._started, 0
        steering.on_game = self._report_game
        steering.on_control = self._report_control

    def run(
        self,
        sport: SportBackfill,
        spans: Callable[[], Sequence[Span]],
        *,
        limit: int | None = None,
        is_fresh: bool = False,
        train: Callable[[], object] | None = None,
    ) -> BackfillResult:
        """Finish what an interrupted job left, collect and load what the spans lack, build the features.

        At the end `train` trains models, if given. A stop ends the job between two games; what raises leaves
        the progress "failed".
        """
        plan, earlier, not_stored = BackfillPlan(0, 0, ()), None, list[int]()
        try:
            self._report("planning")
            earlier = self._finish_interrupted()
            plan = plan_backfill(sport, spans(), limit)
            self._begin_plan(plan)
            for planned in plan.chunks:
                self._steering.check_order()
                not_stored += self._run_chunk(sport, planned, is_fresh=is_fresh)
            self._steering.check_order()
            self._report("features")
            self._host.build_features()
            if train:
                self._report("training")
                train()
        except CollectionStopped:
            self._report("stopped")
            return self._build_result(plan, "stopped", not_stored, earlier)
        except Exception:
            with suppress(Unavailable):  # the job's own error is the one to raise
                self._report("failed")
            raise
        self._report("done")
        return self._build_result(plan, "done", not_stored, earlier)

    def _finish_interrupted(self) -> FinishedEarlier | None:
        """Finish the chunk and the loads that an interrupted job left; None if it left no chunk."""
        backfill_ledger.remove_corrupt(self._objects, self._sport_name)
        left = backfill_ledger.unfinished_chunks(self._objects, self._sport_name)
        if left:
            self._chunk = ", ".join(_describe_days(chunk) for chunk in left)
            self._report("planning")
        self._host.finish_loads()
        for chunk in left:
            self._host.collect_chunk(chunk)
            self._finish_chunk(chunk, 0, ())
        days = tuple(_describe_days(chunk) for chunk in left)
        return FinishedEarlier(len(left), len(self._steering.fetched), days) if left else None

    def _begin_plan(self, plan: BackfillPlan) -> None:
        self._of_chunks, self._of_games = len(plan.chunks), plan.to_fetch
        self._games_before, self._collecting_since = len(self._steering.fetched), self._clock()

    def _run_chunk(self, sport: SportBackfill, planned: ChunkPlan, *, is_fresh: bool) -> Collection[int]:
        first, last = planned.first, planned.last
        self._chunk = f"{first} to {last}"
        self._report("collecting")
        run_id = f"{self._steering.control.job}-{first}-{last}"
        archived = sport.archived_bodies(first, last)
        chunk = Chunk(run_id, self._sport_name, first, last, planned.games, is_fresh, archived)
        backfill_ledger.begin_chunk(self._objects, chunk)
        before = len(self._steering.fetched)
        self._host.collect_chunk(chunk)
        not_stored = sorted(self._steering.fetched.intersection(sport.missing_games(first, last)))
        self._finish_chunk(chunk, len(self._steering.fetched) - before, not_stored)
        self._chunks_done += 1
        self._report("collecting")
        return not_stored

    def _finish_chunk(self, chunk: Chunk, games: int, not_stored: Collection[int]) -> None:
        result = ChunkResult(chunk.run_id, self._now(), games, tuple(not_stored))
        backfill_ledger.finish_chunk(self._objects, chunk, result)

    def _report_game(self) -> None:
        if self._clock() - self._last_written >= _PROGRESS_SECONDS:
            self._report("collecting")

    def _report_control(self) -> None:
        self._report(self._phase)

    def _report(self, phase: Phase) -> None:
        """Store and show the progress."""
        with self._lock:
            self._last_written = self._clock()
            self._phase = phase
            progress = self._progress(phase)
            self._objects.overwrite(progress_name(self._sport_name), msgspec.json.encode(progress))
            self._on_progress(progress)

    def _progress(self, phase: Phase) -> Progress:
        steering, control = self._steering, self._steering.control
        games = len(steering.fetched) - self._games_before
        seconds = self._clock() - self._collecting_since
        rate = games / seconds if seconds > 0 else 0.0
        left = max(0, self._of_games - games)
        return Progress(
            job=control.job,
            phase=phase,
            at=self._now(),
            pid=self._pid,
            machine=self._machine,
            order=control.order,
            workers=control.workers,
            pace=control.pace,
            games=games,
            of_games=self._of_games,
            errors=len(steering.failed),
            from_archive=steering.from_archive,
            chunk=self._chunk,
            chunks=self._chunks_done,
            of_chunks=self._of_chunks,
            games_per_second=round(rate, 2),
            seconds_left=round(left / rate, 1) if self._of_games and rate > 0 else None,
            requests=steering.limiter.requests,
        )

    def _build_result(
        self,
        plan: BackfillPlan,
        status: Literal["done", "stopped"],
        not_stored: Sequence[int],
        finished_earlier: FinishedEarlier | None,
    ) -> BackfillResult:
        steering = self._steering
        return BackfillResult(
            job=steering.control.job,
            status=status,
            days=plan.days,
            games_expected=plan.expected,
            games_stored=plan.stored,
            games_to_fetch=plan.to_fetch,
            games_fetched=len(steering.fetched),
            games_from_archive=steering.from_archive,
            games_failed=tuple(sorted(steering.failed)),
            games_not_stored=tuple(not_stored),
            requests=steering.limiter.requests,
            retries=steering.limiter.retries,
            feed_bytes=steering.feed_bytes,
            chunks=self._chunks_done,
            seconds=round(self._clock() - self._started, 1),
            finished_earlier=finished_earlier,
        )


def _describe_days(chunk: Chunk) -> str:
    return f"{chunk.first} to {chunk.last}"
