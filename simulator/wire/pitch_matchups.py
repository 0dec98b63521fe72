"""Batter and pitcher of every pitch: both can be replaced during a plate appearance."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.game_record import Play, Substitution
from simulator.wire.reference_data import ReferenceData

_OTHER_SIDE = {"L": "R", "R": "L"}


class Matchup(NamedTuple):
    """A batter and a pitcher."""

    batter: int
    pitcher: int


def final_matchup(play: Play) -> Matchup:
    """Return batter and pitcher at the end, whoever is charged with the result."""
    batter, pitcher = play.batter, play.pitcher
    for change in play.changes:
        batter, pitcher = _apply_substitution(change, batter, pitcher)
    return Matchup(batter, pitcher)


def matchups_by_pitch(play: Play) -> Sequence[Matchup]:
    """Return batter and pitcher of each of the play's pitches."""
    if not play.changes:
        return [Matchup(play.batter, play.pitcher)] * len(play.pitches)
    first = {change.is_pitcher: change.replaced for change in reversed(play.changes)}
    batter, pitcher = first.get(False, play.batter), first.get(True, play.pitcher)
    matchups = []
    for number in range(len(play.pitches)):
        for change in play.changes:
            if change.after == number:
                batter, pitcher = _apply_substitution(change, batter, pitcher)
        matchups.append(Matchup(batter, pitcher))
    return matchups


def list_substitutions(plays: Sequence[Play]) -> Iterator[Sequence[Substitution]]:
    """Yield every play's substitutions, first of them a pitcher who came in since the last play."""
    last_pitcher: dict[bool, int] = {}
    for play in plays:
        matchups, last = matchups_by_pitch(play), final_matchup(play)
        first = matchups[0] if matchups else last
        before = last_pitcher.get(play.is_top, first.pitcher)
        last_pitcher[play.is_top] = last.pitcher
        entered = [Substitution(0, first.pitcher, before, is_pitcher=True)] if before != first.pitcher else []
        yield [*entered, *play.changes]


def batter_and_pitcher_sides(matchup: Matchup, play: Play, reference: ReferenceData) -> tuple[str, str]:
    """Return the batter's side and the pitcher's hand: the play's, or after a substitution their own."""
    if matchup == Matchup(play.batter, play.pitcher):
        return play.bat_side, play.pitch_hand
    hand = reference.people[matchup.pitcher].throws or play.pitch_hand
    bats = reference.people[matchup.batter].bats or play.bat_side
    return _OTHER_SIDE.get(hand, play.bat_side) if bats == "S" else bats, hand


def _apply_substitution(change: Substitution, batter: int, pitcher: int) -> tuple[int, int]:
    return (batter, change.player) if change.is_pitcher else (change.player, pitcher)
