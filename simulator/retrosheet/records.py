"""Reads single records of an event file without keeping score: info, entries, people named."""

import re
from collections.abc import Iterator
from typing import NamedTuple

UNKNOWN_CODES = ("", "(none)", "unknown")
_INFO = re.compile(r"^info,(\w+),(.*?)\s*$", re.MULTILINE)
_ENTERED = re.compile(
    r"^(?:start|sub),([^,\s]+),(?:\"([^\"\n]*)\"|[^,\n]*),([01]),\s*\d+,\s*(\d+)", re.MULTILINE
)
_NAMED = re.compile(r"^(?:info,(?:ump\w+|wp|lp|save)|data,er|[bp]adj|radj|presadj),([^,\r\n]*)", re.MULTILINE)


class EntryRecord(NamedTuple):
    """A `start` or `sub` record: side 0 visitors, 1 home; the position is Retrosheet's number."""

    code: str
    name: str
    side: int
    position: int


def game_id(text: str) -> str:
    """Return a game's id, such as BOS201604110."""
    return text.partition("\n")[0].removeprefix("id,").strip()


def parse_info(text: str) -> dict[str, str]:
    """Return the `info` records of a game's text."""
    return dict(_INFO.findall(text))


def game_label(text: str) -> str:
    """Return a game's name in messages: its id and date."""
    on = parse_info(text).get("date", "").replace("/", "-")
    return f"{game_id(text)} of {on}" if on else game_id(text)


def lineup_entries(text: str) -> Iterator[EntryRecord]:
    """Yield starters and substitutes, in order."""
    for code, name, side, position in _ENTERED.findall(text):
        yield EntryRecord(code, name, int(side), int(position))


def named_people(text: str) -> set[str]:
    """Return the codes of umpires, deciding pitchers and whoever else a game names outside its line-ups."""
    return {code.strip() for code in _NAMED.findall(text)} - set(UNKNOWN_CODES)


def split_games(text: str) -> Iterator[str]:
    """Yield the games of an event file, each from its `id` line on."""
    _, *games = re.split(r"^(?=id,)", text, flags=re.MULTILINE)
    yield from games
