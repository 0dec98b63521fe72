"""Retrosheet's people by MLBAM id, from the register, the rosters and, failing these, the line-ups."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from shared.errors import UserError
from simulator.data_folder import people_register_path
from simulator.game_record import Person
from simulator.retrosheet.records import EntryRecord, lineup_entries, named_people
from simulator.retrosheet.vocabulary import WORDS

_HANDS = {"L": "L", "R": "R", "B": "S"}
_FIELDS = 7  # of a roster's line: code, last name, first name, bats, throws, club, position
_UMPIRE = ""  # a person without a position
_POSITIONS = frozenset(("P", "C", "1B", "2B", "3B", "SS", "LF", "CF", "RF", "DH", "OF", "IF"))
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def synthetic_person_id(code: str) -> int:
    """Return a stable id above MLBAM's for a Retrosheet code that the register lacks."""
    number = 0
    for character in code[:5].lower():
        number = number * 27 + _ALPHABET.find(character) + 1
    return 1_000_000_000 + number * 1000 + int("".join(filter(str.isdigit, code)) or 0)


def load_register(data: Path) -> dict[str, Person]:
    """Return the people in `mlb/register.csv` by Retrosheet code, handedness unknown.

    People who never played are taken for umpires.

    Raises:
        UserError: the file cannot be read as the register.
    """
    path = people_register_path(data)
    try:
        people = _load_register(path)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: expected the Chadwick register as CSV, got {error!r}") from None
    if not people:
        raise UserError(f"{path}: expected the Chadwick register as CSV, got no person with both ids")
    return people


def _load_register(path: Path) -> dict[str, Person]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row["key_retro"]: Person(
                id=int(row["key_mlbam"]),
                full_name=f"{row['name_first']} {row['name_last']}".strip(),
                position="P" if row["mlb_played_first"] else _UMPIRE,
                bats="",
                throws="",
            )
            for row in csv.DictReader(lines)
            if row["key_retro"] and row["key_mlbam"]
        }


def _unknown_person(code: str) -> Person:
    return Person(synthetic_person_id(code), code, bats="", throws="", position=_UMPIRE)


def _parse_roster_line(line: str, register: Mapping[str, Person]) -> tuple[str, Person]:
    fields = [part.strip() for part in line.split(",")] + [""] * _FIELDS
    code, last, first, bats, throws, _, position = fields[:_FIELDS]
    known = register.get(code) or _unknown_person(code)
    return code, replace(
        known,
        full_name=f"{first} {last}".strip() or known.full_name,
        bats=_HANDS.get(bats, ""),
        throws=_HANDS.get(throws, ""),  # empty for those who throw with both hands
        position=position if position in _POSITIONS else "DH",  # PH and PR are no fielding positions
    )


def _person_from_lineups(code: str, lines: Iterable[EntryRecord], register: Mapping[str, Person]) -> Person:
    """Return a person in no roster, with name and most frequent position; handedness is unknown."""
    known = register.get(code) or _unknown_person(code)
    names, positions = (Counter(getattr(line, field) for line in lines) for field in ("name", "position"))
    [(usual, _)], [(name, _)] = positions.most_common(1), names.most_common(1)
    position = WORDS["positions"][usual] if usual < len(WORDS["positions"]) else ""
    return replace(
        known,
        full_name=name or known.full_name,
        position=position if position in _POSITIONS else "DH",
    )


class PeopleDirectory:
    """A season's people by Retrosheet code and by id.

    An unknown code, such as an umpire's who is not in the register, gets a person with the code as name and a
    synthetic id.
    """

    def __init__(self, register: Mapping[str, Person], rosters: Iterable[str], games: Iterable[str]) -> None:
        lines = (line for roster in rosters for line in roster.splitlines() if line.strip())
        rostered = dict(_parse_roster_line(line, register) for line in lines)
        lineups: dict[str, list[EntryRecord]] = defaultdict(list)
        others: set[str] = set()
        for text in games:
            others |= named_people(text)
            for line in lineup_entries(text):
                lineups[line.code].append(line)
        unrostered = {
            code: _person_from_lineups(code, lines, register)
            for code, lines in lineups.items()
            if code not in rostered
        }
        self._by_code = {**register, **rostered, **unrostered}
        self.by_id = {person.id: person for person in self._by_code.values()}
        self.season = [self[code] for code in sorted({*rostered, *lineups, *others})]

    def __getitem__(self, code: str) -> Person:
        if code not in self._by_code:
            unknown = _unknown_person(code)
            self._by_code[code] = self.by_id[unknown.id] = unknown
        return self._by_code[code]

    @property
    def players(self) -> list[Person]:
        """Return the season's players."""
        return [person for person in self.season if person.position != _UMPIRE]
