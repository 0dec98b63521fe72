"""One season before its first game: squads, abilities, ballparks and the schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.clubs import ballparks_by_id, clubs_in, spring_venue_ids
from simulator.game_record import Club, Person
from simulator.league.all_stars import all_star_game, all_star_squads
from simulator.league.calendar import opening_series
from simulator.league.eras import load_era
from simulator.league.outcomes import Logits, component_rates, logit, park_shift
from simulator.league.people import FIRST_PLAYER, Arsenal, build_player, draw_arsenal
from simulator.league.plan import Abilities
from simulator.league.roster import Roster
from simulator.league.schedule import Fixture, build_fixtures
from simulator.league.spring_training import spring_fixtures
from simulator.league.squads import Squad, run_values
from simulator.league.talent import POSITIONS, REGULARS, RELIEVERS, STARTERS, Careers, Cohort

_PITCHERS = slice(STARTERS.start, RELIEVERS.stop)
_NEWTON_STEPS = 4
_PITCHES = np.array([position == "P" for position in POSITIONS])


@dataclass(frozen=True, slots=True)
class LeagueSeason:
    """Everything that is fixed before the first game."""

    year: int
    clubs: Sequence[Club]
    squads: Mapping[int, Squad]
    people: Mapping[int, Person]
    abilities: Abilities
    arsenals: Mapping[int, Arsenal]
    parks: Mapping[int, Logits]
    fixtures: Sequence[Fixture]  # the regular season
    spring: Sequence[Fixture]
    all_stars: Mapping[int, Squad]
    all_star_game: Fixture


def build_season(seed: int, cohort: Cohort, careers: Careers) -> LeagueSeason:
    """Return a cohort's season."""
    clubs = clubs_in(cohort.season)
    numbers = cohort.people.ravel().tolist()
    people = {FIRST_PLAYER + n: build_player(seed, n, careers.born[n], careers.slot[n]) for n in numbers}
    talents = cohort.talent.reshape(len(numbers), -1)
    parks = {club.venue_id: park_shift(seed, ballparks_by_id()[club.venue_id]) for club in clubs}
    uncalibrated = Abilities.from_people(list(people.values()), talents, np.zeros(5))
    level = _calibrate_level(uncalibrated, cohort, np.mean(list(parks.values()), axis=0))
    squads = _build_squads(seed, cohort, clubs, level)
    all_stars = all_star_game(cohort.season, clubs, ballparks_by_id())
    abroad = opening_series(cohort.season)
    other_venues = {*spring_venue_ids().values(), *([abroad.venue] if abroad else [])}
    return LeagueSeason(
        cohort.season,
        clubs,
        squads,
        people,
        replace(uncalibrated, level=level),
        {
            FIRST_PLAYER + n: draw_arsenal(seed, n, careers.slot[n])
            for n in numbers
            if POSITIONS[careers.slot[n]] == "P"
        },
        parks | {venue: park_shift(seed, ballparks_by_id()[venue]) for venue in other_venues},
        build_fixtures(seed, cohort.season, clubs, ballparks_by_id()),
        spring_fixtures(seed, cohort.season, spring_venue_ids(), ballparks_by_id()),
        all_star_squads(squads, all_stars),
        all_stars,
    )


def _build_squads(seed: int, cohort: Cohort, clubs: Sequence[Club], level: Logits) -> dict[int, Squad]:
    values = run_values(level, cohort.talent, _PITCHES)
    return {
        club.id: Squad(
            club,
            tuple(int(n) + FIRST_PLAYER for n in cohort.people[row]),
            tuple(values[row]),
            Roster.for_season(seed, cohort.season, club.id),
        )
        for row, club in enumerate(clubs)
    }


def _calibrate_level(abilities: Abilities, cohort: Cohort, park: Logits) -> Logits:
    """Return the level at which random match-ups of the season's players have its era's rates."""
    pitchers = cohort.people[:, _PITCHERS].ravel() + FIRST_PLAYER
    batters = cohort.people[:, REGULARS].ravel() + FIRST_PLAYER
    target_rates = load_era(cohort.season).rates
    level = logit(target_rates)
    for _ in range(_NEWTON_STEPS):
        chances = replace(abilities, level=level).matchup_probabilities(
            pitchers.tolist(), batters.tolist(), park, None
        )
        level = level + logit(target_rates) - logit(component_rates(chances.mean(axis=(0, 1))))
    return level
