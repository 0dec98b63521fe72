"""Reads the schedule of a request's days, and the dates of a season's parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.collector.errors import InvalidBody
from services.collector.mlb import season
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.schedule import Listing, RejectedListing, parse_listings
from services.collector.mlb.wire.misc import Season
from services.collector.mlb.wire.schedule import ScheduleDay
from services.collector.request import CollectionRequest
from services.collector.rows import Row
from shared.errors import SourceUnavailable
from shared.storage import coverage
from shared.storage.coverage import SeasonDates, Span

MAX_DAYS_PER_REQUEST = 31  # days of a schedule in one response: about 2 MB


@dataclass(slots=True)
class ListedGames:
    """All games of some days, one listing each, and the listings that are not collected."""

    games: list[Listing]
    rejected: list[RejectedListing]
    lineages: dict[date, Row] = field(repr=False)  # of the responses, by the days in them

    def lineage_of(self, listing: Listing) -> Row:
        """Return the lineage columns of rows read from a listing."""
        return self.lineages[listing.day]

    def games_on(self, day: date) -> list[Listing]:
        """Return the games of an official date."""
        return [one for one in self.games if one.game.official_date == day]


def collect_schedule(context: MlbRunContext, request: CollectionRequest) -> ListedGames:
    """Fetch the games of all days, then once more, with line-ups, those of the upcoming days.

    Days without games are fetched once: in the off-season one request is enough. Raises SourceUnavailable.
    """
    days, lineages = dict[date, ScheduleDay](), dict[date, Row]()
    for span in _request_spans(request.all_days):
        _fetch_schedule_span(context, span, days, lineages, upcoming=False)
    for span in _request_spans([day for day in request.today_and_tomorrow if day in days]):
        _fetch_schedule_span(context, span, days, lineages, upcoming=True)
    games, rejected = parse_listings(day for _, day in sorted(days.items()))
    for one in rejected:
        if not one.is_readable:
            context.record_failure(
                "mlb_stats_api", f"/api/v1/schedule of {one.day}", InvalidBody(one.reason), one.game_pk
            )
    return ListedGames(games, rejected, lineages)


def _fetch_schedule_span(
    context: MlbRunContext,
    span: Span,
    days: dict[date, ScheduleDay],
    lineages: dict[date, Row],
    *,
    upcoming: bool,
) -> None:
    response = context.sources.mlb.fetch_schedule(*span, upcoming=upcoming)
    lineage = context.lineage_columns(
        context.archive_response(response, min(span[1], context.now.date()), "schedule")
    )
    for day in response.value.dates:
        days[day.date], lineages[day.date] = day, lineage


def _request_spans(days: Sequence[date]) -> Iterator[Span]:
    """Yield days as ranges without a gap, none longer than one request allows."""
    for first, last in coverage.group_into_spans(set(days)):
        span_days = coverage.days_between(first, last)
        for start in range(0, len(span_days), MAX_DAYS_PER_REQUEST):
            part = span_days[start : start + MAX_DAYS_PER_REQUEST]
            yield part[0], part[-1]


def fetch_season_dates(context: MlbRunContext, year: int, known: SeasonDates | None) -> SeasonDates | None:
    """Return the dates of a season's parts; `known` where the source fails or lacks them."""
    try:
        response = context.sources.mlb.fetch_seasons(year)
    except SourceUnavailable as error:
        context.record_failure("mlb_stats_api", f"/api/v1/seasons of {year}", error)
        return known
    context.archive_response(response, context.now.date(), f"season-{year}")
    found = next((one for one in response.value.seasons if one.season_id == str(year)), None)
    return parse_season_dates(found, year) if found else known


def parse_season_dates(wire: Season, year: int) -> SeasonDates:
    """Return the dates of a season's parts."""
    return SeasonDates(
        year,
        _optional_span(wire.spring_start_date, wire.spring_end_date),
        _optional_span(wire.regular_season_start_date, wire.regular_season_end_date),
        wire.all_star_date,
        _optional_span(wire.post_season_start_date, wire.post_season_end_date),
    )


def _optional_span(first: date | None, last: date | None) -> Span | None:
    return (first, last) if first and last else None


def collection_phase(listed: ListedGames, request: CollectionRequest, dates: SeasonDates | None) -> str:
    """Return the phase of the last day with a game, else of the first upcoming one."""
    with_games = sorted({one.game.official_date for one in listed.games})
    days = [day for day in with_games if day <= request.days[-1]]
    day = (days[-1:] or with_games[:1] or request.days[-1:])[0]
    return season.phase_of_day(day, {one.game.game_type for one in listed.games_on(day)}, dates)
