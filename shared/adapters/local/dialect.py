"""Translates BigQuery's SQL to DuckDB's with sqlglot, and corrects what sqlglot gets wrong."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
import sqlglot
from sqlglot import exp

from shared.storage.files import write_atomically

Rule = Callable[[exp.Expr], exp.Expr]


_TRANSLATIONS: dict[str, str] = {}  # by statement


class _StoredTranslations(msgspec.Struct, frozen=True):
    """Translations, and which translator made them."""

    made_by: str
    known: dict[str, str]


def duckdb_sql(sql: str) -> str:
    """Return one statement of BigQuery's dialect in DuckDB's; `@name` becomes `$name`.

    Raises:
        ValueError: the statement uses what has no equal meaning on both sides.
        sqlglot.errors.ParseError: it is not BigQuery's SQL.
    """
    if sql not in _TRANSLATIONS:
        _TRANSLATIONS[sql] = _translate(sql)
    return _TRANSLATIONS[sql]


def load_translations(path: Path) -> None:
    """Load the translations of an earlier process: a run translates about a hundred statements."""
    _TRANSLATIONS.update(_read_translations(path))


def save_translations(path: Path) -> None:
    """Save all translations for the next process; a full disk is ignored."""
    with suppress(OSError):
        if _TRANSLATIONS.keys() - _read_translations(path):
            write_atomically(
                path, msgspec.json.encode(_StoredTranslations(_translator_version(), _TRANSLATIONS))
            )


def _read_translations(path: Path) -> dict[str, str]:
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=_StoredTranslations)
    except (OSError, msgspec.MsgspecError):
        return {}
    return stored.known if stored.made_by == _translator_version() else {}


@cache
def _translator_version() -> str:
    return hashlib.sha256(version("sqlglot").encode() + Path(__file__).read_bytes()).hexdigest()


def _translate(sql: str) -> str:
    tree = sqlglot.parse_one(sql, read="bigquery")
    # Leaves first: a rule may wrap a node whose parts are already corrected.
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule is not None:
            _apply_rule(node, rule)
    return tree.sql("duckdb", copy=False)


def _apply_rule(node: exp.Expr, rule: Rule) -> None:
    changed = rule(node.copy())
    if changed != node:
        node.replace(changed)


def _cast_to_date(node: exp.Expr) -> exp.Expr:
    """Keep a DATE a DATE: DuckDB makes it a timestamp as soon as an interval touches it."""
    return exp.cast(node, "date")


def _count_whole_units(node: exp.Expr) -> exp.Expr:
    """Count whole units between two instants; DuckDB's DATE_DIFF counts the boundaries crossed."""
    unit = exp.Literal.string(node.text("unit").lower())
    return exp.Anonymous(this="date_sub", expressions=[unit, node.expression, node.this])


def _in_subquery(node: exp.Expr) -> exp.Expr:
    """Search a list as a join, not element by element for every row."""
    array = node.args.get("unnest")
    if array is None:
        return node
    listed = exp.select(exp.Anonymous(this="unnest", expressions=array.expressions))
    return exp.In(this=node.this, query=exp.Subquery(this=listed))


def _extract_date_part(node: exp.Expr) -> exp.Expr:
    """Name the parts of a date as DuckDB does; Sunday is BigQuery's day 1 and DuckDB's day 0."""
    part = node.name.upper()
    if part == "DATE":
        return exp.cast(node.expression, "date")
    if part == "DAYOFWEEK":
        return exp.paren(exp.Add(this=node, expression=exp.Literal.number(1)))
    if part == "ISOWEEK":
        return exp.Extract(this=exp.var("WEEK"), expression=node.expression)
    if part.startswith("WEEK"):
        raise ValueError("expected EXTRACT(ISOWEEK …), got EXTRACT(WEEK …): DuckDB has no weeks from Sunday")
    return node


def _float_literal(node: exp.Expr) -> exp.Expr:
    """Read 1.5 as a FLOAT64; DuckDB reads it as a decimal unless it has an exponent."""
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return node
    return exp.Literal.number(f"{node.name}e0")


def _refuse_offset(node: exp.Expr) -> exp.Expr:
    if node.args.get("offset"):
        message = "expected UNNEST without WITH OFFSET: BigQuery counts from 0, DuckDB from 1"
        raise ValueError(message)
    return node


_RULES: dict[type[exp.Expr], Rule] = {
    exp.DateAdd: _cast_to_date,
    exp.DateSub: _cast_to_date,
    exp.DateTrunc: _cast_to_date,
    exp.TimestampDiff: _count_whole_units,
    exp.In: _in_subquery,
    exp.Extract: _extract_date_part,
    exp.Literal: _float_literal,
    exp.Unnest: _refuse_offset,
}
