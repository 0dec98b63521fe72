"""Validates one batch: quarantines bad rows, applies the rules, grades it, lists what to collect again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from services.validator.batch_reader import Batch
from services.validator.grading import BatchCounts, GradeResult, grade_batch, phase_requirements
from services.validator.mlb.rules import RULES, missing_player_lines
from services.validator.quarantine import ValidatedRows, quarantine_games, validate_rows
from services.validator.row_rules import schema_violations
from shared.messaging.events import Grade, RetryReason
from shared.storage.staging import Issue, Manifest
from shared.storage.tables import get_table


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The findings. `recollect` maps reasons to the games to collect again; no games: the whole batch."""

    tables: Mapping[str, ValidatedRows]
    games: tuple[int, ...]  # that the batch contains completely
    quarantined_games: tuple[int, ...]  # that a bad row quarantined
    issues: tuple[Issue, ...]
    grading: GradeResult
    recollect: Mapping[RetryReason, tuple[int, ...]]


def validate_batch(
    manifest: Manifest, frames: Mapping[str, pl.DataFrame], history: pl.DataFrame
) -> ValidationResult:
    """Validate a batch; `history` is the row of `recent_history.sql`, or no row.

    Raises:
        Rejected: the manifest has an unknown season phase.
    """
    requirements = phase_requirements(manifest.season_phase)
    schema_issues = [issue for name, frame in frames.items() for issue in _schema_issues(name, frame)]
    mismatched = {issue.table for issue in schema_issues}
    fitting = {name: frame for name, frame in frames.items() if name not in mismatched}
    tables, quarantined_games = _validate_tables(manifest, fitting)
    batch = Batch(manifest, {name: rows.accepted for name, rows in tables.items()}, history)
    found = [issue for rule in RULES for issue in rule(batch, requirements)] if not schema_issues else []
    issues = (*schema_issues, *(issue for rows in tables.values() for issue in rows.issues), *found)
    games = _complete_games(batch)
    grading = grade_batch(
        _count_batch(batch, tables, games), issues, requirements, schema_fits=not schema_issues
    )
    recollect = _games_to_recollect(
        _incomplete_games(batch, quarantined_games, issues), grading, strict=requirements.strict
    )
    return ValidationResult(tables, games, quarantined_games, issues, grading, recollect)


def _schema_issues(name: str, frame: pl.DataFrame) -> list[Issue]:
    violations = schema_violations(get_table(name), frame)
    return [Issue("schema", name, "error", violation, frame.height) for violation in violations]


def _validate_tables(
    manifest: Manifest, frames: Mapping[str, pl.DataFrame]
) -> tuple[dict[str, ValidatedRows], tuple[int, ...]]:
    tables = {name: validate_rows(get_table(name), frame, manifest.dates) for name, frame in frames.items()}
    quarantined_games = {game: why for rows in tables.values() for game, why in rows.rejected_games.items()}
    return {
        name: quarantine_games(get_table(name), rows, quarantined_games) for name, rows in tables.items()
    }, _sorted_game_ids(quarantined_games)


def _failed_games(manifest: Manifest) -> set[int]:
    return {failure.game_pk for failure in manifest.failures if failure.game_pk is not None}


def _complete_games(batch: Batch) -> tuple[int, ...]:
    """Return the games with a row, without those that only the schedule describes."""
    listed_only = _failed_games(batch.manifest) - set(batch.manifest.final_games)
    return _sorted_game_ids(set(batch.table_rows("games_historical")["game_pk"]) - listed_only)


def _count_batch(batch: Batch, tables: Mapping[str, ValidatedRows], games: tuple[int, ...]) -> BatchCounts:
    expected = set(batch.manifest.games)
    return BatchCounts(
        games=len(expected),
        complete_games=len(expected.intersection(games)),
        final_games=batch.manifest.final_games,
        players=batch.table_rows("player_stats_historical").height,
        missing_lines=sum(len(players) for players in missing_player_lines(batch).values()),
        rows={name: _good_and_total(rows) for name, rows in tables.items()},
    )


def _good_and_total(rows: ValidatedRows) -> tuple[int, int]:
    bad = sum(issue.rows for issue in rows.issues if issue.severity == "error")
    total = rows.accepted.height + rows.quarantined.height
    return max(total - bad, 0), total


def _incomplete_games(
    batch: Batch, quarantined_games: tuple[int, ...], issues: Iterable[Issue]
) -> dict[RetryReason, tuple[int, ...]]:
    """Return the games that failed or were quarantined, and those without a single expected pitch."""
    no_pitches = [issue for issue in issues if issue.rule == "pitch_counts" and issue.rows == 0]
    pitchless = {game for issue in no_pitches for game in issue.games}
    incomplete = {
        RetryReason.UNAVAILABLE: _sorted_game_ids(_failed_games(batch.manifest).union(quarantined_games)),
        RetryReason.STATCAST: _sorted_game_ids(pitchless),
    }
    return {reason: games for reason, games in incomplete.items() if games}


def _games_to_recollect(
    incomplete: dict[RetryReason, tuple[int, ...]], grading: GradeResult, *, strict: bool
) -> dict[RetryReason, tuple[int, ...]]:
    whole_batch = grading.grade is Grade.F or (strict and grading.grade is not Grade.A)
    return {grading.reason: ()} if whole_batch else incomplete


def _sorted_game_ids(games: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(games))
