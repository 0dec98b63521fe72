"""Tracks who faced whom, pitch by pitch, through substitutions within a plate appearance."""

from collections.abc import Mapping
from typing import NamedTuple

from services.collector.mlb.wire.common import Person
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.plays import PitchCount, Play, PlayEvent

_PITCHER = "1"  # position code
_PITCHER_CHANGES = frozenset({"pitching_substitution", "defensive_substitution", "defensive_switch"})
_BATTER_AHEAD = frozenset({(2, 0), (2, 1), (3, 0), (3, 1), (3, 2)})
_OTHER_SIDE = {"L": "R", "R": "L"}


class PitchMatchup(NamedTuple):
    """A batter and a pitcher with the side and the hand that they use."""

    batter_id: int
    pitcher_id: int
    bat_side: str | None
    pitch_hand: str | None


class PlateAppearance(NamedTuple):
    """A plate appearance: who faced each pitch, and which pair its result is charged to."""

    pitches: list[PitchMatchup]
    charged: PitchMatchup


class MatchupTracker:
    """Follows the pitchers through a game's plays; pass plays to `track_play` in order."""

    def __init__(self, feed: Feed) -> None:
        box = feed.live_data.boxscore.teams
        self._people = feed.game_data.players
        self._mound = {True: next(iter(box.home.pitchers), None), False: next(iter(box.away.pitchers), None)}

    def track_play(self, play: Play, pa_outcome: str | None) -> PlateAppearance:
        """Return who faced whom in a play with an outcome, or None where it is not a plate appearance.

        The match-up names the pair that ended it. A strikeout is charged to a batter who left with two
        strikes, a walk to a pitcher who left behind in the count: rules 9.15(b), 9.16(h), as in box scores.
        """
        batter, pitcher = self._starting_pair(play)
        left_with_two_strikes = left_behind = None
        pitches = []
        for event in play.play_events:
            if event.is_pitch:
                pitches.append(self._pitch_matchup(batter, pitcher, play))
            elif (new := _new_pitcher(event)) is not None:
                if _is_ahead(event.count):
                    left_behind = left_behind or pitcher
                pitcher = new
            elif (new := _new_batter(event, play)) is not None:
                if event.count.strikes == 2:
                    left_with_two_strikes = left_with_two_strikes or batter
                batter = new
        self._mound[play.about.is_top_inning] = pitcher
        struck_out = pa_outcome == "strikeout" and play.result.is_out
        charged_batter = left_with_two_strikes if struck_out else None
        charged_pitcher = left_behind if pa_outcome == "walk" else None
        ended = play.matchup.batter.id, play.matchup.pitcher.id
        return PlateAppearance(
            pitches, self._pitch_matchup(charged_batter or ended[0], charged_pitcher or ended[1], play)
        )

    def _starting_pair(self, play: Play) -> tuple[int, int]:
        """Return the batter and pitcher at the first pitch: the match-up's, unless one was replaced."""
        batter, pitcher = play.matchup.batter.id, play.matchup.pitcher.id
        if any(_new_pitcher(event) is not None for event in play.play_events):
            pitcher = self._mound[play.about.is_top_inning] or pitcher
        for event in play.play_events:
            if _new_batter(event, play) is not None and event.replaced_player:
                return event.replaced_player.id, pitcher
        return batter, pitcher

    def _pitch_matchup(self, batter: int, pitcher: int, play: Play) -> PitchMatchup:
        """Return a pair with its sides: the match-up's, or those that the two are listed with."""
        matchup = play.matchup
        if (batter, pitcher) == (matchup.batter.id, matchup.pitcher.id):
            return PitchMatchup(batter, pitcher, matchup.bat_side.code, matchup.pitch_hand.code)
        throws = _listed_hand(self._people, pitcher, "pitch_hand")
        hand = throws if throws in _OTHER_SIDE else matchup.pitch_hand.code
        bats = _listed_hand(self._people, batter, "bat_side")
        other = _OTHER_SIDE.get(hand or "", matchup.bat_side.code)
        side = bats if bats in _OTHER_SIDE else other if bats == "S" else matchup.bat_side.code
        return PitchMatchup(batter, pitcher, side, hand)


def _new_pitcher(event: PlayEvent) -> int | None:
    """Return the player who comes in to pitch, from the bullpen or another position."""
    to_mound = (
        event.details.event_type in _PITCHER_CHANGES and event.position and event.position.code == _PITCHER
    )
    return event.player.id if to_mound and event.player else None


def _new_batter(event: PlayEvent, play: Play) -> int | None:
    """Return the pinch hitter for the current batter; not pinch runners or later batters."""
    if event.details.event_type != "offensive_substitution" or event.player is None:
        return None
    two = {event.player.id, event.replaced_player.id if event.replaced_player else None}
    is_runner = event.position is not None and event.position.abbreviation == "PR"
    return event.player.id if play.matchup.batter.id in two and not is_runner else None


def _is_ahead(count: PitchCount) -> bool:
    return (count.balls, count.strikes) in _BATTER_AHEAD


def _listed_hand(people: Mapping[str, Person], person: int, what: str) -> str | None:
    known = people.get(f"ID{person}")
    code = getattr(known, what) if known else None
    return code.code if code else None
