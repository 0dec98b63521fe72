"""What surrounds the games: clubs, rosters, transactions, standings, and the weather to come."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from typing import Any

from services.collector.http_source import Fetched
from services.collector.mlb import daily_rows as rows_of
from services.collector.mlb.people import club_rows, venue_rows
from services.collector.mlb.schedule import Listing
from services.collector.mlb.sources.mlb_stats_api import MLB
from services.collector.mlb.sources.open_meteo import hour_of
from services.collector.mlb.wire.common import Coordinates, Venue
from services.collector.mlb.wire.misc import Forecast
from services.collector.rows import Row
from services.collector.run_context import Desk
from shared.errors import SourceUnavailable


def take_rosters(desk: Desk, days: tuple[date, ...]) -> set[date]:
    """Stage the clubs, and their rosters of some of the days; return the days whose rosters are not whole."""
    told, last = rows_of.told_of(days), days[-1]
    clubs = _asked(desk, "teams", last, partial(desk.sources.mlb.clubs, last.year))
    if clubs is None:
        return set(told)
    answer, lineage = clubs
    known = [club for club in answer.value.teams if club.sport and club.sport.id == MLB]
    desk.staging.add("teams_historical", lineage, club_rows(known, last.year))
    return _take_rosters(desk, [club.id for club in known], told)


def _take_rosters(desk: Desk, clubs: list[int], days: tuple[date, ...]) -> set[date]:
    wanted = [(club, day, kind) for day in days for club in clubs for kind in rows_of.ROSTER_TYPES]
    failed = set()

    def ask(one: tuple[int, date, str]) -> tuple[Fetched[Any], Row] | None:
        club, day, kind = one
        return _asked(desk, f"roster-{club}-{kind}", day, lambda: desk.sources.mlb.roster(club, day, kind))

    with ThreadPoolExecutor(desk.ports.settings.collector_workers) as pool:
        for (club, day, kind), found in zip(wanted, pool.map(ask, wanted), strict=True):
            if found is None:
                failed.add(day)
                continue
            roster, lineage = found[0].value, found[1]
            desk.staging.add("rosters_historical", lineage, rows_of.roster_rows(roster, club, day, kind))
            desk.staging.add("people", lineage, rows_of.people_rows(roster))
    return failed


def take_transactions(desk: Desk, days: tuple[date, ...]) -> set[date]:
    """Stage the transactions from the first day to the last; return the days where that failed."""
    moves = _asked(desk, "transactions", days[-1], partial(desk.sources.mlb.transactions, days[0], days[-1]))
    if moves is None:
        return set(days)
    answer, lineage = moves
    desk.staging.add("transactions_historical", lineage, rows_of.transaction_rows(answer.value))
    return set()


def take_standings(desk: Desk, days: tuple[date, ...]) -> set[date]:
    """Stage the standings after some of the days; return those where that failed."""
    failed = set()
    for day in rows_of.told_of(days):
        table = _asked(desk, "standings", day, partial(desk.sources.mlb.standings, day))
        if table is None:
            failed.add(day)
            continue
        answer, lineage = table
        desk.staging.add("standings_historical", lineage, rows_of.standing_rows(answer.value, day))
    return failed


def take_weather(desk: Desk, coming: list[Listing]) -> None:
    """Stage the parks and the forecasts of games to come; without them the day goes on."""
    today = desk.now.date()
    parks = sorted({one.game.venue.id for one in coming if one.game.venue.id})
    asked = _asked(desk, "venues", today, partial(desk.sources.mlb.venues, parks)) if parks else None
    if asked is None:
        return
    answer, lineage = asked
    desk.staging.add("venues", lineage, venue_rows(answer.value.venues))
    for venue in answer.value.venues:
        games = [one for one in coming if one.game.venue.id == venue.id]
        if at := _coordinates(venue):
            ask = partial(desk.sources.weather.forecast, *at)
            if found := _asked(desk, f"venue-{venue.id}", today, ask, "open_meteo"):
                rows = _forecasts(found[0].value, games, desk.now)
                desk.staging.add("weather_forecasts", found[1], rows)


def _forecasts(forecast: Forecast, games: list[Listing], now: datetime) -> list[Row]:
    hours = ((one.game, hour_of(forecast, one.game.game_date)) for one in games)
    return [
        {"game_pk": game.game_pk, "game_date": game.official_date, "issued_at": now} | hour
        for game, hour in hours
        if hour
    ]


def idle_rostered(desk: Desk) -> tuple[int, ...]:
    """Return who was on an active roster and has no line in the games collected."""
    rosters, lines = desk.staging.frame("rosters_historical"), desk.staging.frame("player_stats_historical")
    active = rosters.filter(roster_type="active")["player_id"]
    return tuple(sorted(set(active) - set(lines["player_id"])))


def players_seen(desk: Desk) -> int:
    """Return how many players have a line."""
    return desk.staging.frame("player_stats_historical")["player_id"].n_unique()


def _coordinates(venue: Venue) -> tuple[float, float] | None:
    at = (venue.location.default_coordinates if venue.location else None) or Coordinates()
    return None if at.latitude is None or at.longitude is None else (at.latitude, at.longitude)


def _asked(
    desk: Desk, what: str, day: date, ask: Callable[[], Fetched[Any]], source: str = "mlb_stats_api"
) -> tuple[Fetched[Any], Row] | None:
    try:
        answer = ask()
    except SourceUnavailable as error:
        desk.failed(source, f"{what} of {day}", error)
        return None
    return answer, desk.lineage(desk.keep(answer, day, what))
