"""A simulated league of thirty clubs: one seed determines every game and every true probability."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain

from simulator.clubs import ballparks_by_id
from simulator.game_record import BookmakerQuote, Club, GameRecord, Person, SeasonDates, Transaction, Venue
from simulator.league import spring_training
from simulator.league.betting_market import LINE_OPENS_BEFORE, BettingMarket, Ints
from simulator.league.calendar import all_star_day, first_day, last_day
from simulator.league.games import GameSimulator
from simulator.league.outcomes import OUTCOMES, Logits
from simulator.league.people import build_umpires
from simulator.league.plan import Abilities, GamePlan, plan_probabilities
from simulator.league.postseason import play_postseason
from simulator.league.postseason import postseason_dates as postseason_dates_of
from simulator.league.replay import home_win_probability, replayed_scores
from simulator.league.rng import seeded_generator
from simulator.league.schedule import Fixture
from simulator.league.season import LeagueSeason, build_season
from simulator.league.squads import transactions_of
from simulator.league.talent import SEASONS, generate_cohorts

_MARKET_REPLAYS = 1000


class SimulatedLeague:
    """The `World` of a seed: it gives the same games on any machine, whichever seasons are requested.

    Each game has random streams of its own, so any range of days can be simulated without those before it.
    """

    def __init__(self, seed: int, seasons: Sequence[int], market: BettingMarket | None = None) -> None:
        if not seasons or not set(seasons) <= set(SEASONS):
            raise ValueError(
                f"expected seasons of a simulated league within {SEASONS[0]} to {SEASONS[-1]}, "
                f"got {list(seasons)}"
            )
        self.label = f"simulated league, seed {seed}"
        self._seed = seed
        self._umpires = build_umpires(seed)
        self._seasons = self._build_seasons(sorted(set(seasons)))
        self._games = GameSimulator(seed, self._seasons, self._umpires)
        self._postseasons: dict[int, list[Fixture]] = {}
        self._market = market or BettingMarket()
        self._scores: dict[int, tuple[Ints, Ints]] = {}

    def list_seasons(self) -> Sequence[int]:
        """Return the seasons available."""
        return list(self._seasons)

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season, and its All-Stars."""
        year = self._find_season(season)
        return [*year.clubs, *(squad.club for squad in year.all_stars.values())]

    def opening_day(self, season: int) -> date:
        """Return the day of the first game that counts; earlier games are spring training."""
        return first_day(season)

    def season_dates(self, season: int) -> SeasonDates:
        """Return the dates of a season's parts; the postseason ends on the last possible day."""
        days = spring_training.game_days(season)
        return SeasonDates(
            regular=(first_day(season), last_day(season)),
            spring=(days[0], days[-1]),
            all_star=all_star_day(season),
            postseason=postseason_dates_of(season),
        )

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return every ballpark by id."""
        return ballparks_by_id()

    def people_by_id(self) -> Mapping[int, Person]:
        """Return every player of the requested seasons and every umpire, by id."""
        return self._people_by_id

    def iter_games(self, season: int) -> Iterator[GameRecord]:
        """Yield a season's full game records by official date, start and game_pk."""
        return map(
            self._games.play_game,
            chain(_fixtures_before_postseason(self._find_season(season)), self._postseason_fixtures(season)),
        )

    def regular_season(self, season: int, *, measured: bool = True) -> Iterator[GameRecord]:
        """Yield the regular season's games; without measurements it takes two thirds of the time."""
        return (
            self._games.play_game(fixture, measured=measured)
            for fixture in self._find_season(season).fixtures
        )

    def games_on(self, first: date, last: date) -> Iterator[GameRecord]:
        """Yield the games with an official date between two dates, both included, and simulate no others.

        The postseason is the exception: its clubs depend on the whole season.
        """
        for number, year in self._seasons.items():
            postseason = (
                self._postseason_fixtures(number) if first.year <= number and last > last_day(number) else []
            )
            for game in (*_fixtures_before_postseason(year), *postseason):
                if first <= game.official_date <= last:
                    yield self._games.play_game(game)

    def games_moved_from(self, first: date, last: date) -> Iterator[GameRecord]:
        """Yield the games that were rained out between two dates, both included, and made up later."""
        for year in self._seasons.values():
            for game in year.fixtures:
                if game.original_date and first <= game.original_date <= last:
                    yield self._games.play_game(game)

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return a club's "active" (26, more in September, all in spring) or "40Man" roster.

        Empty in other years.
        """
        year = self._seasons.get(on.year)
        squad = {**year.squads, **year.all_stars}.get(club) if year else None
        if squad is None:
            return ()
        in_camp = on in spring_training.game_days(on.year) and on < first_day(on.year, club)
        if kind == "40Man" or (kind == "active" and in_camp):
            return squad.players
        return squad.active_players(on) if kind == "active" else ()

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:
        """Return roster transactions between two dates, both included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [move for day in days if day.year in self._seasons for move in self._transactions_on(day)]

    def get_season(self, year: int) -> LeagueSeason:
        """Return everything that is fixed before a season's first game."""
        return self._find_season(year)

    def environment_shift(self, game_pk: int) -> Logits:
        """Return the shift of each component by a game's park, weather and umpire, in logits."""
        fixture = self._games.fixtures[game_pk]
        return (
            self._find_season(fixture.season).parks[fixture.venue]
            + self._games.game_conditions(fixture).shift
        )

    def true_win_probability(self, game_pk: int, replays: int = 2000) -> float:
        """Return the home club's true win probability given both plans (standard error at most .5/√replays).

        Raises ValueError for a spring game, which may end in a tie.
        """
        return home_win_probability(
            self._plan_game(game_pk), replays, seeded_generator(self._seed, "replay", game_pk)
        )

    def win_probability(self, game_pk: int, abilities: Abilities, replays: int) -> float:
        """Return the home club's win probability if the players had other abilities, independently drawn."""
        plan = self._plan_game(game_pk)
        chances = plan_probabilities(plan.clubs, abilities, self.environment_shift(game_pk))
        rng = seeded_generator(self._seed, "believed", game_pk)
        return home_win_probability(replace(plan, chances=chances), replays, rng)

    def true_outcome_probabilities(
        self, batter: int, pitcher: int, venue: int, *, season: int | None = None, game_pk: int | None = None
    ) -> dict[str, float]:
        """Return the true probability of each of `OUTCOMES` for a match-up in a park.

        The season defaults to the last one. `field_out` is every ball in play that is not a hit. A player in
        their own park has home-field advantage. With `game_pk` the game's weather and umpire count, too.
        """
        year = self._find_season(max(self._seasons) if season is None else season)
        at_home = self._bats_at_home(year, batter, pitcher, venue)
        environment = year.parks[venue] if game_pk is None else self.environment_shift(game_pk)
        [[chances]] = year.abilities.matchup_probabilities([pitcher], [batter], environment, at_home)
        return dict(zip(OUTCOMES, chances.tolist(), strict=True))

    def list_quotes(self, game_pk: int, at: datetime) -> Sequence[BookmakerQuote]:
        """Return bookmakers' quotes on a game at an instant; none before the line opens or in spring."""
        fixture = self._games.fixtures[game_pk]
        if fixture.game_type == spring_training.GAME_TYPE or at < fixture.start - LINE_OPENS_BEFORE:
            return ()
        if game_pk not in self._scores:
            rng = seeded_generator(self._seed, "market", game_pk)
            self._scores[game_pk] = replayed_scores(self._plan_game(game_pk), _MARKET_REPLAYS, rng)
        return list(
            self._market.generate_quotes(self._seed, game_pk, fixture.start, self._scores[game_pk], at)
        )

    def _plan_game(self, game_pk: int) -> GamePlan:
        fixture = self._games.fixtures[game_pk]
        if fixture.game_type == spring_training.GAME_TYPE:
            raise ValueError(
                f"game {game_pk} is a spring game, which may end in a tie: expected one with a winner"
            )
        return self._games.plan_game(fixture)

    def _postseason_fixtures(self, season: int) -> Sequence[Fixture]:
        if season not in self._postseasons:
            self._postseasons[season] = play_postseason(self._seed, self._find_season(season), self._games)
        return self._postseasons[season]

    def _build_seasons(self, seasons: Sequence[int]) -> dict[int, LeagueSeason]:
        built = {}
        for cohort, careers in generate_cohorts(self._seed):
            if cohort.season in seasons:
                built[cohort.season] = build_season(self._seed, cohort, careers)
            if cohort.season == seasons[-1]:
                break
        return built

    def _find_season(self, year: int) -> LeagueSeason:
        if year not in self._seasons:
            raise KeyError(f"{self.label} has the seasons {self.list_seasons()}, not {year}")
        return self._seasons[year]

    @cached_property
    def _people_by_id(self) -> dict[int, Person]:
        officials = {umpire.id: umpire for umpire in self._umpires}
        players = {player.id: player for year in self._seasons.values() for player in year.people.values()}
        return officials | players

    def _transactions_on(self, day: date) -> Iterator[Transaction]:
        return transactions_of(list(self._seasons[day.year].squads.values()), self._people_by_id, day)

    def _bats_at_home(self, year: LeagueSeason, batter: int, pitcher: int, venue: int) -> bool | None:
        hosts = {
            player
            for squad in year.squads.values()
            if squad.club.venue_id == venue
            for player in squad.players
        }
        return (batter in hosts) if hosts & {batter, pitcher} else None


def _fixtures_before_postseason(year: LeagueSeason) -> Sequence[Fixture]:
    """Return spring games, regular season and All-Star Game in playing order."""
    games = [*year.spring, *year.fixtures, year.all_star_game]
    return sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk))
