"""What the schedule lists on the days of an assignment, and when the season's parts are played."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.collector.errors import BodyUnusable
from services.collector.mlb import season
from services.collector.mlb.schedule import Listing, Refusal, listings
from services.collector.mlb.wire.misc import Season
from services.collector.mlb.wire.schedule import ScheduleDay
from services.collector.request import Assignment
from services.collector.rows import Row
from services.collector.run_context import Desk
from shared.errors import SourceUnavailable
from shared.storage import coverage
from shared.storage.coverage import SeasonDates, Span

LONGEST_REQUEST = 31  # days of a schedule in one answer: about 2 MB


@dataclass(slots=True)
class Listed:
    """All games of some days, one listing each, and the listings that were refused."""

    games: list[Listing]
    refused: list[Refusal]
    lineages: dict[date, Row] = field(repr=False)  # of the answers, by the days in them

    def lineage(self, listing: Listing) -> Row:
        """Return what every row read from a listing carries."""
        return self.lineages[listing.day]

    def on(self, day: date) -> list[Listing]:
        """Return the games of an official date."""
        return [one for one in self.games if one.game.official_date == day]


def take(desk: Desk, asked: Assignment) -> Listed:
    """Ask for the games of all days, then once more, with line-ups, for those of the coming days.

    Where no game is listed one request is all: so the off-season costs no more. Raises SourceUnavailable.
    """
    days, lineages = dict[date, ScheduleDay](), dict[date, Row]()
    for span in _stretches(asked.every_day):
        _take(desk, span, days, lineages, coming=False)
    for span in _stretches([day for day in asked.soon if day in days]):
        _take(desk, span, days, lineages, coming=True)
    games, refused = listings(day for _, day in sorted(days.items()))
    for one in refused:
        if not one.is_readable:
            desk.failed("mlb_stats_api", f"/api/v1/schedule of {one.day}", BodyUnusable(one.why), one.game_pk)
    return Listed(games, refused, lineages)


def _take(
    desk: Desk, span: Span, days: dict[date, ScheduleDay], lineages: dict[date, Row], *, coming: bool
) -> None:
    answer = desk.sources.mlb.schedule(*span, coming=coming)
    lineage = desk.lineage(desk.keep(answer, min(span[1], desk.now.date()), "schedule"))
    for day in answer.value.dates:
        days[day.date], lineages[day.date] = day, lineage


def _stretches(of_days: Sequence[date]) -> Iterator[Span]:
    """Yield days as ranges without a gap, none longer than one request may ask for."""
    for first, last in coverage.spans(set(of_days)):
        stretch = coverage.days(first, last)
        for start in range(0, len(stretch), LONGEST_REQUEST):
            part = stretch[start : start + LONGEST_REQUEST]
            yield part[0], part[-1]


def season_dates(desk: Desk, year: int, known: SeasonDates | None) -> SeasonDates | None:
    """Return when a season's parts are played; what was known of it where the source does not say."""
    try:
        answer = desk.sources.mlb.seasons(year)
    except SourceUnavailable as error:
        desk.failed("mlb_stats_api", f"/api/v1/seasons of {year}", error)
        return known
    desk.keep(answer, desk.now.date(), f"season-{year}")
    found = next((one for one in answer.value.seasons if one.season_id == str(year)), None)
    return dates_of(found, year) if found else known


def dates_of(of: Season, year: int) -> SeasonDates:
    """Return the dates of a season's parts."""
    return SeasonDates(
        year,
        _span(of.spring_start_date, of.spring_end_date),
        _span(of.regular_season_start_date, of.regular_season_end_date),
        of.all_star_date,
        _span(of.post_season_start_date, of.post_season_end_date),
    )


def _span(first: date | None, last: date | None) -> Span | None:
    return (first, last) if first and last else None


def phase(listed: Listed, asked: Assignment, dates: SeasonDates | None) -> str:
    """Return the phase of the last day with a game, else of the first to come."""
    with_games = sorted({one.game.official_date for one in listed.games})
    days = [day for day in with_games if day <= asked.days[-1]]
    day = (days[-1:] or with_games[:1] or asked.days[-1:])[0]
    return season.phase(day, {one.game.game_type for one in listed.on(day)}, dates)
