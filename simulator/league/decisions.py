"""Winning and losing pitcher and save, by the main parts of scoring rules 9.17 and 9.19."""

from typing import NamedTuple

from simulator.league.manager import TeamGameState

_STARTER_OUTS = 15


class PitchingDecisions(NamedTuple):
    """Person ids; `save` is None if nobody earned one, all are None after a tie."""

    winner: int | None
    loser: int | None
    save: int | None


def award_decisions(winners: TeamGameState | None) -> PitchingDecisions:
    """Return the decisions of a finished game, given the winning side; None means a tie."""
    if winners is None:
        return PitchingDecisions(None, None, None)
    of_record, loser = winners.took_lead
    winner = _winning_pitcher(winners, of_record)
    return PitchingDecisions(winner, loser, _saving_pitcher(winners, winner))


def _winning_pitcher(side: TeamGameState, of_record: int) -> int:
    """Return the pitcher of record, but for a starter short of five innings the reliever with most outs."""
    starter, *relievers = side.outings
    if of_record != starter.pitcher or starter.outs >= _STARTER_OUTS or not relievers:
        return of_record
    return max(relievers, key=lambda outing: outing.outs).pitcher


def _saving_pitcher(side: TeamGameState, winner: int) -> int | None:
    """Return the finishing pitcher if the lead was three runs or less for an inning, if the tying run was on
    base, at bat or on deck, or after three innings."""
    last = side.current_outing
    if last.pitcher == winner or last.lead <= 0 or not last.outs:
        return None
    earned_save = (last.lead <= 3 and last.outs >= 3) or last.lead <= last.inherited + 2 or last.outs >= 9
    return last.pitcher if earned_save else None
