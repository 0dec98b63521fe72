"""Games of the simulated league played as they are asked for: each follows from the seed and its series."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from simulator.clubs import ballparks
from simulator.game_record import Game, Person
from simulator.league import spring_training
from simulator.league.all_stars import GAME_TYPE
from simulator.league.conditions import Conditions, conditions
from simulator.league.decisions import decide
from simulator.league.eras import era
from simulator.league.fatigue import SERIES_DAYS, Workload
from simulator.league.plan import GamePlan, game_plan
from simulator.league.plate_appearance import Contest
from simulator.league.rng import dice, generator
from simulator.league.schedule import Fixture
from simulator.league.season import Season


class Games:
    """Plays fixtures; remembers of each who won and who threw how much."""

    def __init__(self, seed: int, seasons: Mapping[int, Season], umpires: Sequence[Person]) -> None:
        self._seed, self._seasons, self._umpires = seed, seasons, umpires
        self._workloads: dict[int, Workload] = {}
        self._home_won: dict[int, bool] = {}
        self._meetings: dict[tuple[int, bool, int, int], list[Fixture]] = defaultdict(list)
        self.fixtures: dict[int, Fixture] = {}
        for season in seasons.values():
            self.add([*season.spring, *season.fixtures, season.all_star_game])

    def add(self, fixtures: Iterable[Fixture]) -> None:
        """Make fixtures known, in the order they are played."""
        for fixture in fixtures:
            self.fixtures[fixture.game_pk] = fixture
            self._met(fixture).append(fixture)

    def plan(self, fixture: Fixture) -> GamePlan:
        """Return what both managers settle before a game."""
        year = self._seasons[fixture.season]
        rng = dice(self._seed, "plan", fixture.game_pk)
        park, series = year.parks[fixture.venue], self._series_before(fixture)
        around = self.conditions(fixture)
        squads = year.all_stars if fixture.game_type == GAME_TYPE else year.squads
        return game_plan(fixture, squads, year.abilities, park, around, series, rng)

    def conditions(self, fixture: Fixture) -> Conditions:
        """Return the weather and the umpires of a game."""
        return conditions(self._seed, fixture, ballparks()[fixture.venue], self._umpires)

    def _series_before(self, fixture: Fixture) -> list[tuple[date, Workload]]:
        """Return what everybody threw in the games of the series before this one."""
        on = fixture.official_date
        meetings = self._met(fixture)
        earlier = meetings[: meetings.index(fixture)]
        return [
            (one.official_date, self._workload(one))
            for one in earlier
            if on - one.official_date < timedelta(days=SERIES_DAYS)
        ]

    def _met(self, fixture: Fixture) -> list[Fixture]:
        """Return the season's games of a club in another's park; those of spring are apart."""
        in_spring = fixture.game_type == spring_training.GAME_TYPE
        return self._meetings[fixture.season, in_spring, fixture.home, fixture.away]

    def home_won(self, fixture: Fixture) -> bool:
        """Say whether the home club won."""
        self._workload(fixture)
        return self._home_won[fixture.game_pk]

    def _workload(self, fixture: Fixture) -> Workload:
        if fixture.game_pk not in self._workloads:
            self._contest(fixture, self.plan(fixture))
        return self._workloads[fixture.game_pk]

    def _contest(self, fixture: Fixture, plan: GamePlan) -> Contest:
        year = self._seasons[fixture.season]
        contest = Contest(plan, year.people, year.arsenals, dice(self._seed, "game", fixture.game_pk))
        contest.play()
        self._workloads[fixture.game_pk] = contest.workload
        self._home_won[fixture.game_pk] = contest.winners is contest.sides[True]
        return contest

    def played(self, fixture: Fixture, *, measured: bool = True) -> Game:
        """Return a game played in full; pitches that nobody `measured` have their calls alone."""
        plan = self.plan(fixture)
        contest = self._contest(fixture, plan)
        if measured:
            contest.measure(generator(self._seed, "cameras", fixture.game_pk))
        else:
            contest.count()
        return self._recorded(fixture, plan, contest)

    def _recorded(self, fixture: Fixture, plan: GamePlan, contest: Contest) -> Game:
        rng, venue = dice(self._seed, "crowd", fixture.game_pk), ballparks()[fixture.venue]
        decisions, thrown = decide(contest.winners), sum(len(play.pitches) for play in contest.plays)
        return Game(
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
            appearances=[line for home in (False, True) for line in contest.sides[home].appearances()],
            plays=contest.plays,
            winner=decisions.winner,
            loser=decisions.loser,
            save=decisions.save,
            officials=plan.conditions.officials,
            weather=plan.conditions.weather,
            attendance=round(venue.capacity * rng.uniform(0.4, 0.98)),
            scheduled_innings=plan.rules.innings,
            duration_minutes=round(18 + era(fixture.season).minutes_a_pitch * thrown + rng.gauss(0, 6)),
        )
