"""The first start of the live service on the live data sources: fills the stores from a season or a day on.

What it has to do is an object, so a start that is interrupted goes on at the next one, without a question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from msgspec import structs

from hankstank.local import backfill
from hankstank.local.backfill import BackfillOptions
from services.collector.backfill_job import BackfillResult, DryRun, Progress
from shared.errors import Unavailable, UserError
from shared.ports import ObjectStore
from shared.runtime.data_world import is_world_known
from shared.runtime.ports_factory import Clock
from shared.sports.mlb.ballpark_time import ballpark_date
from shared.storage.first_start import FirstStart, load_first_start, remove_first_start, save_first_start

DAY = timedelta(days=1)
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0  # between two tries while the sources do not answer

Report = Callable[[str], object]


@dataclass(frozen=True)
class Questions:
    """The questions to a person at a terminal: from when on to fill the stores, and whether it may begin."""

    choose_begin: Callable[[], str]
    confirm: Callable[[DryRun], bool]


def needs_first_start(objects: ObjectStore) -> bool:
    """Return whether the stores are new, or their first start was interrupted."""
    return load_first_start(objects) is not None or not is_world_known(objects)


def backfill_options(begin: str, home: Path, data: Path, today: date) -> BackfillOptions:
    """Return the days from a season or a day up to yesterday, as a backfill that trains at its end.

    Example:
        >>> backfill_options("2025", Path("var"), Path(), date(2026, 4, 2)).seasons
        (2025, 2026)
    """
    if begin.isdigit() and len(begin) == 4 and int(begin) <= today.year:
        seasons = tuple(range(int(begin), today.year + 1))
        return BackfillOptions(seasons, data, home, source="mlb", trains=True)
    try:
        first = date.fromisoformat(begin)
    except ValueError:
        first = today
    if first >= today:
        raise UserError(
            f"--backfill-from: expected a season such as {today.year - 1}, or a day before today such as "
            f"{today.year - 1}-04-01, got {begin}"
        )
    return BackfillOptions((), data, home, first=first, last=today - DAY, source="mlb", trains=True)


def choose_begin(
    home: Path, data: Path, given: str | None, questions: Questions | None, report: Report, clock: Clock
) -> str:
    """Return from when on to fill new stores: as given, else as a person at the terminal answers.

    Shows the estimate of requests and minutes. Raises UserError if nobody can answer, or the answer is no.
    """
    begin = given or (questions.choose_begin() if questions else None)
    if begin is None:
        raise UserError(
            f"{home}: no stores here: say how far back to fill them with --backfill-from, "
            "a season such as 2025 or a day such as 2025-04-01"
        )
    options = backfill_options(begin, home, data, ballpark_date(clock()))
    estimate = backfill.plan_dry_run(options, clock)
    if not estimate.games_expected:
        raise UserError(f"--backfill-from {begin}: expected days with games that are over, got none")
    report(describe_estimate(estimate))
    if questions and given is None and not questions.confirm(estimate):
        raise UserError(f"{home}: nothing was written: start again with another season or day")
    return begin


def describe_estimate(estimate: DryRun) -> str:
    """Return what a backfill takes in a line."""
    minutes = estimate.minutes_at_pace
    time = "" if minutes is None else f", about {max(1, round(minutes))} minutes at the pace of the settings"
    return f"{estimate.games_to_fetch:,} games to collect: {estimate.requests:,} requests{time}"


@dataclass
class FirstStartRun:
    """Fills the stores, and keeps the object that shows how far it is.

    `wait` waits some seconds or until a stop is requested.
    """

    objects: ObjectStore
    home: Path
    data: Path
    report: Report
    clock: Clock
    is_stopping: Callable[[], bool]
    wait: Callable[[float], object]
    on_progress: Callable[[Progress], object] = lambda _progress: None
    _chunk: str = ""

    def run(self, begin: str) -> bool:
        """Backfill from `begin` and train; return whether that is done, False after a stop.

        While a source does not answer it is tried again after 1, 2, 4 … 60 minutes.
        """
        seconds = FIRST_WAIT_S
        while not self.is_stopping():
            options = backfill_options(begin, self.home, self.data, ballpark_date(self.clock()))
            try:
                result = backfill.run_backfill(options, self._show, self.clock, self.is_stopping)
            except Unavailable as error:
                self._wait(begin, str(error), seconds)
                seconds = min(2 * seconds, LONGEST_WAIT_S)
                continue
            if result.status == "stopped":
                break
            self._finish(result)
            return True
        return False

    def _finish(self, result: BackfillResult) -> None:
        remove_first_start(self.objects)
        self.report(f"{result.games_fetched:,} games collected, {len(result.games_failed)} not")

    def _wait(self, begin: str, reason: str, seconds: float) -> None:
        self.report(f"the first start goes on in {seconds / 60:.0f} minutes: {reason}")
        known = load_first_start(self.objects) or FirstStart(begin)
        save_first_start(self.objects, structs.replace(known, waiting=reason, seconds_left=None))
        self.wait(seconds)

    def _show(self, progress: Progress) -> None:
        """Store how far a backfill is, for the pages, and report each chunk that begins."""
        known = load_first_start(self.objects)
        if known is not None:
            save_first_start(self.objects, _with_progress(known, progress))
        if progress.chunk != self._chunk:
            self._chunk = progress.chunk
            number = (
                f"chunk {progress.chunks + 1} of {progress.of_chunks}" if progress.of_chunks else "finishing"
            )
            self.report(f"{number}: {progress.chunk}")
        self.on_progress(progress)


def _with_progress(known: FirstStart, progress: Progress) -> FirstStart:
    is_last = progress.phase in ("features", "training")
    return structs.replace(
        known,
        phase=progress.phase if is_last else "backfill",
        days=progress.chunk,
        chunk=min(progress.chunks + 1, progress.of_chunks),
        of_chunks=progress.of_chunks,
        games=progress.games,
        of_games=progress.of_games,
        seconds_left=None if is_last else progress.seconds_left,
        waiting="a person paused the backfill" if progress.order == "pause" else "",
    )
