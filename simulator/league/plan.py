"""What both managers settle before a game (line-ups, starters, rest), and every match-up's chances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import Person
from simulator.league import spring_training
from simulator.league.all_stars import GAME_TYPE, STARTER_PITCHES
from simulator.league.conditions import GameConditions
from simulator.league.eras import GameRules, game_rules, load_era
from simulator.league.fatigue import PitchCounts, rested_relievers
from simulator.league.outcomes import Logits, home_field_shift, outcome_probabilities, platoon_shift
from simulator.league.schedule import Fixture
from simulator.league.squads import Squad, bench_index_for

SeriesPitchCounts = Sequence[
    tuple[date, PitchCounts]
]  # what everybody threw in the games before, earliest first

_HAND_CODES = {"R": -1, "S": 0, "L": 1}
_REST_RATES = {"C": 0.24}  # how often a regular sits; the others
_DEFAULT_REST_RATE = 0.07
_LIMIT_OVER_USUAL, _LIMIT_SPREAD, _LIMIT_MOST = 3.5, 14, 30  # pitches, of a starter
_SPRING_LIMIT_SPREAD = 5


@dataclass(frozen=True, slots=True)
class ClubPlan:
    """One club's plan: (player, position) in batting order, the bench by group, the pen, its best first."""

    club: int
    order: tuple[tuple[int, str], ...]
    bench: Mapping[int, int]
    starter: int
    bullpen: tuple[int, ...]
    pitch_limit: float  # about so many the starter throws
    spring_substitutes: Mapping[str, int] = field(
        default_factory=dict
    )  # who takes over in spring, by position

    @property
    def pitchers(self) -> tuple[int, ...]:
        """Return the starter and the pen."""
        return (self.starter, *self.bullpen)

    @property
    def batters(self) -> tuple[int, ...]:
        """Return the nine and then the bench, in spring the second nine."""
        return (
            *(player for player, _ in self.order),
            *self.bench.values(),
            *self.spring_substitutes.values(),
        )


@dataclass(frozen=True, slots=True)
class GamePlan:
    """Both clubs' plans; `chances[is_home]` (the batting side) is [opposing pitcher, batter, outcome]."""

    fixture: Fixture
    rules: GameRules
    conditions: GameConditions
    clubs: Mapping[bool, ClubPlan]
    chances: Mapping[bool, NDArray[np.float64]]


def draw_club_plan(
    squad: Squad, fixture: Fixture, game_index: int, series: SeriesPitchCounts, rng: Random
) -> ClubPlan:
    """Draw a club's plan for its game number `turn` of the season, after the games of a series."""
    if fixture.game_type == spring_training.GAME_TYPE:
        return _draw_spring_plan(squad, fixture, game_index, rng)
    on, usual = fixture.official_date, load_era(fixture.season).starter_pitches
    bench = dict(enumerate(squad.bench(on)))
    order = []
    for player, position in squad.batting_order(on):
        group = bench_index_for(position)
        sits = rng.random() < _REST_RATES.get(position, _DEFAULT_REST_RATE) and group in bench
        order.append((bench.pop(group) if sits else player, position))
    rotation = squad.rotation(on)
    starter = rotation[game_index % len(rotation)]
    limit = min(usual + _LIMIT_MOST, rng.gauss(usual + _LIMIT_OVER_USUAL, _LIMIT_SPREAD))
    if fixture.game_type == GAME_TYPE:
        limit = STARTER_PITCHES
    bullpen = tuple(rested_relievers(squad.bullpen(on), series, on, rng))
    return ClubPlan(squad.club.id, tuple(order), bench, starter, bullpen, limit)


def _draw_spring_plan(squad: Squad, fixture: Fixture, game_index: int, rng: Random) -> ClubPlan:
    """Draw a club's plan for a spring game: a short start, everybody's inning, the regulars for five."""
    on = fixture.official_date
    rotation = squad.rotation(on)
    return ClubPlan(
        squad.club.id,
        tuple(squad.batting_order(on)),
        {},
        rotation[game_index % len(rotation)],
        tuple(rested_relievers(squad.spring_bullpen, (), on, rng)),
        rng.gauss(spring_training.starter_pitches(on), _SPRING_LIMIT_SPREAD),
        squad.spring_substitutes,
    )


@dataclass(frozen=True, slots=True)
class Abilities:
    """A season's talents (players, components) and hands by row, and its level: chances come of them."""

    row: Mapping[int, int]  # by player
    talent: Logits
    hand: NDArray[np.int64]  # -1 right, 0 both, 1 left: a pitcher throws with it, a batter bats from it
    level: Logits

    @classmethod
    def from_people(cls, people: Sequence[Person], talent: Logits, level: Logits) -> "Abilities":
        """Return the abilities of people in the order of their talents."""
        hands = [_HAND_CODES[one.throws if one.position == "P" else one.bats] for one in people]
        return cls({one.id: n for n, one in enumerate(people)}, talent, np.array(hands), level)

    def matchup_probabilities(
        self, pitchers: Sequence[int], batters: Sequence[int], park: Logits, home_bats: bool | None
    ) -> NDArray[np.float64]:
        """Return the probabilities [pitcher, batter, outcome] of every match-up."""
        mound, box = ([self.row[one] for one in men] for men in (pitchers, batters))
        same_hand = platoon_shift(self.hand[box], self.hand[mound][:, None])
        usual = self.level + park + home_field_shift(home_bats)
        return outcome_probabilities(self.talent[mound][:, None] + self.talent[box] + same_hand + usual)


def plan_probabilities(
    clubs: Mapping[bool, ClubPlan], abilities: Abilities, environment: Logits
) -> Mapping[bool, NDArray[np.float64]]:
    """Return `GamePlan.chances` of two clubs in a park under a game's conditions."""
    return {
        home: abilities.matchup_probabilities(
            clubs[not home].pitchers, clubs[home].batters, environment, home
        )
        for home in clubs
    }


def draw_game_plan(
    fixture: Fixture,
    squads: Mapping[int, Squad],
    abilities: Abilities,
    park: Logits,
    conditions: GameConditions,
    series: SeriesPitchCounts,
    rng: Random,
) -> GamePlan:
    """Draw both plans and work out the chances of every match-up they allow."""
    clubs = {
        False: draw_club_plan(squads[fixture.away], fixture, fixture.away_turn, series, rng),
        True: draw_club_plan(squads[fixture.home], fixture, fixture.home_turn, series, rng),
    }
    played_by = game_rules(fixture.season, fixture.double_header, fixture.game_type)
    return GamePlan(
        fixture, played_by, conditions, clubs, plan_probabilities(clubs, abilities, park + conditions.shift)
    )
