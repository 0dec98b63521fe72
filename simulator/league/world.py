"""A simulated league: thirty clubs whose every game, and every true probability, follows from one seed."""

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
from simulator.league.postseason import postseason_dates as october_dates
from simulator.league.replay import home_win_probability, replayed_scores
from simulator.league.rng import seeded_generator
from simulator.league.schedule import Fixture
from simulator.league.season import LeagueSeason, build_season
from simulator.league.squads import transactions_of
from simulator.league.talent import SEASONS, generate_cohorts

_MARKET_REPLAYS = 1000


class SimulatedLeague:
    """The `World` of a seed: the same seed gives the same games anywhere, whatever seasons are asked for.

    Each game has dice of its own, so any stretch of days can be played without the days before it.
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
        """Return the seasons that can be asked for."""
        return list(self._seasons)

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season, and its All-Stars."""
        year = self._find_season(season)
        return [*year.clubs, *(squad.club for squad in year.all_stars.values())]

    def opening_day(self, season: int) -> date:
        """Return the day of the first game that counts; before it all games are of spring."""
        return first_day(season)

    def season_dates(self, season: int) -> SeasonDates:
        """Return when the parts of a season are, its October as long as it may become."""
        days = spring_training.game_days(season)
        return SeasonDates(
            regular=(first_day(season), last_day(season)),
            spring=(days[0], days[-1]),
            all_star=all_star_day(season),
            postseason=october_dates(season),
        )

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return every ballpark by id."""
        return ballparks_by_id()

    def people_by_id(self) -> Mapping[int, Person]:
        """Return every player of the seasons asked for and every umpire, by id."""
        return self._people_by_id

    def iter_games(self, season: int) -> Iterator[GameRecord]:
        """Yield the games of a season by official date, then start, then game_pk, played in full."""
        return map(
            self._games.play_game,
            chain(_fixtures_before_postseason(self._find_season(season)), self._postseason_fixtures(season)),
        )

    def regular_season(self, season: int, *, measured: bool = True) -> Iterator[GameRecord]:
        """Yield the games of a season's 162 rounds alone; not `measured`, in two thirds of the time."""
        return (
            self._games.play_game(fixture, measured=measured)
            for fixture in self._find_season(season).fixtures
        )

    def games_on(self, first: date, last: date) -> Iterator[GameRecord]:
        """Yield the games with an official date between two dates, both included, and play no others.

        Who plays in October follows from the whole season.
        """
        for number, year in self._seasons.items():
            october = (
                self._postseason_fixtures(number) if first.year <= number and last > last_day(number) else []
            )
            for game in (*_fixtures_before_postseason(year), *october):
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
        """Return who came and who went between two dates, both included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [move for day in days if day.year in self._seasons for move in self._transactions_on(day)]

    def get_season(self, year: int) -> LeagueSeason:
        """Return what is settled before a season's first game."""
        return self._find_season(year)

    def environment_shift(self, game_pk: int) -> Logits:
        """Return a game's park, weather and umpire as a shift of each component."""
        fixture = self._games.fixtures[game_pk]
        return (
            self._find_season(fixture.season).parks[fixture.venue]
            + self._games.game_conditions(fixture).shift
        )

    def true_win_probability(self, game_pk: int, replays: int = 2000) -> float:
        """Return the home club's true chance given line-ups and starters (standard error .5/√replays).

        Raises ValueError for a spring game, which may end level.
        """
        return home_win_probability(
            self._plan_game(game_pk), replays, seeded_generator(self._seed, "replay", game_pk)
        )

    def win_probability(self, game_pk: int, believed: Abilities, replays: int) -> float:
        """Return the same were the men's abilities those `believed`, by dice of its own."""
        plan = self._plan_game(game_pk)
        so = replace(plan, chances=plan_probabilities(plan.clubs, believed, self.environment_shift(game_pk)))
        return home_win_probability(so, replays, seeded_generator(self._seed, "believed", game_pk))

    def true_outcome_probabilities(
        self, batter: int, pitcher: int, venue: int, *, season: int | None = None, game_pk: int | None = None
    ) -> dict[str, float]:
        """Return the chance of each of `OUTCOMES` when two meet in a park, in a season (else the last).

        `field_out` is every ball in play that is no hit. Who plays in his own park has the home edge. With
        `game_pk` it is that game's weather and umpire, else the usual.
        """
        year = self._find_season(max(self._seasons) if season is None else season)
        at_home = self._bats_at_home(year, batter, pitcher, venue)
        place = year.parks[venue] if game_pk is None else self.environment_shift(game_pk)
        [[chances]] = year.abilities.matchup_probabilities([pitcher], [batter], place, at_home)
        return dict(zip(OUTCOMES, chances.tolist(), strict=True))

    def list_quotes(self, game_pk: int, at: datetime) -> Sequence[BookmakerQuote]:
        """Return what bookmakers quote on a game at an instant; nothing before they open, nor in spring."""
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
            raise ValueError(f"game {game_pk} is a spring game, which nobody need win: it has no truth")
        return self._games.plan_game(fixture)

    def _postseason_fixtures(self, season: int) -> Sequence[Fixture]:
        if season not in self._postseasons:
            self._postseasons[season] = play_postseason(self._seed, self._find_season(season), self._games)
        return self._postseasons[season]

    def _build_seasons(self, seasons: Sequence[int]) -> dict[int, LeagueSeason]:
        built = {}
        for cohort, known in generate_cohorts(self._seed):
            if cohort.season in seasons:
                built[cohort.season] = build_season(self._seed, cohort, known)
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
        return officials | {who.id: who for year in self._seasons.values() for who in year.people.values()}

    def _transactions_on(self, day: date) -> Iterator[Transaction]:
        return transactions_of(list(self._seasons[day.year].squads.values()), self._people_by_id, day)

    def _bats_at_home(self, year: LeagueSeason, batter: int, pitcher: int, venue: int) -> bool | None:
        hosts = {
            man for squad in year.squads.values() if squad.club.venue_id == venue for man in squad.players
        }
        return (batter in hosts) if hosts & {batter, pitcher} else None


def _fixtures_before_postseason(year: LeagueSeason) -> Sequence[Fixture]:
    """Return a season's spring, its 162 rounds and the All-Star Game as they are played."""
    games = [*year.spring, *year.fixtures, year.all_star_game]
    return sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk))
