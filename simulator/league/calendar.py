"""Who meets whom on which days: 52 rounds of series that give every club 162 games, some years two abroad."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from simulator.game_record import Club

Pairs = list[tuple[int, int]]

_WEEKS = 26  # after the opening weekend; the All-Star week has no midweek series
_LONG_SERIES = range(2, 25, 4)  # midweek rounds of four games: six of them make 162
_TRAVEL_TIME = timedelta(days=3)
# Where the majors' All-Star Game was not on July's second Tuesday
_ALL_STAR_DAYS = {2013: 16, 2014: 15, 2018: 17, 2022: 19, 2024: 16, 2025: 15}


class OpeningSeries(NamedTuple):
    """Games that two clubs play before the others' opening day, in a park of neither."""

    clubs: frozenset[int]
    venue: int
    days: tuple[date, ...]


# As the majors had them: Arizona and Los Angeles in Sydney, Oakland and Seattle in Tokyo, then Chicago and
# Los Angeles
_SYDNEY, _TOKYO = 90003, 90002
_OPENING_SERIES = {
    2014: OpeningSeries(frozenset({109, 119}), _SYDNEY, (date(2014, 3, 22), date(2014, 3, 23))),
    2019: OpeningSeries(frozenset({133, 136}), _TOKYO, (date(2019, 3, 20), date(2019, 3, 21))),
    2025: OpeningSeries(frozenset({112, 119}), _TOKYO, (date(2025, 3, 18), date(2025, 3, 19))),
}


class ScheduledGame(NamedTuple):
    """One game as the calendar has it, and where rain moved it."""

    day: date
    home: int
    away: int
    last_of_series: bool
    original_day: date | None = None
    game_number: int = 1
    double_header: str = "N"
    venue: int | None = None  # where neither club is at home


def opening_series(season: int) -> OpeningSeries | None:
    """Return the games that two clubs play abroad before opening day; None in most years."""
    return _OPENING_SERIES.get(season)


def first_day(season: int, club: int | None = None) -> date:
    """Return the day of a club's first game, else of the season's: opening day, or Opening Night abroad."""
    abroad = opening_series(season)
    return abroad.days[0] if abroad and club in {None, *abroad.clubs} else opening_day(season)


def is_abroad(season: int, club: int, on: date) -> bool:
    """Say whether a club is away for Opening Night abroad that day, the journeys included."""
    abroad = opening_series(season)
    if abroad is None or club not in abroad.clubs:
        return False
    return abroad.days[0] - _TRAVEL_TIME <= on <= abroad.days[-1] + _TRAVEL_TIME


def opening_day(season: int) -> date:
    """Return the day on which everybody begins: the last Thursday of March."""
    last = date(season, 3, 31)
    return last - timedelta(days=(last.weekday() - 3) % 7)


def last_day(season: int) -> date:
    """Return the season's last Sunday."""
    return opening_day(season) + timedelta(days=3 + 7 * _WEEKS)


def all_star_day(season: int) -> date:
    """Return the majors' day of that year; the second Tuesday of July where it was not moved."""
    if season in _ALL_STAR_DAYS:
        return date(season, 7, _ALL_STAR_DAYS[season])
    first = date(season, 7, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def schedule_games(season: int, clubs: Sequence[Club], rng: Random) -> list[ScheduledGame]:
    """Return every game of a season, before the rain: in order, but for those played abroad."""
    hosts, games = _HostBalancer(rng), []
    for pairs, choices in zip(_series_rounds(clubs, rng), _series_days(season), strict=True):
        for pair in pairs:
            days = rng.choice(choices)
            home, away = hosts.choose_host(pair, len(days))
            games += [ScheduledGame(day, home, away, day == days[-1]) for day in days]
    return _move_abroad(sorted(games), opening_series(season))


def _move_abroad(games: list[ScheduledGame], series: OpeningSeries | None) -> list[ScheduledGame]:
    """Move the first games that two clubs would have played against each other; the others stay."""
    if series is None:
        return games
    theirs = [n for n, game in enumerate(games) if {game.home, game.away} == series.clubs]
    host = games[theirs[0]].home
    chosen = [n for n in theirs if games[n].home == host][: len(series.days)]
    moved = list(games)
    for n, day in zip(chosen, series.days, strict=True):
        last = day == series.days[-1]
        moved[n] = games[n]._replace(day=day, last_of_series=last, venue=series.venue)
    return moved


def round_robin(clubs: Sequence[int]) -> Iterator[tuple[Pairs, list[int]]]:
    """Yield rounds in which everybody meets everybody once, each with the club left over (odd numbers)."""
    ring: list[int | None] = [*clubs, *([None] if len(clubs) % 2 else [])]
    for _ in range(len(ring) - 1):
        both = [(ring[i], ring[-1 - i]) for i in range(len(ring) // 2)]
        yield (
            [(a, b) for a, b in both if a is not None and b is not None],
            [club for pair in both if None in pair for club in pair if club is not None],
        )
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _combined_rounds(groups: list[list[int]]) -> Iterator[Pairs]:
    """Yield rounds of all groups at once; those left over meet across the leagues."""
    for parts in zip(*map(round_robin, groups), strict=True):
        spare = [club for _, left in parts for club in left]
        half = len(spare) // 2
        across = zip(spare[:half], spare[half:], strict=True)
        yield [*(pair for pairs, _ in parts for pair in pairs), *across]


def _series_rounds(clubs: Sequence[Club], rng: Random) -> list[Pairs]:
    """Return 52 rounds of series: everybody once, one's league again, one's division once or twice more."""
    order = sorted(clubs, key=lambda club: (club.league_id, rng.random()))
    leagues, divisions = defaultdict(list), defaultdict(list)
    for club in order:
        leagues[club.league_id].append(club.id)
        divisions[club.league_id, club.division_id].append(club.id)
    everybody = [club.id for club in order]
    rng.shuffle(everybody)
    own_division = list(_combined_rounds(list(divisions.values())))
    rounds = [pairs for pairs, _ in round_robin(everybody)]
    rounds += [*_combined_rounds(list(leagues.values())), *own_division, *own_division]
    rounds = rounds[: _WEEKS * 2]
    rng.shuffle(rounds)
    return rounds


def _series_days(season: int) -> Iterator[list[list[date]]]:
    """Yield for each round the days that a series may take, one list a choice."""
    opening = opening_day(season)
    yield [[opening + timedelta(days=n) for n in days] for days in ((0, 2, 3), (0, 2, 3), (1, 2, 3))]
    midweek = 0
    for week in range(_WEEKS):
        monday = opening + timedelta(days=4 + 7 * week)
        if not monday <= all_star_day(season) < monday + timedelta(days=7):
            choices = [range(4)] if midweek in _LONG_SERIES else [range(3), range(1, 4), range(1, 4)]
            yield [[monday + timedelta(days=n) for n in days] for days in choices]
            midweek += 1
        yield [[monday + timedelta(days=n) for n in (4, 5, 6)]]


class _HostBalancer:
    """Keeps the number of home games even."""

    def __init__(self, rng: Random) -> None:
        self._hosted: dict[int, int] = defaultdict(int)
        self._last_host: dict[frozenset[int], int] = {}
        self._rng = rng

    def choose_host(self, pair: tuple[int, int], games: int) -> tuple[int, int]:
        """Return the pair as (home, away)."""
        last = self._last_host.get(frozenset(pair))
        home, away = sorted(pair, key=lambda club: (self._hosted[club], club == last, self._rng.random()))
        self._hosted[home] += games
        self._last_host[frozenset(pair)] = home
        return home, away
