"""A regular season's games as finally played: places, times, rainouts and suspensions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from random import Random
from zoneinfo import ZoneInfo

from simulator.game_record import Club, Venue
from simulator.league.calendar import ScheduledGame, schedule_games
from simulator.league.rng import seeded_random

_RAIN, _SUSPENDED = 0.013, 0.0012

GamesByPk = dict[int, ScheduledGame]  # by game_pk


@dataclass(frozen=True, slots=True)
class Fixture:
    """One game as finally played; `*_turn` numbers a club's games of the season from 0."""

    game_pk: int
    season: int
    official_date: date
    home: int
    away: int
    venue: int
    start: datetime
    day_night: str
    original_date: date | None
    game_number: int
    double_header: str
    home_turn: int = 0
    away_turn: int = 0
    game_type: str = "R"
    completed_date: date | None = None  # when a suspended game was finished


def first_game_pk(season: int) -> int:
    """Return the number of a season's first game; each season has ten thousand numbers."""
    return 500_000 + 10_000 * (season - 2000)


def build_fixtures(
    seed: int, season: int, clubs: Sequence[Club], venues: Mapping[int, Venue]
) -> list[Fixture]:
    """Return a season's games by official date, start and game_pk."""
    homes = {club.id: club.venue_id for club in clubs}
    planned = dict(
        enumerate(
            schedule_games(season, clubs, seeded_random(seed, "schedule", season)), first_game_pk(season)
        )
    )
    parks = {
        game_pk: venues[homes[game.home] if game.venue is None else game.venue]
        for game_pk, game in planned.items()
    }
    played = _make_up_games(planned, _rained_out_games(seed, planned, parks))
    later = _completion_dates(seed, played, parks)
    games = [
        replace(_build_fixture(seed, game_pk, game, parks[game_pk]), completed_date=later.get(game_pk))
        for game_pk, game in played.items()
    ]
    return number_club_games(sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk)))


def _rained_out_games(seed: int, planned: GamesByPk, parks: Mapping[int, Venue]) -> set[int]:
    outdoors = {game_pk for game_pk in planned if parks[game_pk].roof_type == "Open"}
    return {game_pk for game_pk in outdoors if seeded_random(seed, "rain", game_pk).random() < _RAIN}


def _make_up_games(planned: GamesByPk, rain: set[int]) -> GamesByPk:
    """Move rained-out games to the next day the same clubs meet in the same park, as a second game.

    Without such a day they are played on their own day.
    """
    played, series = dict(planned), defaultdict(list)
    for game_pk, game in planned.items():
        series[game.home, game.away, game.venue].append(game_pk)
    for game_pk in sorted(rain):
        game = planned[game_pk]
        meetings = series[game.home, game.away, game.venue]
        later = [pk for pk in meetings if planned[pk].day > game.day]
        host = next((pk for pk in later if pk not in rain and played[pk].double_header == "N"), None)
        if host is not None:
            played[host] = played[host]._replace(double_header="Y")
            played[game_pk] = game._replace(
                day=planned[host].day, original_day=game.day, game_number=2, double_header="Y"
            )
    return played


def _completion_dates(seed: int, played: GamesByPk, parks: Mapping[int, Venue]) -> dict[int, date]:
    """Return when suspended games are finished: on the last later day the clubs meet in the same park."""
    meetings = defaultdict(set)
    for game in played.values():
        meetings[game.home, game.away, game.venue].add(game.day)
    found: dict[int, date] = {}
    for game_pk, game in played.items():
        rains = parks[game_pk].roof_type == "Open" and game.double_header == "N"
        if rains and seeded_random(seed, "suspended", game_pk).random() < _SUSPENDED:
            later = sorted(day for day in meetings[game.home, game.away, game.venue] if day > game.day)
            found |= {game_pk: later[-1]} if later else {}
    return found


def _build_fixture(seed: int, game_pk: int, game: ScheduledGame, park: Venue) -> Fixture:
    local = _local_start(game, seeded_random(seed, "start", game_pk))
    return Fixture(
        game_pk,
        game.day.year,
        game.day,
        game.home,
        game.away,
        park.id,
        datetime.combine(game.day, local, ZoneInfo(park.time_zone)).astimezone(UTC),
        "day" if local.hour < 17 else "night",
        game.original_day,
        game.game_number,
        game.double_header,
    )


def _local_start(game: ScheduledGame, rng: Random) -> time:
    if game.double_header == "Y":
        return time(13, 5) if game.game_number == 1 else time(17, 5)
    by_day = {5: 0.5, 6: 0.85}.get(game.day.weekday(), 0.4 if game.last_of_series else 0.05)
    hour, minutes = (13, (5, 10, 20, 35)) if rng.random() < by_day else (19, (5, 10, 10, 40))
    return time(hour, rng.choice(minutes))


def number_club_games(games: Sequence[Fixture]) -> list[Fixture]:
    """Return games, given in playing order, with each club's games numbered."""
    counts: dict[int, int] = defaultdict(int)
    numbered = []
    for game in games:
        numbered.append(replace(game, home_turn=counts[game.home], away_turn=counts[game.away]))
        counts[game.home] += 1
        counts[game.away] += 1
    return numbered
