"""Both managers' plans for a game (line-ups, starters, rest), and the probabilities of every match-up."""

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

# Date and pitch counts of a series' earlier games, earliest first
SeriesPitchCounts = Sequence[tuple[date, PitchCounts]]

_HAND_CODES = {"R": -1, "S": 0, "L": 1}
_REST_RATES = {"C": 0.24}  # share of games in which a regular rests, by position
_DEFAULT_REST_RATE = 0.07
_LIMIT_OVER_USUAL, _LIMIT_SPREAD, _LIMIT_MOST = 3.5, 14, 30  # pitches, of a starter
_SPRING_LIMIT_SPREAD = 5


@dataclass(frozen=True, slots=True)
class ClubPlan:
    """One club's plan: (player, position) in batting order, bench by group, bullpen with the best first."""

    club: int
    order: tuple[tuple[int, str], ...]
    bench: Mapping[int, int]
    starter: int
    bullpen: tuple[int, ...]
    pitch_limit: float  # of the starter, approximately
    spring_substitutes: Mapping[str, int] = field(default_factory=dict)  # late-inning players by position

    @property
    def pitchers(self) -> tuple[int, ...]:
        """Return the starter and the bullpen."""
        return (self.starter, *self.bullpen)

    @property
    def batters(self) -> tuple[int, ...]:
        """Return the starting nine, then the bench, then spring substitutes."""
        return (
            *(player for player, _ in self.order),
            *self.bench.values(),
            *self.spring_substitutes.values(),
        )


@dataclass(frozen=True, slots=True)
class GamePlan:
    """Both clubs' plans; `chances[is_home]` of the batting side has axes (pitcher, batter, outcome)."""

    fixture: Fixture
    rules: GameRules
    conditions: GameConditions
    clubs: Mapping[bool, ClubPlan]
    chances: Mapping[bool, NDArray[np.float64]]


def draw_club_plan(
    squad: Squad, fixture: Fixture, game_index: int, series: SeriesPitchCounts, rng: Random
) -> ClubPlan:
    """Draw a club's plan for its game number `game_index` of the season, after a series' earlier games."""
    if fixture.game_type == spring_training.GAME_TYPE:
        return _draw_spring_plan(squad, fixture, game_index, rng)
    on, usual = fixture.official_date, load_era(fixture.season).starter_pitches
    bench = dict(enumerate(squad.bench(on)))
    order = []
    for player, position in squad.batting_order(on):
        group = bench_index_for(position)
        is_resting = rng.random() < _REST_RATES.get(position, _DEFAULT_REST_RATE) and group in bench
        order.append((bench.pop(group) if is_resting else player, position))
    rotation = squad.rotation(on)
    starter = rotation[game_index % len(rotation)]
    limit = min(usual + _LIMIT_MOST, rng.gauss(usual + _LIMIT_OVER_USUAL, _LIMIT_SPREAD))
    if fixture.game_type == GAME_TYPE:
        limit = STARTER_PITCHES
    bullpen = tuple(rested_relievers(squad.bullpen(on), series, on, rng))
    return ClubPlan(squad.club.id, tuple(order), bench, starter, bullpen, limit)


def _draw_spring_plan(squad: Squad, fixture: Fixture, game_index: int, rng: Random) -> ClubPlan:
    """Draw a club's plan for a spring game: a short start, an inning per reliever, five for regulars."""
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
    """Talents (players, components), handedness by row, and a season's level: inputs of probabilities."""

    row: Mapping[int, int]  # by player
    talent: Logits
    hand: NDArray[np.int64]  # -1 right, 0 both, 1 left: a pitcher's throwing hand, a batter's side
    level: Logits

    @classmethod
    def from_people(cls, people: Sequence[Person], talent: Logits, level: Logits) -> "Abilities":
        """Return the abilities of people, given in the order of `talent`."""
        hands = [_HAND_CODES[person.throws if person.position == "P" else person.bats] for person in people]
        return cls({person.id: n for n, person in enumerate(people)}, talent, np.array(hands), level)

    def matchup_probabilities(
        self, pitchers: Sequence[int], batters: Sequence[int], park: Logits, home_bats: bool | None
    ) -> NDArray[np.float64]:
        """Return the probabilities [pitcher, batter, outcome] of every match-up."""
        pitching, batting = ([self.row[player] for player in side] for side in (pitchers, batters))
        platoon = platoon_shift(self.hand[batting], self.hand[pitching][:, None])
        setting = self.level + park + home_field_shift(home_bats)
        # The order of these sums decides the last bits of every probability, and so of every game
        return outcome_probabilities(
            self.talent[pitching][:, None] + self.talent[batting] + platoon + setting
        )


def plan_probabilities(
    clubs: Mapping[bool, ClubPlan], abilities: Abilities, environment: Logits
) -> Mapping[bool, NDArray[np.float64]]:
    """Return `GamePlan.chances` of two clubs; `environment` is the shift of park and conditions."""
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
    """Draw both plans and compute the probabilities of every match-up they allow."""
    clubs = {
        False: draw_club_plan(squads[fixture.away], fixture, fixture.away_turn, series, rng),
        True: draw_club_plan(squads[fixture.home], fixture, fixture.home_turn, series, rng),
    }
    rules = game_rules(fixture.season, fixture.double_header, fixture.game_type)
    return GamePlan(
        fixture, rules, conditions, clubs, plan_probabilities(clubs, abilities, park + conditions.shift)
    )
