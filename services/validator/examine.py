"""One batch from staged frames to a verdict: bad rows aside, rules asked, grade given, what to ask again."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from services.validator.grading import Counts, Verdict, judge, phase
from services.validator.intake import Batch
from services.validator.quarantine import Sorted, hold_games, sort_rows
from services.validator.row_rules import schema_faults
from services.validator.rules import RULES, absent
from shared.batch import Issue, Manifest
from shared.events import Grade, RetryReason
from shared.tables import table


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: rows apart by table, games the batch states whole, issues, verdict."""

    tables: Mapping[str, Sorted]
    games: tuple[int, ...]
    missing: tuple[int, ...]  # games of the batch that are held back or have no row
    issues: tuple[Issue, ...]
    verdict: Verdict
    again: Mapping[RetryReason, tuple[int, ...]]  # games to ask for; none of them: the whole batch


def examine(manifest: Manifest, frames: Mapping[str, pl.DataFrame], history: pl.DataFrame) -> Examined:
    """Examine a batch; `history` is the row of `recent_history.sql`, or no row.

    Raises:
        Rejected: the manifest speaks of an unknown season phase.
    """
    asked = phase(manifest.season_phase)
    misfits = [issue for name, frame in frames.items() for issue in _misfits(name, frame)]
    misfitting = {issue.table for issue in misfits}
    tables = _sorted(manifest, {name: frames[name] for name in frames if name not in misfitting})
    batch = Batch(manifest, {name: rows.accepted for name, rows in tables.items()}, history)
    found = [issue for rule in RULES for issue in rule(batch, asked)] if not misfits else []
    issues = (*misfits, *(issue for rows in tables.values() for issue in rows.issues), *found)
    counts = _counts(batch, tables)
    verdict = judge(counts, issues, asked, fits=not misfits)
    games = tuple(batch.rows("games_historical")["game_pk"].sort())
    missing = tuple(sorted(set(manifest.games) - set(games)))
    again = _again(manifest, issues, verdict, strict=asked.strict)
    return Examined(tables, games, missing, issues, verdict, again)


def _misfits(name: str, frame: pl.DataFrame) -> list[Issue]:
    faults = schema_faults(table(name), frame)
    return [Issue("schema", name, "error", fault, frame.height) for fault in faults]


def _sorted(manifest: Manifest, frames: Mapping[str, pl.DataFrame]) -> dict[str, Sorted]:
    tables = {name: sort_rows(table(name), frame, manifest.dates) for name, frame in frames.items()}
    held = {failure.game_pk: "a request for it failed" for failure in manifest.failures if failure.game_pk}
    for rows in tables.values():
        held |= rows.spoiled
    return {name: hold_games(table(name), rows, held) for name, rows in tables.items()}


def _counts(batch: Batch, tables: Mapping[str, Sorted]) -> Counts:
    whole = set(batch.rows("games_historical")["game_pk"]) & set(batch.manifest.games)
    return Counts(
        games=len(batch.manifest.games),
        games_whole=len(whole),
        finals=batch.manifest.final_games,
        players=batch.rows("player_stats_historical").height,
        players_absent=sum(len(players) for players in absent(batch).values()),
        rows={name: _good_and_all(rows) for name, rows in tables.items()},
    )


def _good_and_all(rows: Sorted) -> tuple[int, int]:
    bad = sum(issue.rows for issue in rows.issues if issue.severity == "error")
    every = rows.accepted.height + rows.quarantined.height
    return max(every - bad, 0), every


def _again(
    manifest: Manifest, issues: tuple[Issue, ...], verdict: Verdict, *, strict: bool
) -> dict[RetryReason, tuple[int, ...]]:
    if verdict.grade is Grade.F or (strict and verdict.grade is not Grade.A):
        return {verdict.reason: ()}
    failed = tuple(sorted({failure.game_pk for failure in manifest.failures if failure.game_pk}))
    unmeasured = tuple(issue.games[0] for issue in issues if issue.rule == "pitch_counts" and issue.rows == 0)
    asked = {RetryReason.UNAVAILABLE: failed, RetryReason.STATCAST: unmeasured}
    return {reason: games for reason, games in asked.items() if games}
