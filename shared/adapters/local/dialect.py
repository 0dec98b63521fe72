"""BigQuery's SQL as DuckDB says it: sqlglot, and what it gets wrong put right on the way."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
import sqlglot
from sqlglot import exp

from shared.storage.files import write_whole

Rule = Callable[[exp.Expr], exp.Expr]


_KNOWN: dict[str, str] = {}  # by statement


class _Kept(msgspec.Struct, frozen=True):
    """Translations, and which translator made them."""

    made_by: str
    known: dict[str, str]


def duckdb_sql(sql: str) -> str:
    """Return one statement of BigQuery's dialect in DuckDB's; `@name` becomes `$name`.

    Raises:
        ValueError: the statement uses what has no equal meaning on both sides.
        sqlglot.errors.ParseError: it is not BigQuery's SQL.
    """
    if sql not in _KNOWN:
        _KNOWN[sql] = _translated(sql)
    return _KNOWN[sql]


def recall(path: Path) -> None:
    """Take over what an earlier process kept: a day that starts cold has a hundred statements to read."""
    _KNOWN.update(_kept(path))


def keep(path: Path) -> None:
    """Leave every translation for the next process; a disk without room for them loses nothing else."""
    with suppress(OSError):
        if _KNOWN.keys() - _kept(path):
            write_whole(path, msgspec.json.encode(_Kept(_translator(), _KNOWN)))


def _kept(path: Path) -> dict[str, str]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return {}
    return kept.known if kept.made_by == _translator() else {}


@cache
def _translator() -> str:
    return hashlib.sha256(version("sqlglot").encode() + Path(__file__).read_bytes()).hexdigest()


def _translated(sql: str) -> str:
    tree = sqlglot.parse_one(sql, read="bigquery")
    # Leaves first: a rule may then wrap a node whose parts are already put right.
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule is not None:
            _replace(node, rule)
    return tree.sql("duckdb", copy=False)


def _replace(node: exp.Expr, rule: Rule) -> None:
    changed = rule(node.copy())
    if changed != node:
        node.replace(changed)


def _as_date(node: exp.Expr) -> exp.Expr:
    """Keep a DATE a DATE: DuckDB makes it a timestamp as soon as an interval touches it."""
    return exp.cast(node, "date")


def _whole_units(node: exp.Expr) -> exp.Expr:
    """Count whole units between two instants; DuckDB's DATE_DIFF counts the boundaries crossed."""
    unit = exp.Literal.string(node.text("unit").lower())
    return exp.Anonymous(this="date_sub", expressions=[unit, node.expression, node.this])


def _in_list(node: exp.Expr) -> exp.Expr:
    """Search a list as a join, not element by element for every row."""
    array = node.args.get("unnest")
    if array is None:
        return node
    listed = exp.select(exp.Anonymous(this="unnest", expressions=array.expressions))
    return exp.In(this=node.this, query=exp.Subquery(this=listed))


def _part_of_date(node: exp.Expr) -> exp.Expr:
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


def _double(node: exp.Expr) -> exp.Expr:
    """Read 1.5 as a FLOAT64; DuckDB reads it as a decimal unless it has an exponent."""
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return node
    return exp.Literal.number(f"{node.name}e0")


def _no_offset(node: exp.Expr) -> exp.Expr:
    if node.args.get("offset"):
        message = "expected UNNEST without WITH OFFSET: BigQuery counts from 0, DuckDB from 1"
        raise ValueError(message)
    return node


_RULES: dict[type[exp.Expr], Rule] = {
    exp.DateAdd: _as_date,
    exp.DateSub: _as_date,
    exp.DateTrunc: _as_date,
    exp.TimestampDiff: _whole_units,
    exp.In: _in_list,
    exp.Extract: _part_of_date,
    exp.Literal: _double,
    exp.Unnest: _no_offset,
}
