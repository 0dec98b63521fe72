"""Winner, loser and save by the main lines of the scoring rules (9.17 and 9.19)."""

from typing import NamedTuple

from simulator.league.manager import TeamGameState

_STARTER_OUTS = 15


class PitchingDecisions(NamedTuple):
    """Person ids; no save where nobody earned it, nobody at all where nobody won."""

    winner: int | None
    loser: int | None
    save: int | None


def award_decisions(winners: TeamGameState | None) -> PitchingDecisions:
    """Return the decisions of a finished game from the side that won it."""
    if winners is None:
        return PitchingDecisions(None, None, None)
    of_record, loser = winners.took_lead
    winner = _winning_pitcher(winners, of_record)
    return PitchingDecisions(winner, loser, _saving_pitcher(winners, winner))


def _winning_pitcher(side: TeamGameState, of_record: int) -> int:
    """Return the pitcher of record; a starter short of five innings yields to the reliever with most outs."""
    starter, *relievers = side.outings
    if of_record != starter.pitcher or starter.outs >= _STARTER_OUTS or not relievers:
        return of_record
    return max(relievers, key=lambda outing: outing.outs).pitcher


def _saving_pitcher(side: TeamGameState, winner: int) -> int | None:
    """Return who finished and kept three runs for an inning, a lead in the tie's reach, or any for three."""
    last = side.current_outing
    if last.pitcher == winner or last.lead <= 0 or not last.outs:
        return None
    earned_it = (last.lead <= 3 and last.outs >= 3) or last.lead <= last.inherited + 2 or last.outs >= 9
    return last.pitcher if earned_it else None
