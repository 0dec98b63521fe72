"""Starts and clubs' plate appearances counted line by line from Retrosheet's event files, without the simulator."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zipfile import ZipFile

_NO_APPEARANCE = re.compile(r"NP|SB|CS|PO|WP|PB|BK|DI|OA|FLE")
_PITCHES = set("ABCFHIKLMOPQRSTUVXY")
_STRIKES = set("CSTQ")  # called, swung at and missed; a foul tip is a miss
VISITORS, HOME = "0", "1"


@dataclass
class Start:
    """A start: pitcher and club by Retrosheet's codes; `outs` only where they left between two innings."""

    on: date
    pitcher: str
    throws: str
    strikeouts: int = 0
    pitches: int = 0
    strikes: int = 0  # called, or swung at and missed
    outs: int | None = None

    def add(self, pitches: str, is_strikeout: bool) -> None:
        """Count a play; pitches before a full stop were already counted with the play before it."""
        seen = [one for one in pitches.rpartition(".")[2] if one in _PITCHES]
        self.pitches += len(seen)
        self.strikes += sum(one in _STRIKES for one in seen)
        self.strikeouts += is_strikeout


@dataclass
class Counted:
    """A season's starts in order, and by day, batting club and hand that pitched its turns and strikeouts."""

    starts: list[Start] = field(default_factory=list)
    turns: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    strikeouts: Counter[tuple[date, str, str]] = field(default_factory=Counter)


def count_starts(data: Path, season: int) -> Counted:
    """Return what the event files of a regular season have."""
    counted = Counted()
    with ZipFile(data / f"mlb/retrosheet/{season}eve.zip") as archive:
        texts = {name: archive.read(name).decode("latin-1").splitlines() for name in archive.namelist()}
    hands = {
        line.split(",")[0]: line.split(",")[4]
        for name, lines in texts.items() if name.endswith(".ROS")
        for line in lines if line.strip()
    }  # fmt: skip
    for name in (one for one in texts if re.search(r"\.EV[AN]$", one)):
        for game in _games(texts[name]):
            _count_game(game, hands, counted)
    counted.starts.sort(key=lambda one: one.on)
    return counted


def _games(lines: list[str]) -> Iterator[list[list[str]]]:
    game: list[list[str]] = []
    for line in lines:
        if line.startswith("id,") and game:
            yield game
            game = []
        game.append(line.split(","))
    yield game


def _count_game(game: list[list[str]], hands: dict[str, str], counted: Counted) -> None:
    info = {row[1]: row[2] for row in game if row[0] == "info"}
    on = date.fromisoformat(info["date"].replace("/", "-"))
    clubs = {VISITORS: info["visteam"], HOME: info["hometeam"]}
    starters = {
        row[3]: Start(on, row[1], hands[row[1]]) for row in game if row[0] == "start" and row[5] == "1"
    }
    on_mound, hand = {side: one.pitcher for side, one in starters.items()}, ""
    halves: dict[tuple[str, str], set[str]] = {}  # who pitched, by inning and side in the field
    for row in game:
        if row[0] == "sub" and row[5] == "1":
            on_mound[row[3]] = row[1]
        elif row[0] == "padj":  # a pitcher of both hands, until this batter is done
            hand = row[2]
        elif row[0] == "play":
            _, inning, batting, _, _, pitches, event = row[:7]
            fielding = HOME if batting == VISITORS else VISITORS
            pitcher, is_turn = on_mound[fielding], not _NO_APPEARANCE.match(event)
            is_strikeout = is_turn and event.startswith("K")
            if event != "NP":
                halves.setdefault((inning, fielding), set()).add(pitcher)
            if pitcher == starters[fielding].pitcher:
                starters[fielding].add(pitches, is_strikeout)
            if is_turn:
                at, hand = (on, clubs[batting], hand or hands[pitcher]), ""
                counted.turns[at] += 1
                counted.strikeouts[at] += is_strikeout
    for one in starters.values():
        one.outs = _outs(one.pitcher, [*halves.values()])
        counted.starts.append(one)


def _outs(pitcher: str, halves: list[set[str]]) -> int | None:
    """Return three outs for each half-inning; None where another pitched in one too, or it was the last."""
    pitched = [who for who in halves if pitcher in who]
    whole = all(who == {pitcher} for who in pitched) and pitcher not in halves[-1]
    return 3 * len(pitched) if whole else None
