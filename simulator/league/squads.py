"""A club's players in a season: rotation, bullpen, line-up and bench of a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import Club, Person, Transaction
from simulator.league.outcomes import outcome_probabilities
from simulator.league.roster import Roster, RosterChange
from simulator.league.talent import BENCH, FORTY_MAN, POSITIONS, REGULARS, RELIEVERS, STARTERS

# Runs per plate appearance by outcome, in the order of `OUTCOMES` (linear weights as in "The Book")
_RUN_VALUES = np.array([-0.27, 0.32, 0.34, 0.47, 0.78, 1.05, 1.40, -0.25])
_BENCH_FOR = {"C": 0, "2B": 1, "3B": 1, "SS": 1, "LF": 2, "CF": 2, "RF": 2, "1B": 3, "DH": 3}
_MOVES_A_DAY = 1000  # at most: thirty clubs call up fourteen players each in September
# Who plays a spring game's late innings, by slot: bench and reserves
_SPRING_SUBSTITUTES = {
    "C": 22, "1B": 25, "2B": 23, "3B": 37, "SS": 38, "LF": 24, "CF": 33, "RF": 34, "DH": 39,
}  # fmt: skip
_ORDER = (1, 3, 0, 2, 4, 5, 6, 7, 8)  # place in the batting order of the best, the second best …


@dataclass(frozen=True, slots=True)
class Squad:
    """One club's forty players in one season, by slot."""

    club: Club
    players: tuple[int, ...]
    value: tuple[float, ...]  # runs per plate appearance gained for the club against average opponents
    roster: Roster

    def rotation(self, on: date) -> list[int]:
        """Return the five starters of a day in order; a replacement takes an injured starter's place."""
        ranked = sorted(range(*STARTERS.indices(40)), key=lambda slot: -self.value[slot])
        return [self.players[self.roster.slot_occupant(slot, on)] for slot in ranked]

    def bullpen(self, on: date) -> list[int]:
        """Return the relievers of a day, the best first: closer, setup man …; eight, more in September."""
        slots = [self.roster.slot_occupant(slot, on) for slot in range(*RELIEVERS.indices(40))]
        slots += [slot for slot in self.roster.called_up_slots(on) if POSITIONS[slot] == "P"]
        return [self.players[slot] for slot in sorted(slots, key=lambda slot: -self.value[slot])]

    def batting_order(self, on: date) -> list[tuple[int, str]]:
        """Return the nine regulars of a day and their positions, in batting order."""
        playing = {slot: self.roster.slot_occupant(slot, on) for slot in range(*REGULARS.indices(40))}
        ranked = sorted(playing, key=lambda slot: -self.value[playing[slot]])
        order = sorted(zip(_ORDER, ranked, strict=True))
        return [(self.players[playing[slot]], POSITIONS[slot]) for _, slot in order]

    def bench(self, on: date) -> list[int]:
        """Return the bench of a day: catcher, infielder, outfielder, first baseman."""
        return [self.players[self.roster.slot_occupant(slot, on)] for slot in range(*BENCH.indices(40))]

    @property
    def spring_substitutes(self) -> dict[str, int]:
        """Return the players of a spring game's late innings, by position."""
        return {position: self.players[slot] for position, slot in _SPRING_SUBSTITUTES.items()}

    @property
    def spring_bullpen(self) -> list[int]:
        """Return every pitcher outside the rotation, the best first."""
        slots = [slot for slot in range(STARTERS.stop, FORTY_MAN) if POSITIONS[slot] == "P"]
        return [self.players[slot] for slot in sorted(slots, key=lambda slot: -self.value[slot])]

    def active_players(self, on: date) -> list[int]:
        """Return the active roster of a day: 26 players, more in September."""
        return [self.players[slot] for slot in self.roster.active_slots(on)]


def bench_index_for(position: str) -> int:
    """Return the bench index of the replacement at a position."""
    return _BENCH_FOR[position]


def run_values(
    level: NDArray[np.float64], talent: NDArray[np.float64], pitches: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the runs per plate appearance (last axis dropped) that talents gain for their own club."""
    runs = outcome_probabilities(level + talent) @ _RUN_VALUES
    values: NDArray[np.float64] = np.where(pitches, -runs, runs)
    return values


def transactions_of(squads: Sequence[Squad], people: Mapping[int, Person], on: date) -> Iterator[Transaction]:
    """Yield a day's transactions: players optioned or injured, recalled or activated."""
    changes = [(squad, change) for squad in squads for change in squad.roster.changes_on(on)]
    for n, (squad, change) in enumerate(changes):
        build_transaction = _arrival_transaction if change.joins else _departure_transaction
        yield build_transaction(on.toordinal() * _MOVES_A_DAY + n, on, squad, change, people)


def _departure_transaction(
    number: int, on: date, squad: Squad, change: RosterChange, people: Mapping[int, Person]
) -> Transaction:
    player, club = squad.players[change.slot], squad.club
    name = _name_with_position(people[player])
    if change.injured_list:
        description = f"{club.name} placed {name} on the {change.injured_list}."
        return Transaction(number, on, "SC", "Status Change", description, player, to_club=club.id)
    description = f"{club.name} optioned {name} to the minors."
    return Transaction(number, on, "OPT", "Optioned", description, player, from_club=club.id)


def _arrival_transaction(
    number: int, on: date, squad: Squad, change: RosterChange, people: Mapping[int, Person]
) -> Transaction:
    player, club = squad.players[change.slot], squad.club
    name = _name_with_position(people[player])
    if change.injured_list:
        description = f"{club.name} activated {name} from the {change.injured_list}."
        return Transaction(number, on, "SC", "Status Change", description, player, to_club=club.id)
    description = f"{club.name} recalled {name} from the minors."
    return Transaction(number, on, "CU", "Recalled", description, player, to_club=club.id)


def _name_with_position(person: Person) -> str:
    position = f"{person.throws}HP" if person.position == "P" else person.position
    return f"{position} {person.full_name}"
