"""Who faced whom in a turn, pitch by pitch: pitchers and batters are replaced in its middle, too."""

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
    """Return who stood there at the end, whoever is charged with what came of it."""
    batter, pitcher = play.batter, play.pitcher
    for change in play.changes:
        batter, pitcher = _apply_substitution(change, batter, pitcher)
    return Matchup(batter, pitcher)


def matchups_by_pitch(play: Play) -> Sequence[Matchup]:
    """Return who faced whom in each of the play's pitches."""
    if not play.changes:
        return [Matchup(play.batter, play.pitcher)] * len(play.pitches)
    first = {change.is_pitcher: change.replaced for change in reversed(play.changes)}
    batter, pitcher = first.get(False, play.batter), first.get(True, play.pitcher)
    faced = []
    for number in range(len(play.pitches)):
        for change in play.changes:
            if change.after == number:
                batter, pitcher = _apply_substitution(change, batter, pitcher)
        faced.append(Matchup(batter, pitcher))
    return faced


def list_substitutions(plays: Sequence[Play]) -> Iterator[Sequence[Substitution]]:
    """Yield the changes of every play, first of them a pitcher who came in since the last one."""
    mound: dict[bool, int] = {}
    for play in plays:
        faced = matchups_by_pitch(play)
        first, last = (faced[0], final_matchup(play)) if faced else (final_matchup(play), final_matchup(play))
        before = mound.get(play.is_top, first.pitcher)
        mound[play.is_top] = last.pitcher
        entered = [Substitution(0, first.pitcher, before, is_pitcher=True)] if before != first.pitcher else []
        yield [*entered, *play.changes]


def batter_and_pitcher_sides(matchup: Matchup, play: Play, reference: ReferenceData) -> tuple[str, str]:
    """Return the batter's side and the pitcher's hand: the play's, or those the two are listed with."""
    if matchup == Matchup(play.batter, play.pitcher):
        return play.bat_side, play.pitch_hand
    hand = reference.people[matchup.pitcher].throws or play.pitch_hand
    bats = reference.people[matchup.batter].bats or play.bat_side
    return _OTHER_SIDE.get(hand, play.bat_side) if bats == "S" else bats, hand


def _apply_substitution(change: Substitution, batter: int, pitcher: int) -> tuple[int, int]:
    return (batter, change.player) if change.is_pitcher else (change.player, pitcher)
