"""One batch from staged frames to a verdict: bad rows aside, rules asked, grade given, what to ask again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from services.validator.batch_reader import Batch
from services.validator.grading import Counts, Verdict, judge, phase
from services.validator.mlb.rules import RULES, absent
from services.validator.quarantine import Sorted, hold_games, sort_rows
from services.validator.row_rules import schema_faults
from shared.messaging.events import Grade, RetryReason
from shared.storage.staging import Issue, Manifest
from shared.storage.tables import table


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. `again` maps reasons to the games to collect again; no games: the whole batch."""

    tables: Mapping[str, Sorted]
    games: tuple[int, ...]  # that the batch states whole
    held: tuple[int, ...]  # that a bad row held back
    issues: tuple[Issue, ...]
    verdict: Verdict
    again: Mapping[RetryReason, tuple[int, ...]]


def examine(manifest: Manifest, frames: Mapping[str, pl.DataFrame], history: pl.DataFrame) -> Examined:
    """Examine a batch; `history` is the row of `recent_history.sql`, or no row.

    Raises:
        Rejected: the manifest speaks of an unknown season phase.
    """
    asked = phase(manifest.season_phase)
    misfits = [issue for name, frame in frames.items() for issue in _misfits(name, frame)]
    misfitting = {issue.table for issue in misfits}
    fitting = {name: frame for name, frame in frames.items() if name not in misfitting}
    tables, held = _sorted(manifest, fitting)
    batch = Batch(manifest, {name: rows.accepted for name, rows in tables.items()}, history)
    found = [issue for rule in RULES for issue in rule(batch, asked)] if not misfits else []
    issues = (*misfits, *(issue for rows in tables.values() for issue in rows.issues), *found)
    games = _whole(batch)
    verdict = judge(_counts(batch, tables, games), issues, asked, fits=not misfits)
    again = _again(_lacking(batch, held, issues), verdict, strict=asked.strict)
    return Examined(tables, games, held, issues, verdict, again)


def _misfits(name: str, frame: pl.DataFrame) -> list[Issue]:
    faults = schema_faults(table(name), frame)
    return [Issue("schema", name, "error", fault, frame.height) for fault in faults]


def _sorted(
    manifest: Manifest, frames: Mapping[str, pl.DataFrame]
) -> tuple[dict[str, Sorted], tuple[int, ...]]:
    tables = {name: sort_rows(table(name), frame, manifest.dates) for name, frame in frames.items()}
    held = {game: why for rows in tables.values() for game, why in rows.spoiled.items()}
    return {name: hold_games(table(name), rows, held) for name, rows in tables.items()}, _in_order(held)


def _failed(manifest: Manifest) -> set[int]:
    return {failure.game_pk for failure in manifest.failures if failure.game_pk is not None}


def _whole(batch: Batch) -> tuple[int, ...]:
    """Return the games with a row, but for those of which only the schedule could be had."""
    unread = _failed(batch.manifest) - set(batch.manifest.final_games)
    return _in_order(set(batch.rows("games_historical")["game_pk"]) - unread)


def _counts(batch: Batch, tables: Mapping[str, Sorted], games: tuple[int, ...]) -> Counts:
    expected = set(batch.manifest.games)
    return Counts(
        games=len(expected),
        games_whole=len(expected.intersection(games)),
        finals=batch.manifest.final_games,
        players=batch.rows("player_stats_historical").height,
        players_absent=sum(len(players) for players in absent(batch).values()),
        rows={name: _good_and_all(rows) for name, rows in tables.items()},
    )


def _good_and_all(rows: Sorted) -> tuple[int, int]:
    bad = sum(issue.rows for issue in rows.issues if issue.severity == "error")
    every = rows.accepted.height + rows.quarantined.height
    return max(every - bad, 0), every


def _lacking(
    batch: Batch, held: tuple[int, ...], issues: Iterable[Issue]
) -> dict[RetryReason, tuple[int, ...]]:
    """Return the games that failed or were held back, and those without a single expected pitch."""
    without = [issue for issue in issues if issue.rule == "pitch_counts" and issue.rows == 0]
    pitchless = {game for issue in without for game in issue.games}
    lacking = {
        RetryReason.UNAVAILABLE: _in_order(_failed(batch.manifest).union(held)),
        RetryReason.STATCAST: _in_order(pitchless),
    }
    return {reason: games for reason, games in lacking.items() if games}


def _again(
    lacking: dict[RetryReason, tuple[int, ...]], verdict: Verdict, *, strict: bool
) -> dict[RetryReason, tuple[int, ...]]:
    whole_batch = verdict.grade is Grade.F or (strict and verdict.grade is not Grade.A)
    return {verdict.reason: ()} if whole_batch else lacking


def _in_order(games: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(games))
