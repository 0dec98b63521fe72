"""Who faced whom in a turn, pitch by pitch: pitchers and batters are replaced in its middle, too."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.game_record import Change, Play
from simulator.wire.reference_data import Almanac

_OTHER_SIDE = {"L": "R", "R": "L"}


class Duel(NamedTuple):
    """A batter and a pitcher."""

    batter: int
    pitcher: int


def ended(play: Play) -> Duel:
    """Return who stood there at the end, whoever is charged with what came of it."""
    batter, pitcher = play.batter, play.pitcher
    for change in play.changes:
        batter, pitcher = _after(change, batter, pitcher)
    return Duel(batter, pitcher)


def by_pitch(play: Play) -> Sequence[Duel]:
    """Return who faced whom in each of the play's pitches."""
    if not play.changes:
        return [Duel(play.batter, play.pitcher)] * len(play.pitches)
    first = {change.is_pitcher: change.replaced for change in reversed(play.changes)}
    batter, pitcher = first.get(False, play.batter), first.get(True, play.pitcher)
    faced = []
    for number in range(len(play.pitches)):
        for change in play.changes:
            if change.after == number:
                batter, pitcher = _after(change, batter, pitcher)
        faced.append(Duel(batter, pitcher))
    return faced


def arrivals(plays: Sequence[Play]) -> Iterator[Sequence[Change]]:
    """Yield the changes of every play, first of them a pitcher who came in since the last one."""
    mound: dict[bool, int] = {}
    for play in plays:
        faced = by_pitch(play)
        first, last = (faced[0], ended(play)) if faced else (ended(play), ended(play))
        before = mound.get(play.is_top, first.pitcher)
        mound[play.is_top] = last.pitcher
        came = [Change(0, first.pitcher, before, is_pitcher=True)] if before != first.pitcher else []
        yield [*came, *play.changes]


def sides(duel: Duel, play: Play, almanac: Almanac) -> tuple[str, str]:
    """Return the batter's side and the pitcher's hand: the play's, or those the two are listed with."""
    if duel == Duel(play.batter, play.pitcher):
        return play.bat_side, play.pitch_hand
    hand = almanac.people[duel.pitcher].throws or play.pitch_hand
    bats = almanac.people[duel.batter].bats or play.bat_side
    return _OTHER_SIDE.get(hand, play.bat_side) if bats == "S" else bats, hand


def _after(change: Change, batter: int, pitcher: int) -> tuple[int, int]:
    return (batter, change.player) if change.is_pitcher else (change.player, pitcher)
