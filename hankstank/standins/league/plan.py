"""What both managers settle before a game (line-ups, starters, rest), and every match-up's chances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from hankstank.standins.league.outcomes import Logits, home_edge, platoon, probabilities
from hankstank.standins.league.schedule import Fixture
from hankstank.standins.league.squads import Squad, bench_for
from hankstank.standins.scorebook import Person

_HANDS = {"R": -1, "S": 0, "L": 1}
_REST = {"C": 0.24}  # how often a regular sits; the others
_USUAL_REST = 0.07
_RELIEVER_RESTED = 0.72


@dataclass(frozen=True, slots=True)
class ClubPlan:
    """One club's plan: (player, position) in batting order, the bench by group, the pen, its best first."""

    club: int
    order: tuple[tuple[int, str], ...]
    bench: Mapping[int, int]
    starter: int
    pen: tuple[int, ...]
    pitch_limit: float  # when the starter has thrown so many he leaves

    @property
    def pitchers(self) -> tuple[int, ...]:
        """Return the starter and the pen."""
        return (self.starter, *self.pen)

    @property
    def batters(self) -> tuple[int, ...]:
        """Return the nine and then the bench."""
        return (*(player for player, _ in self.order), *self.bench.values())


@dataclass(frozen=True, slots=True)
class GamePlan:
    """Both clubs' plans; `chances[is_home]` (the batting side) is [opposing pitcher, batter, outcome]."""

    fixture: Fixture
    clubs: Mapping[bool, ClubPlan]
    chances: Mapping[bool, NDArray[np.float64]]


def club_plan(squad: Squad, fixture: Fixture, turn: int, rng: Random) -> ClubPlan:
    """Draw a club's plan for its game number `turn` of the season."""
    bench = dict(enumerate(squad.bench(fixture.official_date)))
    order = []
    for player, position in squad.batting_order():
        group = bench_for(position)
        sits = rng.random() < _REST.get(position, _USUAL_REST) and group in bench
        order.append((bench.pop(group) if sits else player, position))
    pen = tuple(man for man in squad.pen(fixture.official_date) if rng.random() < _RELIEVER_RESTED)
    rotation = squad.rotation()
    return ClubPlan(
        squad.club.id, tuple(order), bench, rotation[turn % len(rotation)], pen, min(108.0, rng.gauss(88, 8))
    )


@dataclass(frozen=True, slots=True)
class Abilities:
    """A season's talents and hands by player, from which chances are worked out."""

    talent: Mapping[int, Logits]
    people: Mapping[int, Person]

    def chances(
        self, pitchers: Sequence[int], batters: Sequence[int], park: Logits, home_bats: bool | None
    ) -> NDArray[np.float64]:
        """Return the probabilities [pitcher, batter, outcome] of every match-up."""
        throws = np.array([_HANDS[self.people[p].throws] for p in pitchers])
        bats = np.array([_HANDS[self.people[b].bats] for b in batters])
        mound = np.stack([self.talent[p] for p in pitchers])[:, None]
        box = np.stack([self.talent[b] for b in batters])[None]
        shift = mound + box + platoon(bats[None], throws[:, None]) + park + home_edge(home_bats)
        return probabilities(shift)


def game_plan(
    fixture: Fixture, squads: Mapping[int, Squad], abilities: Abilities, park: Logits, rng: Random
) -> GamePlan:
    """Draw both plans and work out the chances of every match-up they allow."""
    clubs = {
        False: club_plan(squads[fixture.away], fixture, fixture.away_turn, rng),
        True: club_plan(squads[fixture.home], fixture, fixture.home_turn, rng),
    }
    chances = {
        home: abilities.chances(clubs[not home].pitchers, clubs[home].batters, park, home) for home in clubs
    }
    return GamePlan(fixture, clubs, chances)
