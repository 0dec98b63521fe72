"""Who meets whom on which days: 52 rounds of series that give every club 162 games."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from hankstank.standins.scorebook import Club

Pairs = list[tuple[int, int]]

_WEEKS = 26  # after the opening weekend; the All-Star week has no midweek series
_LONG_SERIES = range(2, 25, 4)  # midweek rounds of four games: six of them make 162


class Meeting(NamedTuple):
    """One game as the calendar has it, and where rain moved it."""

    day: date
    home: int
    away: int
    last_of_series: bool
    original_day: date | None = None
    game_number: int = 1
    double_header: str = "N"


def opening_day(season: int) -> date:
    """Return the last Thursday of March."""
    last = date(season, 3, 31)
    return last - timedelta(days=(last.weekday() - 3) % 7)


def last_day(season: int) -> date:
    """Return the season's last Sunday."""
    return opening_day(season) + timedelta(days=3 + 7 * _WEEKS)


def all_star_day(season: int) -> date:
    """Return the second Tuesday of July."""
    first = date(season, 7, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def meetings(season: int, clubs: Sequence[Club], rng: Random) -> list[Meeting]:
    """Return every game of a season in order, before the rain."""
    hosts, games = _Hosts(rng), []
    for pairs, choices in zip(_rounds(clubs, rng), _series_days(season), strict=True):
        for pair in pairs:
            days = rng.choice(choices)
            home, away = hosts.choose(pair, len(days))
            games += [Meeting(day, home, away, day == days[-1]) for day in days]
    return sorted(games)


def rounds_of(clubs: Sequence[int]) -> Iterator[tuple[Pairs, list[int]]]:
    """Yield rounds in which everybody meets everybody once, each with the club left over (odd numbers)."""
    ring: list[int | None] = [*clubs, *([None] if len(clubs) % 2 else [])]
    for _ in range(len(ring) - 1):
        both = [(ring[i], ring[-1 - i]) for i in range(len(ring) // 2)]
        yield (
            [(a, b) for a, b in both if a is not None and b is not None],
            [club for pair in both if None in pair for club in pair if club is not None],
        )
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _together(groups: list[list[int]]) -> Iterator[Pairs]:
    """Yield rounds of all groups at once; those left over meet across the leagues."""
    for parts in zip(*map(rounds_of, groups), strict=True):
        spare = [club for _, left in parts for club in left]
        half = len(spare) // 2
        across = zip(spare[:half], spare[half:], strict=True)
        yield [*(pair for pairs, _ in parts for pair in pairs), *across]


def _rounds(clubs: Sequence[Club], rng: Random) -> list[Pairs]:
    """Return 52 rounds of series: everybody once, one's league again, one's division once or twice more."""
    order = sorted(clubs, key=lambda club: (club.league_id, rng.random()))
    leagues, divisions = defaultdict(list), defaultdict(list)
    for club in order:
        leagues[club.league_id].append(club.id)
        divisions[club.league_id, club.division_id].append(club.id)
    everybody = [club.id for club in order]
    rng.shuffle(everybody)
    own_division = list(_together(list(divisions.values())))
    rounds = [pairs for pairs, _ in rounds_of(everybody)]
    rounds += [*_together(list(leagues.values())), *own_division, *own_division]
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


class _Hosts:
    """Keeps the number of home games even."""

    def __init__(self, rng: Random) -> None:
        self._hosted: dict[int, int] = defaultdict(int)
        self._last_host: dict[frozenset[int], int] = {}
        self._rng = rng

    def choose(self, pair: tuple[int, int], games: int) -> tuple[int, int]:
        """Return the pair as (home, away)."""
        last = self._last_host.get(frozenset(pair))
        home, away = sorted(pair, key=lambda club: (self._hosted[club], club == last, self._rng.random()))
        self._hosted[home] += games
        self._last_host[frozenset(pair)] = home
        return home, away
