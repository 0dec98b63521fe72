"""Counts what each day must have and what it has: games, lines, features, forecasts, results, reports.

What must exist follows from the schedule that the source listed, which the collector keeps in the coverage of
the season, and not from what is stored: a day that was lost as a whole is seen too. Each count reads the last
month, and once a week everything, so one more day costs the same after a year.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.loader.mlb.day_counts import (
    DAILY_FEATURES,
    DAILY_STATES,
    DayCounts,
    StoredGame,
    count_days,
    day_table_names,
)
from shared.errors import ObjectCorrupted
from shared.modeling import registry
from shared.ports import ObjectStore, Ports
from shared.sports.mlb.ballpark_time import BALLPARK_TIME
from shared.storage import coverage, daily_reports
from shared.storage.coverage import SeasonCoverage, Span, days_between, group_into_spans
from shared.storage.daily_outputs import (
    MAX_DAYS,
    DailyOutputs,
    DayOutputs,
    Output,
    OutputCount,
    Reason,
    with_counted_days,
)
from shared.storage.day_results import load_day_results
from shared.storage.tables import get_table

RECENT_DAYS = 31
RECOUNT_EVERY = timedelta(days=7)
REPORT_DUE = time(9)  # in New York: the report is written at seven
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DaySources:
    """Everything that the counts of some days are made of."""

    counts: DayCounts
    seasons: Mapping[int, SeasonCoverage]
    seen: Mapping[str, frozenset[date]]
    stored_results: frozenset[date]
    reported: frozenset[date]
    first_report: date | None
    models_since: datetime | None
    today: date
    now: datetime

    @property
    def final_games(self) -> frozenset[int]:
        """Return the games that are stored as played to their end."""
        return frozenset(game.game_pk for game in self.counts.games if game.is_final)

    def listed_games(self, day: date) -> frozenset[int]:
        """Return the games that the source listed as final on a day, and those not over or not stored."""
        season = self.seasons[day.year]
        return frozenset(season.listed.get(day, ())) | frozenset(season.open_games.get(day, {}))

    def was_looked_at(self, day: date) -> bool:
        """Return whether the listed games of a day were compared with those stored."""
        return self.seasons[day.year].was_checked(day)


def count_outputs(ports: Ports, known: DailyOutputs | None, today: date, now: datetime) -> DailyOutputs:
    """Return what each day must have and what it has: the last month counted now, weekly all days.

    `known` is the last result, whose older days stay as they were counted.
    """
    is_full = known is None or known.recounted_on is None or today - known.recounted_on >= RECOUNT_EVERY
    before = known or DailyOutputs(now)
    days = _days_to_count(ports.objects, before, MAX_DAYS if is_full else RECENT_DAYS, today)
    sources = _read_sources(ports, before, days, today, now)
    earlier = {one.day: one.was_complete for one in before.days}
    counted = [_count_day(sources, day, earlier.get(day, ())) for day in days]
    return DailyOutputs(
        at=now,
        days=with_counted_days(before.days, counted)[-MAX_DAYS:],
        recounted_on=today if is_full else before.recounted_on,
        seen=_seen_tables(before, sources.counts, days),
        objectives=before.objectives,
    )


def _days_to_count(objects: ObjectStore, before: DailyOutputs, longest: int, today: date) -> tuple[date, ...]:
    """Return the newest days up to today, from the first that the stores cover or that was counted before."""
    firsts = [one.checked[0][0] for one in coverage.load_all_coverage(objects) if one.checked]
    firsts += [one.day for one in before.days[:1]]
    return days_between(max(min(firsts, default=today), today - (longest - 1) * _DAY), today)


def _read_sources(
    ports: Ports, before: DailyOutputs, days: Sequence[date], today: date, now: datetime
) -> DaySources:
    objects = ports.objects
    reports = daily_reports.list_report_days(objects)
    return DaySources(
        counts=count_days(ports.warehouse, days_between(days[0] - _DAY, days[-1])),
        seasons={year: coverage.load_coverage(objects, year) for year in {day.year for day in days}},
        seen={
            name: frozenset(day for first, last in spans for day in days_between(first, last))
            for name, spans in before.seen.items()
        },
        stored_results=frozenset(day for day in days if load_day_results(objects, day) is not None),
        reported=_reported_mornings(objects, [day for day in reports if day in days]),
        first_report=min(reports, default=None),
        models_since=first_models_at(objects),
        today=today,
        now=now,
    )


def _reported_mornings(objects: ObjectStore, days: Iterable[date]) -> frozenset[date]:
    """Return the mornings of readable reports, and those before them of an absence that they cover."""
    mornings = set[date]()
    for day in days:
        try:
            report = daily_reports.load_report(objects, day)
        except ObjectCorrupted:
            continue
        if report is not None:
            mornings |= {day, *days_between(report.first_day + _DAY, report.last_day)}
    return frozenset(mornings)


def first_models_at(objects: ObjectStore) -> datetime | None:
    """Return when the first release with models was published; None before it.

    Until the models exist this reads every release, afterwards only those before the first one with models.
    """
    return next((one.published_at for one in registry.iter_releases(objects) if one.models), None)


def _count_day(sources: DaySources, day: date, was_complete: Sequence[Output]) -> DayOutputs:
    games = [game for game in sources.counts.games_of(day) if not game.is_called_off]
    expected = _expected_games(sources, day, games)
    reason = "" if expected else _absence_reason(sources, day)
    is_over = day < sources.today
    finals = [game for game in games if game.is_final]
    scheduled = expected if is_over else frozenset(game.game_pk for game in games)
    lost = _lost_tables(sources, day, finals) if is_over else ()
    outputs: dict[Output, OutputCount] = {
        "games": OutputCount.judge(len(expected), len(expected & sources.final_games), is_due=is_over),
        "lines": OutputCount.judge(len(expected), sum(one.has_lines for one in finals), is_due=is_over),
        "plays": OutputCount.judge(len(expected), sum(one.has_plays for one in finals), is_due=is_over),
        "features": _count_features(sources, day, finals, lost, is_due=is_over),
        "forecasts": _count_forecasts(sources, games, scheduled),
        "grades": _count_grades(sources, day, is_due=is_over),
        "results": OutputCount.judge(int(bool(finals)), int(day in sources.stored_results), is_due=is_over),
        "report": _count_reports(sources, day),
    }
    if reason == "not_collected" and is_over:
        outputs["games"] = OutputCount(len(expected), 0, "missing")
    complete = [name for name, count in outputs.items() if count.state == "complete" or name in was_complete]
    return DayOutputs(day, outputs, reason, lost, tuple(complete))


def _expected_games(sources: DaySources, day: date, games: Sequence[StoredGame]) -> frozenset[int]:
    """Return the games that a day must have: those listed as final, stored as such, or not over yet.

    A game that counts for another day by now is expected there.
    """
    elsewhere = {game.game_pk for game in sources.counts.games if game.game_date != day}
    return (sources.listed_games(day) | {game.game_pk for game in games}) - elsewhere


def _absence_reason(sources: DaySources, day: date) -> Reason:
    if sources.counts.games_of(day):
        return "called_off"
    dates = sources.seasons[day.year].dates
    if dates and dates.span and not dates.span[0] <= day <= dates.span[1]:
        return "off_season"
    return "day_off" if sources.was_looked_at(day) or day >= sources.today else "not_collected"


def _lost_tables(sources: DaySources, day: date, finals: Sequence[StoredGame]) -> tuple[str, ...]:
    """Return the tables that have no row of a day and must have some.

    Every day with games has its features, and states unless all were spring games. A table that had rows of
    a day at an earlier count keeps some: rows of a day are replaced and never deleted, except where its
    games have moved.
    """
    required = DAILY_FEATURES if any(game.is_forecast for game in finals) else frozenset()
    if any(game.is_counted and game.completed_date == day for game in finals):
        required |= DAILY_STATES
    names = [
        name
        for name in day_table_names()
        if not sources.counts.rows[name][day] and (name in required or day in sources.seen.get(name, ()))
    ]
    return tuple(name for name in names if finals or not _follows_games(name))


def _follows_games(name: str) -> bool:
    """Return whether a table's rows of a day leave with its games, where these move to another day."""
    return get_table(name).by_game or get_table(name).dataset == "mlb_features"


def _count_features(
    sources: DaySources,
    day: date,
    finals: Sequence[StoredGame],
    lost: Sequence[str],
    *,
    is_due: bool,
) -> OutputCount:
    """Count games with features; a day of which another table of features is lost is partial."""
    expected = sum(game.is_forecast for game in finals)
    built = min(sources.counts.rows["game_features_daily"][day], expected)
    if built == expected and any(get_table(name).dataset == "mlb_features" for name in lost):
        return OutputCount(expected, max(built - 1, 0), "partial")
    return OutputCount.judge(expected, built, is_due=is_due)


def _count_forecasts(
    sources: DaySources, games: Sequence[StoredGame], scheduled: frozenset[int]
) -> OutputCount:
    """Count games that were forecast before their start, of those that began after the first models."""
    since = sources.models_since
    due = [
        game
        for game in games
        if game.game_pk in scheduled and game.is_forecast and since and game.scheduled_start > since
    ]
    return OutputCount.judge(len(due), sum(game.in_time for game in due))


def _count_grades(sources: DaySources, day: date, *, is_due: bool) -> OutputCount:
    due, graded = sources.counts.grades_due[day], sources.counts.rows["grades"][day]
    return OutputCount.judge(due, min(due, graded), is_due=is_due)


def _count_reports(sources: DaySources, day: date) -> OutputCount:
    """Count the report of a morning, from the first one on: a day without news may have none."""
    has_news = any(game.is_final for game in sources.counts.games_of(day - _DAY))
    is_expected = sources.first_report is not None and day >= sources.first_report and has_news
    due_at = datetime.combine(day, REPORT_DUE, BALLPARK_TIME)
    return OutputCount.judge(int(is_expected), int(day in sources.reported), is_due=sources.now >= due_at)


def _seen_tables(
    before: DailyOutputs, counts: DayCounts, days: Sequence[date]
) -> dict[str, tuple[Span, ...]]:
    """Return the days of which each table has or had rows, for the newest days."""
    oldest = days[-1] - MAX_DAYS * _DAY
    seen = {}
    for name in day_table_names():
        earlier = {
            day
            for first, last in before.seen.get(name, ())
            for day in days_between(first, last)
            if day > oldest
        }
        seen[name] = group_into_spans(earlier | {day for day, rows in counts.rows[name].items() if rows})
    return seen
