"""The morning reports as objects: one struct a day as JSON, with the page and the short text made of it."""

import logging
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

PREFIX = "daily-reports/"
_DAY = timedelta(days=1)
JSON, HTML, TEXT = ".json", ".html", ".txt"


class Collection(msgspec.Struct, frozen=True):
    """What came in since the report before: batches, their grades, and what failed."""

    batches: int = 0
    games: int = 0
    rows: int = 0
    requests: int = 0
    failures: int = 0  # requests that failed on every source
    quarantined: int = 0  # rows
    grades: dict[str, int] = {}  # batches by grade
    unresolved: tuple[str, ...] = ()  # runs whose last batch was graded F
    dead_letters: tuple[str, ...] = ()  # why each delivery failed for good
    failed_loads: int = 0  # that wait for a person


class HealedGap(msgspec.Struct, frozen=True):
    """A gap that was found and what became of it; `outcome` is healed, trying or given_up."""

    what: str
    cause: str
    outcome: str
    tries: int
    at: datetime


class OutputRow(msgspec.Struct, frozen=True):
    """One output of the grid: its state on each day of the grid."""

    output: str
    states: tuple[str, ...]


class OutputGrid(msgspec.Struct, frozen=True):
    """Expected against actual: outputs by day, the oldest day first."""

    days: tuple[date, ...] = ()
    rows: tuple[OutputRow, ...] = ()


class ModelChange(msgspec.Struct, frozen=True):
    """A target whose model in production changed; `old` is None for the first."""

    target: str
    title: str
    old: str | None
    new: str
    reason: str
    at: datetime


class ReportedGame(msgspec.Struct, frozen=True):
    """A finished game beside its forecast; `chance` is the favourite's, None without a forecast."""

    game_date: date
    game_pk: int
    away: str
    home: str
    away_score: int
    home_score: int
    favourite: str | None = None
    chance: float | None = None
    is_hit: bool | None = None  # None without a forecast, or after a tie


class ReportedStarter(msgspec.Struct, frozen=True):
    """A starter's strikeouts beside the forecast and the range that holds four in five."""

    game_date: date
    player_id: int
    name: str
    club: str
    expected: float
    low: int
    high: int
    strikeouts: int

    @property
    def is_inside(self) -> bool:
        """Return whether the count is in the range."""
        return self.low <= self.strikeouts <= self.high


class DayScore(msgspec.Struct, frozen=True):
    """How a day's forecasts of winners did; log losses are in nats, lower is better."""

    game_date: date
    games: int
    forecast: int
    favourites_won: int
    log_loss: float | None = None
    naive_log_loss: float | None = None
    market_log_loss: float | None = None


class RecordLine(msgspec.Struct, frozen=True):
    """The record of one target over a window of days; None where it does not apply."""

    window: str
    first: date
    last: date
    title: str
    forecasts: int
    hit_share: float | None = None  # favourites that won
    mean_miss: float | None = None
    inside_share: float | None = None  # counts inside the range that holds four in five
    log_loss: float | None = None
    naive_log_loss: float | None = None


class StoreSize(msgspec.Struct, frozen=True):
    """The disk space of one kind of store; `growth` is since the report before, None without one."""

    kind: str
    bytes: int
    growth: int | None = None


class NextJob(msgspec.Struct, frozen=True):
    """A schedule and when it is due next."""

    name: str
    at: datetime


class Outlook(msgspec.Struct, frozen=True):
    """What is expected today."""

    games: int = 0
    first_start: datetime | None = None
    starters_announced: int = 0
    lineups_posted: int = 0
    next_jobs: tuple[NextJob, ...] = ()


class DailyReport(msgspec.Struct, frozen=True):
    """One morning's report on the days since the report before; `notes` say which inputs were missing."""

    day: date
    first_day: date
    last_day: date
    created_at: datetime
    headline: str
    edition: int = 1
    sent_at: datetime | None = None
    world: str = ""
    attention: tuple[str, ...] = ()
    collection: Collection = Collection()
    healed: tuple[HealedGap, ...] = ()
    outputs: OutputGrid = OutputGrid()
    model_changes: tuple[ModelChange, ...] = ()
    day_scores: tuple[DayScore, ...] = ()
    games: tuple[ReportedGame, ...] = ()
    starters: tuple[ReportedStarter, ...] = ()
    surprise: str | None = None
    record: tuple[RecordLine, ...] = ()
    stores: tuple[StoreSize, ...] = ()
    outlook: Outlook = Outlook()
    notes: tuple[str, ...] = ()

    @property
    def is_all_well(self) -> bool:
        """Return whether nothing needs a person."""
        return not self.attention


def report_name(day: date, form: str = JSON) -> str:
    """Return the name of the object with a day's report in one of its forms."""
    return f"{PREFIX}{day}{form}"


def list_report_days(objects: ObjectStore) -> list[date]:
    """Return the days that have a report, newest first."""
    names = (name for name in objects.list_names(PREFIX) if name.endswith(JSON))
    return sorted((date.fromisoformat(name[len(PREFIX) : -len(JSON)]) for name in names), reverse=True)


def load_report(objects: ObjectStore, day: date) -> DailyReport | None:
    """Return a day's report, None without one; raises ObjectCorrupted."""
    name = report_name(day)
    if not objects.exists(name):
        return None
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=DailyReport)
    except msgspec.MsgspecError as error:
        raise ObjectCorrupted(f"{name}: expected a daily report: {error}") from None


def newest_report(objects: ObjectStore, days: Iterable[date]) -> DailyReport | None:
    """Return the first of these days' reports that can be read; a corrupted one is passed over."""
    for day in days:
        try:
            if report := load_report(objects, day):
                return report
        except ObjectCorrupted as error:
            log.warning("passed over: %s", error)
    return None


def find_reported_days(objects: ObjectStore, days: Iterable[date]) -> set[date]:
    """Return those of the days that a report covers: that of the morning after, or one after an absence."""
    mornings = sorted(list_report_days(objects))
    found = set()
    for day in days:
        place = bisect_right(mornings, day)
        if place == len(mornings):
            continue
        report = newest_report(objects, [mornings[place]]) if mornings[place] > day + _DAY else None
        if mornings[place] == day + _DAY or (report and report.first_day <= day):
            found.add(day)
    return found


def save_report(objects: ObjectStore, report: DailyReport, page: str, text: str) -> None:
    """Write a report in its three forms, the JSON last: whoever finds it finds the others."""
    objects.overwrite(report_name(report.day, HTML), page.encode())
    objects.overwrite(report_name(report.day, TEXT), text.encode())
    objects.overwrite(report_name(report.day), msgspec.json.encode(report, order="sorted"))
