"""Console screens of backfills: progress while one runs, its result, a dry run, a season's coverage."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from hankstank.terminal import draw_rows, print_note, print_text
from services.collector.backfill_job import BackfillResult, DryRun, Progress
from services.collector.mlb.backfill_report import MonthCoverage, SeasonReport

_SHOWN_GAMES = 20  # missing games in the table; --json has all
_NO_GAMES = "The source lists no finished game on these days: check --season, --month, --from and --to."
_PHASES = {
    "planning": "planning",
    "collecting": "collecting",
    "features": "building features",
    "training": "training models",
}


@contextmanager
def show_backfill(shown: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows progress on stderr.

    On a terminal a bar with a line above it for each chunk that ended; elsewhere those lines alone.
    """
    log = _ChunkLog()
    if not shown:
        yield lambda _progress: None
    elif not sys.stderr.isatty():
        yield lambda progress: _print_lines(log.new_lines(progress), print_note)
    else:
        columns = (BarColumn(), TextColumn("{task.description}"))
        with Bar(*columns, console=Console(stderr=True, highlight=False), transient=True) as bar:
            task = bar.add_task("planning", total=None)

            def show(progress: Progress) -> None:
                _print_lines(log.new_lines(progress), bar.console.print)
                total = progress.of_games or None
                bar.update(
                    task, description=describe_progress(progress), completed=progress.games, total=total
                )

            yield show


class _ChunkLog:
    """Remembers what was logged of a job: a line when a phase begins and when a chunk ended."""

    def __init__(self) -> None:
        self._chunks, self._phase, self._errors, self._chunk = 0, "", 0, ""

    def new_lines(self, progress: Progress) -> list[str]:
        lines = []
        if progress.errors > self._errors:
            lines.append(f"{progress.chunk}: {progress.errors} games could not be fetched so far")
        if progress.chunks > self._chunks:
            lines.append(f"{progress.chunk} loaded; {describe_progress(progress)}")
        if progress.phase != self._phase and progress.phase in ("planning", "features", "training"):
            lines.append(_PHASES[progress.phase])
        if progress.phase == "planning" and progress.chunk != self._chunk:
            lines.append(f"finishing {progress.chunk} of the interrupted backfill")
        self._chunks, self._phase, self._errors = progress.chunks, progress.phase, progress.errors
        self._chunk = progress.chunk
        return lines


def _print_lines(lines: list[str], write: Callable[[str], object]) -> None:
    for line in lines:
        write(line)


def describe_progress(progress: Progress) -> str:
    """Return games, rate, time left and errors in a line."""
    left = f", {_minutes(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    waiting = {"pause": ", paused", "stop": ", stopping"}.get(progress.order, "")
    games = f"{progress.games} of {progress.of_games}" if progress.of_games else f"{progress.games}"
    return f"{games} games, {progress.games_per_second:.1f} a second{left}, {progress.errors} errors{waiting}"


def draw_dry_run(run: DryRun) -> None:
    """Draw what a backfill would do."""
    pace = "no limit" if run.minutes_at_pace is None else f"{run.minutes_at_pace:.1f}"
    _draw_facts(
        {
            "Days": _count_days(run),
            "Games expected": f"{run.games_expected:,}",
            "Games stored": f"{run.games_stored:,}",
            "Games to fetch": f"{run.games_to_fetch:,}",
            "Requests": f"{run.requests:,}",
            "Minutes at the pace": pace,
            "Size of the feeds": f"about {run.feed_bytes / 1e6:,.0f} MB",
        }
    )
    if not run.games_expected:
        print_text(_NO_GAMES)
    print_text("A dry run: nothing was written.")


def draw_result(result: BackfillResult) -> None:
    """Draw what a backfill did."""
    if earlier := result.finished_earlier:
        games = f"{earlier.games:,} {'game' if earlier.games == 1 else 'games'}"
        print_text(f"Finished first for the interrupted backfill: {', '.join(earlier.days)}, {games}")
    fetched_now = result.games_fetched - (earlier.games if earlier else 0)
    fetched = f"{fetched_now:,} of {result.games_to_fetch:,}"
    if result.games_from_archive:
        fetched += f"; {result.games_from_archive:,} in all from the raw archive"
    _draw_facts(
        {
            "Backfill": f"{result.job}, {result.status}",
            "Days": _count_days(result),
            "Games expected": f"{result.games_expected:,}",
            "Games stored before": f"{result.games_stored:,}",
            "Games fetched": fetched,
            "Games not fetched": _list_games(result.games_failed),
            "Games not stored": _list_games(result.games_not_stored),
            "Requests": f"{result.requests:,}, and {result.retries:,} retries",
            "Size of the feeds": f"{result.feed_bytes / 1e6:,.0f} MB",
            "Seconds": f"{result.seconds:,.1f}",
        }
    )
    if result.status == "stopped":
        print_text("Stopped: run the same command to continue.")
    elif not result.games_expected:
        print_text(_NO_GAMES)
    elif not result.games_to_fetch:
        print_text("Nothing was fetched: every game is stored. --fresh fetches them again.")


def draw_status(status: Mapping[str, Any]) -> None:
    """Draw how far a backfill is."""
    if status["state"] == "none":
        print_text("No backfill has run here.")
        return
    pace = "no limit" if status["pace"] is None else f"{status['pace']:g} requests a second"
    left = status["seconds_left"]
    _draw_facts(
        {
            "Backfill": f"{status['job']}, {status['state']} (process {status['pid']})",
            "Days under way": status["chunk"] or "none",
            "Chunks": f"{status['chunks']} of {status['of_chunks']}",
            "Games": f"{status['games']:,} of {status['of_games']:,}",
            "Games a second": f"{status['games_per_second']:.1f}",
            "Time left": "unknown" if left is None else _minutes(left),
            "Errors": f"{status['errors']}",
            "Workers": f"{status['workers']}",
            "Pace": pace,
        }
    )


def draw_control(control: Mapping[str, Any]) -> None:
    """Draw what a running backfill was changed to."""
    pace = "no limit" if control["pace"] is None else f"{control['pace']:g} requests a second"
    order = {"run": "runs", "pause": "pauses", "stop": "stops"}[control["order"]]
    print_text(f"{control['job']} {order} after the games under way: {control['workers']} workers, {pace}")


def draw_season_report(report: SeasonReport) -> None:
    """Draw a season's coverage, month by month, and its missing games."""
    months = (*report.months, report.total)
    title = f"Season {report.season}: {report.total.collected:,} of {report.expected:,} games collected"
    games = ("Month", "Scheduled", "Final", "Postponed", "Collected", "Graded", "Line-ups")
    draw_rows(games, [_game_cells(month) for month in months], title=title)
    sums = ("Month", "Plate appearances", "Pitches", "Strikeouts agree", "Scores agree")
    draw_rows(sums, [_sum_cells(month) for month in months], title="\nPlays, and what they add up to")
    if report.missing:
        shown = report.missing[:_SHOWN_GAMES]
        cells = [(str(one.game_date or ""), str(one.game_pk or ""), one.reason) for one in shown]
        draw_rows(("Day", "Game", "Missing because"), cells, title="\nMissing")


def _game_cells(month: MonthCoverage) -> tuple[str, ...]:
    counts = (month.scheduled, month.final, month.postponed, month.collected, month.graded, month.lineups)
    return (month.month, *(f"{count:,}" for count in counts))


def _sum_cells(month: MonthCoverage) -> tuple[str, ...]:
    strikeouts = f"{month.strikeouts_agree:,} of {month.starts:,} starts"
    scores = f"{month.scores_agree:,} of {month.final:,} games"
    return (month.month, f"{month.plate_appearances:,}", f"{month.pitches:,}", strikeouts, scores)


def _draw_facts(facts: Mapping[str, str]) -> None:
    for label, text in facts.items():
        print_text(f"{label:<22}{text}")


def _count_days(run: DryRun | BackfillResult) -> str:
    return f"{run.days} in {run.chunks} {'chunk' if run.chunks == 1 else 'chunks'}"


def _list_games(games: tuple[int, ...]) -> str:
    return f"{len(games)}: {', '.join(map(str, games[:_SHOWN_GAMES]))}" if games else "none"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
