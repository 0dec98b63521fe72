"""Fills in the batting side and throwing hand that plays lack."""

import logging

from services.collector.mlb.wire.common import Person
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.plays import Matchup

log = logging.getLogger(__name__)

_OTHER = {"L": "R", "R": "L"}
_DEFAULT_HAND = "R"  # three pitchers in four, three batters in five


def fill_missing_handedness(feed: Feed) -> None:
    """Set missing hands: the player's listed one, else right, with a warning."""
    people = {person.id: person for person in feed.game_data.players.values()}
    unknown = set()
    for play in feed.live_data.plays.all_plays:
        matchup = play.matchup
        if matchup.pitch_hand.code is None or matchup.bat_side.code is None:
            unknown |= _fill_matchup_hands(matchup, people)
    if unknown:
        log.warning("game %d: hands of %s unknown: right is assumed", feed.game_data.game.pk, sorted(unknown))


def _fill_matchup_hands(matchup: Matchup, people: dict[int, Person]) -> set[int]:
    """Set what a match-up lacks and return the players whose hand is unknown."""
    pitcher, batter = people.get(matchup.pitcher.id), people.get(matchup.batter.id)
    unknown = set()
    if matchup.pitch_hand.code is None:
        matchup.pitch_hand.code = pitcher.pitch_hand.code if pitcher and pitcher.pitch_hand else None
    if matchup.pitch_hand.code is None:
        matchup.pitch_hand.code = _DEFAULT_HAND
        unknown.add(matchup.pitcher.id)
    if matchup.bat_side.code is None:
        side = batter.bat_side.code if batter and batter.bat_side else None
        matchup.bat_side.code = _OTHER.get(matchup.pitch_hand.code) if side == "S" else side
    if matchup.bat_side.code is None:
        matchup.bat_side.code = _DEFAULT_HAND
        unknown.add(matchup.batter.id)
    return unknown
