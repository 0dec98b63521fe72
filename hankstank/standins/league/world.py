"""A simulated league: thirty clubs whose every game, and every true probability, follows from one seed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

from hankstank.standins.league.contest import Contest
from hankstank.standins.league.decisions import decide
from hankstank.standins.league.dice import dice, generator
from hankstank.standins.league.eras import era
from hankstank.standins.league.fatigue import SERIES_DAYS, Workload
from hankstank.standins.league.market import OPENS_BEFORE, Ints, Market
from hankstank.standins.league.outcomes import OUTCOMES
from hankstank.standins.league.people import umpires
from hankstank.standins.league.plan import GamePlan, game_plan
from hankstank.standins.league.replay import home_win_probability, replayed_scores
from hankstank.standins.league.schedule import Fixture
from hankstank.standins.league.season import Season, ballparks, season
from hankstank.standins.league.squads import transactions_of
from hankstank.standins.league.talent import EPOCH, careers
from hankstank.standins.league.weather import weather
from hankstank.standins.scorebook import Club, Game, Person, Quote, Transaction, Venue

_MARKET_REPLAYS = 1000
_PLATES = ("Home Plate", "First Base", "Second Base", "Third Base")


class SimulatedLeague:
    """The `World` of a seed: the same seed gives the same games anywhere, whatever seasons are asked for.

    Each game has dice of its own, so any stretch of days can be played without the days before it.
    """

    def __init__(self, seed: int, seasons: Sequence[int], market: Market | None = None) -> None:
        if not seasons or min(seasons) <= EPOCH:
            raise ValueError(f"a simulated league needs seasons after {EPOCH}, got {list(seasons)}")
        self.label = f"simulated league, seed {seed}"
        self._seed = seed
        self._umpires = umpires(seed)
        self._seasons = self._build(sorted(set(seasons)))
        self._workloads: dict[int, Workload] = {}
        self._market = market or Market()
        self._scores: dict[int, tuple[Ints, Ints]] = {}

    def seasons(self) -> Sequence[int]:
        """Return the seasons that can be asked for."""
        return list(self._seasons)

    def clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season."""
        return self._of(season).clubs

    def venues(self) -> Mapping[int, Venue]:
        """Return every ballpark by id."""
        return ballparks()

    def people(self) -> Mapping[int, Person]:
        """Return every player of the seasons asked for and every umpire, by id."""
        return self._people

    def games(self, season: int) -> Iterator[Game]:
        """Yield the games of a season by official date, then start, then game_pk, played in full."""
        return map(self._played, self._of(season).fixtures)

    def games_on(self, first: date, last: date) -> Iterator[Game]:
        """Yield the games with an official date between two dates, both included, and play no others."""
        for year in self._seasons.values():
            yield from (self._played(game) for game in year.fixtures if first <= game.official_date <= last)

    def games_moved_from(self, first: date, last: date) -> Iterator[Game]:
        """Yield the games that were rained out between two dates, both included, and made up later."""
        for year in self._seasons.values():
            for game in year.fixtures:
                if game.original_date and first <= game.original_date <= last:
                    yield self._played(game)

    def roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return a club's "active" (26) or "40Man" roster of a day; empty in years not simulated."""
        if on.year not in self._seasons or club not in self._seasons[on.year].squads:
            return ()
        squad = self._seasons[on.year].squads[club]
        if kind == "active":
            return squad.active(on)
        return squad.men if kind == "40Man" else ()

    def transactions(self, first: date, last: date) -> Sequence[Transaction]:
        """Return who was optioned and who recalled between two dates, both included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [move for day in days if day.year in self._seasons for move in self._moves(day)]

    def true_win_probability(self, game_pk: int, replays: int = 2000) -> float:
        """Return the home club's true chance given line-ups and starters (standard error .5/√replays)."""
        plan = self._plan(self._fixtures[game_pk])
        return home_win_probability(plan, replays, generator(self._seed, "replay", game_pk))

    def true_outcome_probabilities(
        self, batter: int, pitcher: int, venue: int, *, season: int | None = None
    ) -> dict[str, float]:
        """Return the chance of each of `OUTCOMES` when two meet in a park, in a season (else the last).

        `field_out` is every ball in play that is no hit. Who plays in his own park has the home edge.
        """
        year = self._of(max(self._seasons) if season is None else season)
        at_home = self._bats_at_home(year, batter, pitcher, venue)
        [[chances]] = year.abilities.chances([pitcher], [batter], year.parks[venue], at_home)
        return dict(zip(OUTCOMES, chances.tolist(), strict=True))

    def odds(self, game_pk: int, at: datetime) -> Sequence[Quote]:
        """Return what bookmakers quote on a game at an instant; nothing before they open."""
        fixture = self._fixtures[game_pk]
        if at < fixture.start - OPENS_BEFORE:
            return ()
        if game_pk not in self._scores:
            rng = generator(self._seed, "market", game_pk)
            self._scores[game_pk] = replayed_scores(self._plan(fixture), _MARKET_REPLAYS, rng)
        return list(self._market.quotes(self._seed, game_pk, fixture.start, self._scores[game_pk], at))

    def _build(self, seasons: Sequence[int]) -> dict[int, Season]:
        built = {}
        for cohort, known in careers(self._seed):
            if cohort.season in seasons:
                built[cohort.season] = season(self._seed, cohort, known)
            if cohort.season == seasons[-1]:
                break
        return built

    def _of(self, year: int) -> Season:
        if year not in self._seasons:
            raise KeyError(f"{self.label} has the seasons {self.seasons()}, not {year}")
        return self._seasons[year]

    @cached_property
    def _people(self) -> dict[int, Person]:
        officials = {umpire.id: umpire for umpire in self._umpires}
        return officials | {who.id: who for year in self._seasons.values() for who in year.people.values()}

    @cached_property
    def _fixtures(self) -> dict[int, Fixture]:
        return {game.game_pk: game for year in self._seasons.values() for game in year.fixtures}

    @cached_property
    def _meetings(self) -> dict[tuple[int, int, int], list[Fixture]]:
        """Return the games of a season by host and guest, in order."""
        found = defaultdict(list)
        for fixture in self._fixtures.values():
            found[fixture.season, fixture.home, fixture.away].append(fixture)
        return found

    def _moves(self, day: date) -> Iterator[Transaction]:
        return transactions_of(list(self._seasons[day.year].squads.values()), self._people, day)

    def _bats_at_home(self, year: Season, batter: int, pitcher: int, venue: int) -> bool | None:
        hosts = {man for squad in year.squads.values() if squad.club.venue_id == venue for man in squad.men}
        return (batter in hosts) if hosts & {batter, pitcher} else None

    def _plan(self, fixture: Fixture) -> GamePlan:
        year = self._of(fixture.season)
        rng = dice(self._seed, "plan", fixture.game_pk)
        park, series = year.parks[fixture.venue], self._series_before(fixture)
        return game_plan(fixture, year.squads, year.abilities, park, series, rng)

    def _series_before(self, fixture: Fixture) -> list[tuple[date, Workload]]:
        """Return what everybody threw in the games of the series before this one."""
        on = fixture.official_date
        meetings = self._meetings[fixture.season, fixture.home, fixture.away]
        earlier = meetings[: meetings.index(fixture)]
        return [
            (one.official_date, self._workload(one))
            for one in earlier
            if on - one.official_date < timedelta(days=SERIES_DAYS)
        ]

    def _workload(self, fixture: Fixture) -> Workload:
        if fixture.game_pk not in self._workloads:
            self._contest(fixture, self._plan(fixture))
        return self._workloads[fixture.game_pk]

    def _contest(self, fixture: Fixture, plan: GamePlan) -> Contest:
        year = self._of(fixture.season)
        contest = Contest(plan, year.people, year.arsenals, dice(self._seed, "game", fixture.game_pk))
        contest.play()
        self._workloads[fixture.game_pk] = contest.workload
        return contest

    def _played(self, fixture: Fixture) -> Game:
        plan = self._plan(fixture)
        contest = self._contest(fixture, plan)
        contest.measure(generator(self._seed, "cameras", fixture.game_pk))
        return self._recorded(fixture, plan, contest)

    def _recorded(self, fixture: Fixture, plan: GamePlan, contest: Contest) -> Game:
        rng, venue = dice(self._seed, "around", fixture.game_pk), ballparks()[fixture.venue]
        decisions, thrown = decide(contest.winners), sum(len(play.pitches) for play in contest.plays)
        return Game(
            fixture.game_pk,
            "R",
            fixture.season,
            fixture.official_date,
            fixture.start,
            fixture.home,
            fixture.away,
            fixture.venue,
            game_number=fixture.game_number,
            double_header=fixture.double_header,
            day_night=fixture.day_night,
            reason="Rain" if fixture.original_date else None,
            original_date=fixture.original_date,
            probable_home=plan.clubs[True].starter,
            probable_away=plan.clubs[False].starter,
            appearances=[line for home in (False, True) for line in contest.sides[home].appearances()],
            plays=contest.plays,
            winner=decisions.winner,
            loser=decisions.loser,
            save=decisions.save,
            officials=dict(zip(_PLATES, (umpire.id for umpire in rng.sample(self._umpires, 4)), strict=True)),
            weather=weather(venue, fixture.official_date, fixture.day_night, rng),
            attendance=round(venue.capacity * rng.uniform(0.4, 0.98)),
            scheduled_innings=plan.rules.innings,
            duration_minutes=round(18 + era(fixture.season).minutes_a_pitch * thrown + rng.gauss(0, 6)),
        )
