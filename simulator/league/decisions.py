"""Winner, loser and save by the main lines of the scoring rules (9.17 and 9.19)."""

from typing import NamedTuple

from simulator.league.manager import Dugout

_STARTER_OUTS = 15


class Decisions(NamedTuple):
    """Person ids; no save where nobody earned it, nobody at all where nobody won."""

    winner: int | None
    loser: int | None
    save: int | None


def decide(winners: Dugout | None) -> Decisions:
    """Return the decisions of a finished game from the side that won it."""
    if winners is None:
        return Decisions(None, None, None)
    of_record, loser = winners.took_lead
    winner = _winner(winners, of_record)
    return Decisions(winner, loser, _save(winners, winner))


def _winner(side: Dugout, of_record: int) -> int:
    """Return the pitcher of record; a starter short of five innings yields to the reliever with most outs."""
    starter, *relievers = side.outings
    if of_record != starter.pitcher or starter.outs >= _STARTER_OUTS or not relievers:
        return of_record
    return max(relievers, key=lambda outing: outing.outs).pitcher


def _save(side: Dugout, winner: int) -> int | None:
    """Return who finished and kept three runs for an inning, a lead in the tie's reach, or any for three."""
    last = side.outing
    if last.pitcher == winner or last.lead <= 0 or not last.outs:
        return None
    earned_it = (last.lead <= 3 and last.outs >= 3) or last.lead <= last.inherited + 2 or last.outs >= 9
    return last.pitcher if earned_it else None
