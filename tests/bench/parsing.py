"""A game's feed to all its rows, against `json` and a walk over dictionaries that reads the same fields."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import inspect

from services.collector.mlb.feed import decode_feed, game_rows
from services.collector.mlb.wire.feed import Feed
from tests.bench.figures import Figure, compared, side_by_side
from tests.bench.samples import feeds

Reader = Callable[[Any], Any]


def run(repetitions: int = 15) -> Iterator[Figure]:
    """Yield milliseconds a feed and ratios."""
    reported, bodies = feeds()
    walk = reader(inspect.type_info(Feed))
    candidates = {
        "typed, to all rows": lambda: [game_rows(decode_feed(body)) for body in bodies],
        "json and dicts, no rows made": lambda: [walk(json.loads(body)) for body in bodies],
        "json.loads alone": lambda: [json.loads(body) for body in bodies],
    }
    size = sum(map(len, bodies)) / len(bodies) / 1e6
    how = f"{reported} of {size:.2f} MB on average, median of {repetitions} interleaved; each field our types name is looked up"
    yield from compared("parsing", side_by_side(candidates, repetitions), how, len(bodies), "ms a feed")


def reader(kind: inspect.Type) -> Reader:
    """Return a function that takes a value of a wire type apart by looking its fields up in dictionaries."""
    return _reader(kind) or (lambda value: value)


def _reader(kind: inspect.Type) -> Reader | None:
    """Return how to read a kind of value; None: it is read as it is."""
    if isinstance(kind, inspect.UnionType):
        return next(filter(None, map(_reader, kind.types)), None)
    if isinstance(kind, inspect.StructType):
        return _struct_reader([(field.encode_name, _reader(field.type)) for field in kind.fields])
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        each = _reader(kind.item_type)
        return each and (lambda values: [each(value) for value in values])
    if isinstance(kind, inspect.DictType):
        each = _reader(kind.value_type)
        return each and (lambda values: {name: each(value) for name, value in values.items()})
    return None


def _struct_reader(fields: list[tuple[str, Reader | None]]) -> Reader:
    plain = [name for name, read in fields if read is None]
    nested = [(name, read) for name, read in fields if read is not None]

    def read_struct(found: dict[str, Any]) -> list[Any]:
        values = [found.get(name) for name in plain]
        for name, read in nested:
            value = found.get(name)
            values.append(None if value is None else read(value))
        return values

    return read_struct
