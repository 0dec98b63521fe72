"""Plate appearances and strikeouts counted line by line from Retrosheet's event files, without the simulator."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from zipfile import ZipFile

_NO_APPEARANCE = re.compile(r"NP|SB|CS|PO|WP|PB|BK|DI|OA|FLE")
_OTHER = {"L": "R", "R": "L"}
# A strikeout belongs to the batter who was replaced with two strikes (rule 9.15(b)), a walk to the pitcher who was
# replaced at one of these counts (rule 9.16(h)).
_PITCHERS_WALK = {"20", "21", "30", "31", "32"}


def count_season(data: Path, season: int) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return, by role and Retrosheet code, plate appearances and strikeouts against left, then against right."""
    counter = _Counter()
    with ZipFile(data / f"mlb/retrosheet/{season}eve.zip") as archive:
        texts = {name: archive.read(name).decode("latin-1").splitlines() for name in archive.namelist()}
    for name in (one for one in texts if one.endswith(".ROS")):
        counter.read_roster(texts[name])
    for name in (one for one in texts if re.search(r"\.EV[AN]$", one)):
        counter.read_games(texts[name])
    kinds = [(what, side) for side in "LR" for what in ("plate_appearances", "strikeouts")]
    return {player: tuple(found[kind] for kind in kinds) for player, found in counter.by_player.items()}


class _Counter:
    """Counts by role and Retrosheet code, and in these by what is counted and the side of the other."""

    def __init__(self) -> None:
        self.by_player: defaultdict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        self._hands: dict[str, tuple[str, str]] = {}  # bats, throws

    def read_roster(self, lines: list[str]) -> None:
        for code, _, _, bats, throws, *_ in (line.split(",") for line in lines if line.strip()):
            self._hands[code] = bats, throws

    def read_games(self, lines: list[str]) -> None:
        for line in lines:
            kind, *rest = line.split(",")
            if kind == "id":
                self._pitchers: dict[str, str] = {}  # by side
                self._half = ("", "")  # inning and side
                self._begin()
            elif kind in {"start", "sub"} and rest[4] == "1":
                self._pitchers[rest[2]] = rest[0]
            elif kind == "badj":
                self._side = rest[1]
            elif kind == "padj":
                self._hand = rest[1]
            elif kind == "play":
                self._play(*rest)

    def _begin(self) -> None:
        """Forget what is known of a plate appearance."""
        self._side = self._hand = ""
        self._breaks: list[tuple[str, str, str]] = []  # batter, pitcher and count before each substitution

    def _play(
        self, inning: str, side: str, batter: str, balls_strikes: str, _pitches: str, event: str
    ) -> None:
        if self._half != (inning, side):  # a runner's out may have ended the one before
            self._half, self._breaks = (inning, side), []
        pitcher = self._pitchers["1" if side == "0" else "0"]
        if _NO_APPEARANCE.match(event):
            if event.startswith("NP"):
                self._breaks.append((batter, pitcher, balls_strikes))
            return
        is_strikeout = event.startswith("K")
        is_walk = bool(re.match(r"W|IW|I(?!\w)", event))
        for former_batter, former_pitcher, count in reversed(self._breaks):
            batter = former_batter if is_strikeout and count[1] == "2" else batter
            pitcher = former_pitcher if is_walk and count in _PITCHERS_WALK else pitcher
        throws = self._hand or self._hands[pitcher][1]
        bats = self._side or self._hands[batter][0]
        bats = _OTHER[throws] if bats == "B" else bats
        for role, code, versus in (("batter", batter, throws), ("pitcher", pitcher, bats)):
            self.by_player[role, code]["plate_appearances", versus] += 1
            self.by_player[role, code]["strikeouts", versus] += is_strikeout
        self._begin()
