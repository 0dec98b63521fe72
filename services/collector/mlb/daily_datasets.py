"""Collects daily datasets: clubs, rosters, transactions, standings and weather forecasts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from typing import Any

from services.collector.http_source import FetchedResponse
from services.collector.mlb import daily_rows
from services.collector.mlb.people import club_rows, venue_rows
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.schedule import Listing
from services.collector.mlb.sources.mlb_stats_api import MLB
from services.collector.mlb.sources.open_meteo import forecast_for_start
from services.collector.mlb.wire.common import Coordinates, Venue
from services.collector.mlb.wire.misc import Forecast
from services.collector.rows import Row
from shared.errors import SourceUnavailable


def collect_rosters(context: MlbRunContext, days: tuple[date, ...]) -> set[date]:
    """Stage the clubs, and their rosters of some of the days; return the days with incomplete rosters."""
    roster_days, last = daily_rows.select_roster_days(days), days[-1]
    clubs = _fetch_and_archive(context, "teams", last, partial(context.sources.mlb.fetch_clubs, last.year))
    if clubs is None:
        return set(roster_days)
    response, lineage = clubs
    known = [club for club in response.value.teams if club.sport and club.sport.id == MLB]
    context.staging.add_rows("teams_historical", lineage, club_rows(known, last.year))
    return _collect_club_rosters(context, [club.id for club in known], roster_days)


def _collect_club_rosters(context: MlbRunContext, clubs: list[int], days: tuple[date, ...]) -> set[date]:
    requests = [(club, day, kind) for day in days for club in clubs for kind in daily_rows.ROSTER_TYPES]
    failed = set()

    def fetch_roster(one: tuple[int, date, str]) -> tuple[FetchedResponse[Any], Row] | None:
        club, day, kind = one
        return _fetch_and_archive(
            context, f"roster-{club}-{kind}", day, lambda: context.sources.mlb.fetch_roster(club, day, kind)
        )

    with ThreadPoolExecutor(context.ports.settings.collector_workers) as pool:
        for (club, day, kind), found in zip(requests, pool.map(fetch_roster, requests), strict=True):
            if found is None:
                failed.add(day)
                continue
            roster, lineage = found[0].value, found[1]
            context.staging.add_rows(
                "rosters_historical", lineage, daily_rows.roster_rows(roster, club, day, kind)
            )
            context.staging.add_rows("people", lineage, daily_rows.people_rows(roster))
    return failed


def collect_transactions(context: MlbRunContext, days: tuple[date, ...]) -> set[date]:
    """Stage the transactions from the first day to the last; return the days where that failed."""
    moves = _fetch_and_archive(
        context, "transactions", days[-1], partial(context.sources.mlb.fetch_transactions, days[0], days[-1])
    )
    if moves is None:
        return set(days)
    response, lineage = moves
    context.staging.add_rows("transactions_historical", lineage, daily_rows.transaction_rows(response.value))
    return set()


def collect_standings(context: MlbRunContext, days: tuple[date, ...]) -> set[date]:
    """Stage the standings after some of the days; return those where that failed."""
    failed = set()
    for day in daily_rows.select_roster_days(days):
        table = _fetch_and_archive(
            context, "standings", day, partial(context.sources.mlb.fetch_standings, day)
        )
        if table is None:
            failed.add(day)
            continue
        response, lineage = table
        context.staging.add_rows(
            "standings_historical", lineage, daily_rows.standing_rows(response.value, day)
        )
    return failed


def collect_weather(context: MlbRunContext, upcoming: list[Listing]) -> None:
    """Stage the parks and the weather forecasts of upcoming games; a failure does not stop the run."""
    today = context.now.date()
    parks = sorted({one.game.venue.id for one in upcoming if one.game.venue.id})
    fetched = (
        _fetch_and_archive(context, "venues", today, partial(context.sources.mlb.fetch_venues, parks))
        if parks
        else None
    )
    if fetched is None:
        return
    response, lineage = fetched
    context.staging.add_rows("venues", lineage, venue_rows(response.value.venues))
    for venue in response.value.venues:
        games = [one for one in upcoming if one.game.venue.id == venue.id]
        if at := _venue_coordinates(venue):
            fetch_forecast = partial(context.sources.weather.fetch_forecast, *at)
            if found := _fetch_and_archive(context, f"venue-{venue.id}", today, fetch_forecast, "open_meteo"):
                rows = _forecast_rows(found[0].value, games, context.now)
                context.staging.add_rows("weather_forecasts", found[1], rows)


def _forecast_rows(forecast: Forecast, games: list[Listing], now: datetime) -> list[Row]:
    hours = ((one.game, forecast_for_start(forecast, one.game.game_date)) for one in games)
    return [
        {"game_pk": game.game_pk, "game_date": game.official_date, "issued_at": now} | hour
        for game, hour in hours
        if hour
    ]


def find_idle_rostered(context: MlbRunContext) -> tuple[int, ...]:
    """Return players on an active roster without a line in the collected games."""
    rosters, lines = (
        context.staging.table_frame("rosters_historical"),
        context.staging.table_frame("player_stats_historical"),
    )
    active = rosters.filter(roster_type="active")["player_id"]
    return tuple(sorted(set(active) - set(lines["player_id"])))


def count_players_seen(context: MlbRunContext) -> int:
    """Return how many players have a line."""
    return context.staging.table_frame("player_stats_historical")["player_id"].n_unique()


def _venue_coordinates(venue: Venue) -> tuple[float, float] | None:
    at = (venue.location.default_coordinates if venue.location else None) or Coordinates()
    return None if at.latitude is None or at.longitude is None else (at.latitude, at.longitude)


def _fetch_and_archive(
    context: MlbRunContext,
    what: str,
    day: date,
    fetch: Callable[[], FetchedResponse[Any]],
    source: str = "mlb_stats_api",
) -> tuple[FetchedResponse[Any], Row] | None:
    try:
        response = fetch()
    except SourceUnavailable as error:
        context.record_failure(source, f"{what} of {day}", error)
        return None
    return response, context.lineage_columns(context.archive_response(response, day, what))
