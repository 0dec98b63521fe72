"""Pairings and days: 52 rounds of series, 162 games for every club, in some years two of them abroad."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from simulator.game_record import Club

Pairs = list[tuple[int, int]]

_WEEKS = 26  # after the opening weekend; the All-Star week has no midweek series
_LONG_SERIES = range(2, 25, 4)  # midweek rounds of four games: six of them bring the total to 162
_TRAVEL_TIME = timedelta(days=3)
# July days of the real All-Star Games that were not on the second Tuesday
_ALL_STAR_DAYS = {2013: 16, 2014: 15, 2018: 17, 2022: 19, 2024: 16, 2025: 15}


class OpeningSeries(NamedTuple):
    """Games that two clubs play at a neutral park before the others' opening day."""

    clubs: frozenset[int]
    venue: int
    days: tuple[date, ...]


# The real ones: ARI and LAD in Sydney, OAK and SEA in Tokyo, CHC and LAD in Tokyo
_SYDNEY, _TOKYO = 90003, 90002
_OPENING_SERIES = {
    2014: OpeningSeries(frozenset({109, 119}), _SYDNEY, (date(2014, 3, 22), date(2014, 3, 23))),
    2019: OpeningSeries(frozenset({133, 136}), _TOKYO, (date(2019, 3, 20), date(2019, 3, 21))),
    2025: OpeningSeries(frozenset({112, 119}), _TOKYO, (date(2025, 3, 18), date(2025, 3, 19))),
}


class ScheduledGame(NamedTuple):
    """One game of the calendar, with the original day if rain moved it."""

    day: date
    home: int
    away: int
    last_of_series: bool
    original_day: date | None = None
    game_number: int = 1
    double_header: str = "N"
    venue: int | None = None  # None: the home club's park


def opening_series(season: int) -> OpeningSeries | None:
    """Return the series played abroad before opening day; None in most years."""
    return _OPENING_SERIES.get(season)


def first_day(season: int, club: int | None = None) -> date:
    """Return the day of a club's first game, or without a club of the season's, games abroad included."""
    abroad = opening_series(season)
    return abroad.days[0] if abroad and club in {None, *abroad.clubs} else opening_day(season)


def is_abroad(season: int, club: int, on: date) -> bool:
    """Return whether a club is abroad for an opening series that day, travel included."""
    abroad = opening_series(season)
    if abroad is None or club not in abroad.clubs:
        return False
    return abroad.days[0] - _TRAVEL_TIME <= on <= abroad.days[-1] + _TRAVEL_TIME


def opening_day(season: int) -> date:
    """Return the day of most clubs' first game: the last Thursday of March."""
    last = date(season, 3, 31)
    return last - timedelta(days=(last.weekday() - 3) % 7)


def last_day(season: int) -> date:
    """Return the season's last Sunday."""
    return opening_day(season) + timedelta(days=3 + 7 * _WEEKS)


def all_star_day(season: int) -> date:
    """Return the day of the real All-Star Game; in other years the second Tuesday of July."""
    if season in _ALL_STAR_DAYS:
        return date(season, 7, _ALL_STAR_DAYS[season])
    first = date(season, 7, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def schedule_games(season: int, clubs: Sequence[Club], rng: Random) -> list[ScheduledGame]:
    """Return every game of a season before rainouts, sorted except for games moved abroad."""
    hosts, games = _HostBalancer(rng), []
    for pairs, choices in zip(_series_rounds(clubs, rng), _series_days(season), strict=True):
        for pair in pairs:
            days = rng.choice(choices)
            home, away = hosts.choose_host(pair, len(days))
            games += [ScheduledGame(day, home, away, day == days[-1]) for day in days]
    return _move_abroad(sorted(games), opening_series(season))


def _move_abroad(games: list[ScheduledGame], series: OpeningSeries | None) -> list[ScheduledGame]:
    """Move the first games between the two clubs of a series abroad; the others keep their place."""
    if series is None:
        return games
    meetings = [n for n, game in enumerate(games) if {game.home, game.away} == series.clubs]
    host = games[meetings[0]].home
    chosen = [n for n in meetings if games[n].home == host][: len(series.days)]
    moved = list(games)
    for n, day in zip(chosen, series.days, strict=True):
        last = day == series.days[-1]
        moved[n] = games[n]._replace(day=day, last_of_series=last, venue=series.venue)
    return moved


def round_robin(clubs: Sequence[int]) -> Iterator[tuple[Pairs, list[int]]]:
    """Yield rounds in which all meet all once, each with the club without an opponent (odd numbers)."""
    ring: list[int | None] = [*clubs, *([None] if len(clubs) % 2 else [])]
    for _ in range(len(ring) - 1):
        opposites = [(ring[i], ring[-1 - i]) for i in range(len(ring) // 2)]
        yield (
            [(a, b) for a, b in opposites if a is not None and b is not None],
            [club for pair in opposites if None in pair for club in pair if club is not None],
        )
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _combined_rounds(groups: list[list[int]]) -> Iterator[Pairs]:
    """Yield rounds of all groups at once; clubs left over by their groups meet each other."""
    for parts in zip(*map(round_robin, groups), strict=True):
        spare = [club for _, left_over in parts for club in left_over]
        half = len(spare) // 2
        across = zip(spare[:half], spare[half:], strict=True)
        yield [*(pair for pairs, _ in parts for pair in pairs), *across]


def _series_rounds(clubs: Sequence[Club], rng: Random) -> list[Pairs]:
    """Return 52 rounds of series: all clubs once, the own league again, the own division twice more."""
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
    """Yield for each round the possible days of a series, one list per choice."""
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
    """Balances the number of home games."""

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
