"""Separates good rows from bad ones, which are quarantined with a reason.

A bad pitch is quarantined alone: its game is complete without one measurement. In every other table that
the loader replaces game by game, a bad row quarantines its whole game, in all tables: a game that lost a row
silently would replace a complete one. The stored game stays, and the game is collected again. In other tables
only the row is quarantined. Of identical rows one is kept; a second, different row for the same key is bad.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.validator.row_rules import RowViolation, row_violations
from shared.storage.staging import Issue
from shared.storage.tables import Table

ROW_LEVEL_TABLES = {"statcast_pitches"}  # game by game, but a row may be missing
REPEATED = "repeated"  # the same row again: dropped, not an error
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ValidatedRows:
    """One table's rows. `quarantined` has a `reason` column; `rejected_games` maps games to reasons."""

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    issues: tuple[Issue, ...]
    rejected_games: Mapping[int, str]


def validate_rows(definition: Table, frame: pl.DataFrame, dates: tuple[date, ...]) -> ValidatedRows:
    """Separate bad and repeated rows from a frame that fits the table's schema."""
    possible = [*row_violations(definition, frame.columns, dates), *_duplicate_violations(definition, frame)]
    named = {f"violation {number}": violation for number, violation in enumerate(possible)}
    flags = frame.select(
        violation.is_violated.fill_null(value=False).alias(name) for name, violation in named.items()
    )
    found = {name: violation for name, violation in named.items() if flags[name].any()}
    if not found:
        return ValidatedRows(frame, _with_reason(frame.clear(), pl.lit(None, dtype=pl.String)), (), {})
    bad = flags.select(pl.any_horizontal(*found)).to_series()
    flagged = frame.filter(bad).hstack(flags.filter(bad).select(*found))
    quarantined = _with_reason(flagged, _reason_text(found)).drop(*found)
    issues = _build_issues(definition, flagged, found)
    return ValidatedRows(frame.filter(~bad), quarantined, issues, _rejected_games(definition, flagged, found))


def quarantine_games(
    definition: Table, rows: ValidatedRows, quarantined_games: Mapping[int, str]
) -> ValidatedRows:
    """Quarantine all rows of `quarantined_games` too, with the reason; only in by-game tables."""
    if not definition.by_game or not quarantined_games:
        return rows
    games = pl.Series(list(quarantined_games), dtype=pl.Int64)
    is_moved = pl.col("game_pk").is_in(games.implode())
    why = pl.format(
        "game {} is quarantined: {}",
        "game_pk",
        pl.col("game_pk").replace_strict(quarantined_games, default=""),
    )
    moved = rows.accepted.filter(is_moved).with_columns(reason=why)
    quarantined = pl.concat([rows.quarantined, moved])
    return ValidatedRows(rows.accepted.filter(~is_moved), quarantined, rows.issues, rows.rejected_games)


def _duplicate_violations(definition: Table, frame: pl.DataFrame) -> list[RowViolation]:
    key = list(definition.key)
    if frame.n_unique(key) == frame.height:
        return []
    own = [field.name for field in definition.fields if field.name in frame.columns]
    later = ~pl.struct(key).is_first_distinct()
    same = ~pl.struct(own).is_first_distinct()
    name = pl.concat_str(key, separator=" ")
    return [
        RowViolation(REPEATED, same, pl.concat_str(pl.lit("the same row twice, key "), name)),
        RowViolation("duplicate", later & ~same, pl.concat_str(pl.lit("another row has the key "), name)),
    ]


def _reason_text(found: Mapping[str, RowViolation]) -> pl.Expr:
    reasons = [pl.when(pl.col(name)).then(violation.reason) for name, violation in found.items()]
    return pl.concat_str(reasons, separator="; ", ignore_nulls=True)


def _with_reason(frame: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(reason=reason)


def _build_issues(
    definition: Table, flagged: pl.DataFrame, found: Mapping[str, RowViolation]
) -> tuple[Issue, ...]:
    rules: dict[str, dict[str, RowViolation]] = {}
    for name, violation in found.items():
        rules.setdefault(violation.rule, {})[name] = violation
    return tuple(_build_issue(definition, rule, flagged, of_rule) for rule, of_rule in rules.items())


def _build_issue(
    definition: Table, rule: str, flagged: pl.DataFrame, found: Mapping[str, RowViolation]
) -> Issue:
    rows = flagged.filter(pl.any_horizontal(*found))
    reasons = rows.select(_reason_text(found)).to_series().unique(maintain_order=True)
    more = f" and {len(reasons) - _EXAMPLES} more" if len(reasons) > _EXAMPLES else ""
    severity = "warning" if rule == REPEATED else "error"
    message = " · ".join(reasons.head(_EXAMPLES)) + more
    return Issue(rule, definition.name, severity, message, rows.height, _game_ids(rows))


def _game_ids(rows: pl.DataFrame) -> tuple[int, ...]:
    return tuple(rows["game_pk"].drop_nulls().unique().sort()) if "game_pk" in rows.columns else ()


def _rejected_games(
    definition: Table, flagged: pl.DataFrame, found: Mapping[str, RowViolation]
) -> dict[int, str]:
    rejecting = {name: violation for name, violation in found.items() if violation.rule != REPEATED}
    if not definition.by_game or definition.name in ROW_LEVEL_TABLES or not rejecting:
        return {}
    rows = flagged.filter(pl.any_horizontal(*rejecting), pl.col("game_pk").is_not_null())
    firsts = rows.unique("game_pk", keep="first", maintain_order=True)
    why = pl.concat_str(pl.lit(f"{definition.name}: "), _reason_text(rejecting))
    return dict(firsts.select("game_pk", why.alias("why")).iter_rows())
