"""Retrosheet's people under MLBAM's ids: the register and the season's rosters put together."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from hankstank.data_folder import people_register
from hankstank.outcomes import CannotDo
from hankstank.standins.scorebook import Person

_BATS = {"L": "L", "R": "R", "B": "S"}
_UMPIRE = ""  # a person who plays nowhere
_POSITIONS = frozenset(("P", "C", "1B", "2B", "3B", "SS", "LF", "CF", "RF", "DH", "OF", "IF"))
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def invented_id(code: str) -> int:
    """Return a stable id above MLBAM's for a Retrosheet code that the register lacks."""
    number = 0
    for letter in code[:5]:
        number = number * 27 + _ALPHABET.find(letter) + 1
    return 1_000_000_000 + number * 1000 + int("".join(filter(str.isdigit, code)) or 0)


def read_register(data: Path) -> dict[str, Person]:
    """Return everybody in `mlb/register.csv` by Retrosheet code; whoever never played stands as an umpire.

    Raises:
        CannotDo: the file cannot be read as the register.
    """
    path = people_register(data)
    try:
        people = _registered(path)
    except (KeyError, TypeError, ValueError) as error:
        raise CannotDo(f"{path}: expected the Chadwick register as CSV, got {error!r}") from None
    if not people:
        raise CannotDo(f"{path}: expected the Chadwick register as CSV, got nobody with both ids")
    return people


def _registered(path: Path) -> dict[str, Person]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row["key_retro"]: Person(
                id=int(row["key_mlbam"]),
                full_name=f"{row['name_first']} {row['name_last']}".strip(),
                position="P" if row["mlb_played_first"] else _UMPIRE,
            )
            for row in csv.DictReader(lines)
            if row["key_retro"] and row["key_mlbam"]
        }


def _rostered(line: str, register: Mapping[str, Person]) -> tuple[str, Person]:
    code, last, first, bats, throws, _, position = (part.strip() for part in line.split(",")[:7])
    known = register.get(code) or Person(invented_id(code), "")
    return code, replace(
        known,
        full_name=f"{first} {last}",
        bats=_BATS.get(bats, "R"),
        throws="L" if throws == "L" else "R",
        position=position if position in _POSITIONS else "DH",  # pinch hitters and runners by trade
    )


class Directory:
    """People by Retrosheet code and by id; an unknown code is given a person with an invented id."""

    def __init__(self, register: Mapping[str, Person], rosters: Iterable[str]) -> None:
        lines = (line for roster in rosters for line in roster.splitlines() if line.strip())
        self._by_code = {**register, **dict(_rostered(line, register) for line in lines)}
        self.by_id = {person.id: person for person in self._by_code.values()}

    def __getitem__(self, code: str) -> Person:
        if code not in self._by_code:
            stranger = Person(invented_id(code), code, position=_UMPIRE)
            self._by_code[code] = self.by_id[stranger.id] = stranger
        return self._by_code[code]
