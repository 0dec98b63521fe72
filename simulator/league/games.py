"""Simulates games of the league on demand: each depends only on the seed and its series so far."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from simulator.clubs import ballparks_by_id
from simulator.game_record import GameRecord, Person
from simulator.league import spring_training
from simulator.league.all_stars import GAME_TYPE
from simulator.league.conditions import GameConditions, draw_conditions
from simulator.league.decisions import award_decisions
from simulator.league.eras import load_era
from simulator.league.fatigue import SERIES_DAYS, PitchCounts
from simulator.league.plan import GamePlan, draw_game_plan
from simulator.league.plate_appearance import GameSimulation
from simulator.league.rng import seeded_generator, seeded_random
from simulator.league.schedule import Fixture
from simulator.league.season import LeagueSeason


class GameSimulator:
    """Simulates fixtures; keeps each one's winner and pitch counts."""

    def __init__(self, seed: int, seasons: Mapping[int, LeagueSeason], umpires: Sequence[Person]) -> None:
        self._seed, self._seasons, self._umpires = seed, seasons, umpires
        self._pitch_counts: dict[int, PitchCounts] = {}
        self._home_won: dict[int, bool] = {}
        self._meetings: dict[tuple[int, bool, int, int], list[Fixture]] = defaultdict(list)
        self.fixtures: dict[int, Fixture] = {}
        for season in seasons.values():
            self.add_fixtures([*season.spring, *season.fixtures, season.all_star_game])

    def add_fixtures(self, fixtures: Iterable[Fixture]) -> None:
        """Add fixtures, in the order they are played."""
        for fixture in fixtures:
            self.fixtures[fixture.game_pk] = fixture
            self._park_meetings(fixture).append(fixture)

    def plan_game(self, fixture: Fixture) -> GamePlan:
        """Return both managers' plans for a game."""
        year = self._seasons[fixture.season]
        rng = seeded_random(self._seed, "plan", fixture.game_pk)
        park, series = year.parks[fixture.venue], self._series_before(fixture)
        conditions = self.game_conditions(fixture)
        squads = year.all_stars if fixture.game_type == GAME_TYPE else year.squads
        return draw_game_plan(fixture, squads, year.abilities, park, conditions, series, rng)

    def game_conditions(self, fixture: Fixture) -> GameConditions:
        """Return the weather and the umpires of a game."""
        return draw_conditions(self._seed, fixture, ballparks_by_id()[fixture.venue], self._umpires)

    def _series_before(self, fixture: Fixture) -> list[tuple[date, PitchCounts]]:
        """Return dates and pitch counts of the series' games before this one."""
        on = fixture.official_date
        meetings = self._park_meetings(fixture)
        earlier = meetings[: meetings.index(fixture)]
        return [
            (game.official_date, self._game_pitch_counts(game))
            for game in earlier
            if on - game.official_date < timedelta(days=SERIES_DAYS)
        ]

    def _park_meetings(self, fixture: Fixture) -> list[Fixture]:
        """Return the season's games of one club at another's park; spring games are separate."""
        in_spring = fixture.game_type == spring_training.GAME_TYPE
        return self._meetings[fixture.season, in_spring, fixture.home, fixture.away]

    def home_won(self, fixture: Fixture) -> bool:
        """Return whether the home club won."""
        self._game_pitch_counts(fixture)
        return self._home_won[fixture.game_pk]

    def _game_pitch_counts(self, fixture: Fixture) -> PitchCounts:
        if fixture.game_pk not in self._pitch_counts:
            self._simulate_game(fixture, self.plan_game(fixture))
        return self._pitch_counts[fixture.game_pk]

    def _simulate_game(self, fixture: Fixture, plan: GamePlan) -> GameSimulation:
        year = self._seasons[fixture.season]
        simulation = GameSimulation(
            plan, year.people, year.arsenals, seeded_random(self._seed, "game", fixture.game_pk)
        )
        simulation.play_game()
        self._pitch_counts[fixture.game_pk] = simulation.pitch_counts
        self._home_won[fixture.game_pk] = simulation.winning_side is simulation.sides[True]
        return simulation

    def play_game(self, fixture: Fixture, *, measured: bool = True) -> GameRecord:
        """Return a full game record; unless `measured`, pitches have only their calls."""
        plan = self.plan_game(fixture)
        simulation = self._simulate_game(fixture, plan)
        if measured:
            simulation.add_measurements(seeded_generator(self._seed, "cameras", fixture.game_pk))
        else:
            simulation.add_calls_only()
        return self._build_record(fixture, plan, simulation)

    def _build_record(self, fixture: Fixture, plan: GamePlan, simulation: GameSimulation) -> GameRecord:
        rng, venue = seeded_random(self._seed, "crowd", fixture.game_pk), ballparks_by_id()[fixture.venue]
        decisions = award_decisions(simulation.winning_side)
        pitches = sum(len(play.pitches) for play in simulation.plays)
        return GameRecord(
            fixture.game_pk,
            fixture.game_type,
            fixture.season,
            fixture.official_date,
            fixture.start,
            fixture.home,
            fixture.away,
            fixture.venue,
            game_number=fixture.game_number,
            double_header=fixture.double_header,
            day_night=fixture.day_night,
            reason="Rain" if fixture.original_date or fixture.completed_date else None,
            original_date=fixture.original_date,
            completed_date=fixture.completed_date,
            probable_home=plan.clubs[True].starter,
            probable_away=plan.clubs[False].starter,
            appearances=[
                line for home in (False, True) for line in simulation.sides[home].build_appearances()
            ],
            plays=simulation.plays,
            winner=decisions.winner,
            loser=decisions.loser,
            save=decisions.save,
            officials=plan.conditions.officials,
            weather=plan.conditions.weather,
            attendance=round(venue.capacity * rng.uniform(0.4, 0.98)),
            scheduled_innings=plan.rules.innings,
            duration_minutes=round(
                18 + load_era(fixture.season).minutes_per_pitch * pitches + rng.gauss(0, 6)
            ),
        )
