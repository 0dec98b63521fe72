"""Spring games: fifteen clubs play in Florida, the other fifteen in Arizona, before opening day."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, product
from random import Random
from zoneinfo import ZoneInfo

import numpy as np

from simulator.game_record import Venue
from simulator.league.calendar import Pairs, is_abroad, round_robin
from simulator.league.rng import seeded_random
from simulator.league.schedule import Fixture, first_game_pk, number_club_games

GAME_TYPE = "S"
SUBSTITUTES_ENTER_INNING = 6  # substitutes play from this inning on
_NUMBER = 4_000  # within the season's ten thousand, between regular season and All-Star Game
_FIRST, _LAST = (2, 20), (3, 24)  # opening day is never earlier than the day after
_STARTER_PITCHES = 32, 80  # on the first and the last day: about two innings, then five
_NIGHT_SHARE = 0.2


def game_days(season: int) -> list[date]:
    """Return the days of spring games."""
    first, last = (date(season, *day) for day in (_FIRST, _LAST))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def starter_pitches(on: date) -> float:
    """Return a starter's mean number of pitches on a day of spring, which rises linearly."""
    first, *_, last = game_days(on.year)
    return float(np.interp(on.toordinal(), (first.toordinal(), last.toordinal()), _STARTER_PITCHES))


def spring_fixtures(
    seed: int, season: int, homes: Mapping[int, int], venues: Mapping[int, Venue]
) -> list[Fixture]:
    """Return a season's spring games by official date, start and game_pk; `homes` are parks by club.

    Clubs meet all that train in their state in turn; one of every fifteen rests each day. Clubs that open the
    season abroad do not play around those days.
    """
    camps = defaultdict(list)
    for club, park in homes.items():
        camps[venues[park].state].append(club)
    rng = seeded_random(seed, "spring", season)
    meetings = [
        (day, home, away)
        for camp in camps.values()
        for day, pairs in zip(game_days(season), _daily_pairings(camp, homes, rng), strict=False)
        for home, away in pairs
        if not is_abroad(season, home, day) and not is_abroad(season, away, day)
    ]
    numbers = range(first_game_pk(season) + _NUMBER, first_game_pk(season) + _NUMBER + len(meetings))
    games = [
        _build_fixture(seed, number, day, home, away, venues[homes[home]])
        for number, (day, home, away) in zip(numbers, sorted(meetings), strict=True)
    ]
    return number_club_games(sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk)))


def _daily_pairings(camp: Sequence[int], homes: Mapping[int, int], rng: Random) -> Iterator[Pairs]:
    """Yield each day's pairs, home club first, without end."""
    hosted: Counter[int] = Counter()
    for pairs, _ in cycle(list(round_robin(rng.sample(camp, len(camp))))):
        chosen = _assign_hosts(pairs, homes, hosted)
        hosted.update(home for home, _ in chosen)
        yield chosen


def _assign_hosts(pairs: Pairs, homes: Mapping[int, int], hosted: Mapping[int, int]) -> Pairs:
    """Choose the hosts: no two in a shared park, otherwise those who hosted less often."""
    choices = product(*((pair, pair[::-1]) for pair in pairs))
    possible = (choice for choice in choices if len({homes[home] for home, _ in choice}) == len(choice))
    return list(min(possible, key=lambda choice: sum(hosted[home] - hosted[away] for home, away in choice)))


def _build_fixture(seed: int, number: int, on: date, home: int, away: int, park: Venue) -> Fixture:
    rng = seeded_random(seed, "start", number)
    is_night = rng.random() < _NIGHT_SHARE
    hour, minutes = (18, (5, 10, 35, 40)) if is_night else (13, (5, 5, 7, 10))
    start = datetime.combine(on, time(hour, rng.choice(minutes)), ZoneInfo(park.time_zone)).astimezone(UTC)
    day_night = "night" if is_night else "day"
    return Fixture(
        number, on.year, on, home, away, park.id, start, day_night, None, 1, "N", game_type=GAME_TYPE
    )
