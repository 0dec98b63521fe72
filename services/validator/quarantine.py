"""Good rows from bad ones: what goes on, and what is set aside with its reason.

A bad pitch is set aside alone: its game stays whole without one measurement. In every other table that
the loader replaces game by game, a bad row takes its whole game with it, in all tables, because a game
that lost a row silently would replace a better one; what stood before stays, and the game is asked for
again. Elsewhere only the row goes. Of a row that came twice one is kept; a second, different row for the
same key is a bad row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.validator.row_rules import Flaw, flaws
from shared.storage.staging import Issue
from shared.storage.tables import Table

ALONE = {"statcast_pitches"}  # game by game, but a row may be missing
REPEATED = "repeated"  # the same row again: dropped, no harm done
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Sorted:
    """One table's rows, apart. `quarantined` has a `reason` column; `spoiled` maps games to why."""

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    issues: tuple[Issue, ...]
    spoiled: Mapping[int, str]


def sort_rows(definition: Table, frame: pl.DataFrame, dates: tuple[date, ...]) -> Sorted:
    """Take bad and doubled rows out of a frame that fits the table's schema."""
    possible = [*flaws(definition, frame.columns, dates), *_doubles(definition, frame)]
    named = {f"flaw {number}": flaw for number, flaw in enumerate(possible)}
    flags = frame.select(flaw.bad.fill_null(value=False).alias(name) for name, flaw in named.items())
    found = {name: flaw for name, flaw in named.items() if flags[name].any()}
    if not found:
        return Sorted(frame, _with_reason(frame.clear(), pl.lit(None, dtype=pl.String)), (), {})
    bad = flags.select(pl.any_horizontal(*found)).to_series()
    flagged = frame.filter(bad).hstack(flags.filter(bad).select(*found))
    quarantined = _with_reason(flagged, _reasons(found)).drop(*found)
    issues = _issues(definition, flagged, found)
    return Sorted(frame.filter(~bad), quarantined, issues, _spoiled(definition, flagged, found))


def hold_games(definition: Table, rows: Sorted, held: Mapping[int, str]) -> Sorted:
    """Set all rows of the `held` games aside too, saying why; other tables than by-game ones are left."""
    if not definition.by_game or not held:
        return rows
    games = pl.Series(list(held), dtype=pl.Int64)
    away = pl.col("game_pk").is_in(games.implode())
    why = pl.format("game {} is held back: {}", "game_pk", pl.col("game_pk").replace_strict(held, default=""))
    taken = rows.accepted.filter(away).with_columns(reason=why)
    quarantined = pl.concat([rows.quarantined, taken])
    return Sorted(rows.accepted.filter(~away), quarantined, rows.issues, rows.spoiled)


def _doubles(definition: Table, frame: pl.DataFrame) -> list[Flaw]:
    key = list(definition.key)
    if frame.n_unique(key) == frame.height:
        return []
    own = [field.name for field in definition.fields if field.name in frame.columns]
    later = ~pl.struct(key).is_first_distinct()
    same = ~pl.struct(own).is_first_distinct()
    name = pl.concat_str(key, separator=" ")
    return [
        Flaw(REPEATED, same, pl.concat_str(pl.lit("the same row twice, key "), name)),
        Flaw("duplicate", later & ~same, pl.concat_str(pl.lit("another row holds the key "), name)),
    ]


def _reasons(found: Mapping[str, Flaw]) -> pl.Expr:
    reasons = [pl.when(pl.col(name)).then(flaw.reason) for name, flaw in found.items()]
    return pl.concat_str(reasons, separator="; ", ignore_nulls=True)


def _with_reason(frame: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(reason=reason)


def _issues(definition: Table, flagged: pl.DataFrame, found: Mapping[str, Flaw]) -> tuple[Issue, ...]:
    rules: dict[str, dict[str, Flaw]] = {}
    for name, flaw in found.items():
        rules.setdefault(flaw.rule, {})[name] = flaw
    return tuple(_issue(definition, rule, flagged, of_rule) for rule, of_rule in rules.items())


def _issue(definition: Table, rule: str, flagged: pl.DataFrame, found: Mapping[str, Flaw]) -> Issue:
    rows = flagged.filter(pl.any_horizontal(*found))
    reasons = rows.select(_reasons(found)).to_series().unique(maintain_order=True)
    more = f" and {len(reasons) - _EXAMPLES} more" if len(reasons) > _EXAMPLES else ""
    severity = "warning" if rule == REPEATED else "error"
    message = " · ".join(reasons.head(_EXAMPLES)) + more
    return Issue(rule, definition.name, severity, message, rows.height, _games(rows))


def _games(rows: pl.DataFrame) -> tuple[int, ...]:
    return tuple(rows["game_pk"].drop_nulls().unique().sort()) if "game_pk" in rows.columns else ()


def _spoiled(definition: Table, flagged: pl.DataFrame, found: Mapping[str, Flaw]) -> dict[int, str]:
    spoiling = {name: flaw for name, flaw in found.items() if flaw.rule != REPEATED}
    if not definition.by_game or definition.name in ALONE or not spoiling:
        return {}
    rows = flagged.filter(pl.any_horizontal(*spoiling), pl.col("game_pk").is_not_null())
    firsts = rows.unique("game_pk", keep="first", maintain_order=True)
    why = pl.concat_str(pl.lit(f"{definition.name}: "), _reasons(spoiling))
    return dict(firsts.select("game_pk", why.alias("why")).iter_rows())
