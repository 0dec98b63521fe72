"""A game's rows, their hash, and many games' rows as one frame a table."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Literal

import msgspec
import polars as pl

from shared.storage.tables import Table

Row = dict[str, Any]

BY_GAME = (
    "games_historical",
    "plate_appearances",
    "statcast_pitches",
    "player_stats_historical",
    "team_stats_historical",
    "lineups_historical",
)


@dataclass(slots=True)
class GameRows:
    """All rows of one game by table, without their common columns, and their lineage."""

    game_columns: Row  # game_pk, game_date, season, game_type
    tables: dict[str, list[Row]]
    people: list[Row] = field(default_factory=list)
    venues: list[Row] = field(default_factory=list)
    clubs: list[Row] = field(default_factory=list)
    players_without_line: list[Row] = field(default_factory=list)  # players who appeared and have no line
    plays: Literal["present", "absent", "unexpected"] = "present"  # absent: though the game must have them
    lineage: Row = field(default_factory=dict)
    pitch_lineage: Row | None = None  # of pitches that are not from the feed
    _digest: str | None = None

    @property
    def game_pk(self) -> int:
        """Return MLB's number of the game."""
        return int(self.game_columns["game_pk"])

    @property
    def game_row(self) -> Row:
        """Return the games_historical row."""
        return self.tables["games_historical"][0]

    @property
    def is_final(self) -> bool:
        """Return whether the game was played to its end."""
        return bool(self.game_row["status"] == "Final")

    def digest(self) -> str:
        """Return the SHA-256 of the rows: whether a game changed is decided on this, never on raw bytes.

        It is computed once, at the first call: a game's rows are complete by then.
        """
        if self._digest is None:
            rows = {name: self.tables.get(name, []) for name in BY_GAME}
            self._digest = hashlib.sha256(msgspec.json.encode([self.game_columns, rows])).hexdigest()
        return self._digest


def rows_to_frame(table: Table, parts: Sequence[tuple[Mapping[str, Any], Sequence[Row]]]) -> pl.DataFrame:
    """Return rows as a frame with the table's staged columns; a part's head is in each of its rows.

    All heads have the same columns; one that neither the heads nor a row has is null. Raises TypeError
    from Polars when a value does not have the column's type, KeyError when a head lacks a column.
    """
    in_heads = frozenset[str]().union(*(head for head, _ in parts))
    rows = [row for _, own in parts for row in own]
    part_of_row = pl.Series([place for place, (_, own) in enumerate(parts) for _ in own], dtype=pl.UInt32)
    columns = []
    for name, dtype in table.schema.items():
        if name in in_heads:
            once = [head[name] for head, _ in parts]
            columns.append(pl.Series(name, once, dtype=dtype, strict=True).gather(part_of_row))
        else:
            values = list(map(dict.get, rows, repeat(name)))
            columns.append(pl.Series(name, values, dtype=dtype, strict=True))
    return pl.DataFrame(columns)


def as_json(value: Any) -> str:
    """Return compact JSON text with sorted keys: the same value gives the same text."""
    return msgspec.json.encode(value, order="sorted").decode()
