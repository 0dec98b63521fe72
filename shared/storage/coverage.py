"""Coverage of a season: its dates, the days that were checked, and missing games."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

Span = tuple[date, date]  # the first and the last day, both included
OpenState = Literal["missing", "held", "awaited", "unfinished"]
OpenGames = dict[date, dict[int, OpenState]]
Gaps = dict[date, tuple[int, ...]]  # days and the games that are not stored; no games: nobody knows which
Absence = Literal["day_off", "off_season", "not_known", "not_covered"]
_FOLDER = "coverage/"
DAY = timedelta(days=1)


class SeasonDates(msgspec.Struct, frozen=True):
    """The dates of the parts of a season; None if it has no such part."""

    season: int
    spring: Span | None = None
    regular: Span | None = None
    all_star: date | None = None
    postseason: Span | None = None

    def phases_of(self, day: date) -> tuple[str, ...]:
        """Return the parts that a day belongs to: several where spring and Opening Night abroad overlap."""
        parts = {"spring": self.spring, "regular": self.regular, "postseason": self.postseason}
        found = tuple(name for name, span in parts.items() if span and span[0] <= day <= span[1])
        return ("all_star", *found) if day == self.all_star else found

    @property
    def span(self) -> Span | None:
        """Return the first and the last day of the season; None where its source says neither."""
        spans = [span for span in (self.spring, self.regular, self.postseason) if span]
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None


class SeasonCoverage(msgspec.Struct, frozen=True):
    """One season as the collector knows it: `coverage/<season>.json`.

    Open games were listed on a past day and are not stored: `missing` could not be fetched, `held` was
    collected by an earlier check and not loaded, `awaited` was collected by the last check, `unfinished`
    was not over. `refused` holds listings that are not collected, and why. `listed` has the games that the
    source listed as final on each checked day, by the day they count for; stores of before do not have it.
    """

    season: int
    run_id: str = ""
    dates: SeasonDates | None = None
    known_until: date | None = None  # the schedule lists games up to this day
    checked: tuple[Span, ...] = ()  # days whose listed games were compared with those stored, in order
    open_games: OpenGames = {}
    refused: dict[str, str] = {}
    listed: dict[date, tuple[int, ...]] = {}

    def was_checked(self, day: date) -> bool:
        """Return whether the listed games of a day were compared with those stored."""
        return any(first <= day <= last for first, last in self.checked)

    def unchecked_days(self, through: date) -> tuple[date, ...]:
        """Return the unchecked days of the season, from the first checked one up to `through`."""
        if not self.checked:
            return ()
        span = self.dates.span if self.dates else None
        last = min(through, span[1]) if span else through
        covered = {day for first, end in self.checked for day in days_between(first, end)}
        return tuple(day for day in days_between(self.checked[0][0], last) if day not in covered)

    def days_to_recheck(self, through: date) -> tuple[date, ...]:
        """Return the days up to `through` that need another check, in order."""
        return tuple(
            sorted({*self.unchecked_days(through), *(day for day in self.open_games if day <= through)})
        )

    def missing_games(self, through: date) -> Gaps:
        """Return what is not stored of the days up to `through`, in order."""
        found: Gaps = dict.fromkeys(self.unchecked_days(through), ())
        for day, games in self.open_games.items():
            lost = tuple(sorted(game for game, state in games.items() if state in ("missing", "held")))
            found |= {day: lost} if lost and day <= through else {}
        return dict(sorted(found.items()))


class KnownSchedule(msgspec.Struct, frozen=True):
    """The schedule information of a snapshot, as `status["schedule"]`."""

    known_until: date | None = None
    seasons: tuple[SeasonDates, ...] = ()
    gaps: Gaps = {}  # up to the snapshot's day
    covered: tuple[Span, ...] = ()  # days up to it whose games are stored; snapshots made before do not say

    def absence_reason(self, day: date) -> Absence:
        """Return why no game is listed on a day.

        A day off, no season, games that are not known yet, or a past day that the stores do not cover.
        """
        dates = next((one for one in self.seasons if one.season == day.year), None)
        span = dates.span if dates else None
        if span and not span[0] <= day <= span[1]:
            return "off_season"
        if self._is_past_and_uncovered(day):
            return "not_covered"
        if self.known_until is None or day > self.known_until:
            return "not_known"
        return "day_off" if span else "off_season"

    def _is_past_and_uncovered(self, day: date) -> bool:
        if self.covered:
            return day <= self.covered[-1][1] and not any(
                first <= day <= last for first, last in self.covered
            )
        return bool(self.seasons) and day.year < min(one.season for one in self.seasons)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Return every day from `first` to `last`."""
    return tuple(first + n * DAY for n in range((last - first).days + 1))


def group_into_spans(of_days: set[date]) -> tuple[Span, ...]:
    """Return days as spans without gaps, in order."""
    found: list[Span] = []
    for day in sorted(of_days):
        if found and found[-1][1] + DAY == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)


def describe_gaps(gaps: Mapping[date, tuple[int, ...]]) -> list[str]:
    """Return gaps in words, such as "the games of 2026-05-03 to 2026-05-06" and "2 games of 2026-05-09"."""
    whole_days = group_into_spans({day for day, games in gaps.items() if not games})
    words = {day: f"the games of {day}" + (f" to {last}" if last > day else "") for day, last in whole_days}
    for day, games in gaps.items():
        if games:
            words[day] = f"{len(games)} game{'s' if len(games) > 1 else ''} of {day}"
    return [words[day] for day in sorted(words)]


def load_coverage(objects: ObjectStore, season: int) -> SeasonCoverage:
    """Return a season's coverage; an empty one where there is none, or where its object is damaged."""
    try:
        return msgspec.json.decode(objects.read_bytes(_object_name(season)), type=SeasonCoverage)
    except ObjectMissing:
        return SeasonCoverage(season)
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: damaged, its days are looked at again: %s", _object_name(season), error)
        return SeasonCoverage(season)


def load_all_coverage(objects: ObjectStore) -> list[SeasonCoverage]:
    """Return the coverage of every season, in order."""
    names = (name.removeprefix(_FOLDER).removesuffix(".json") for name in objects.list_names(_FOLDER))
    return [load_coverage(objects, int(season)) for season in names if season.isdigit()]


def save_coverage(objects: ObjectStore, coverage: SeasonCoverage) -> None:
    """Store a season's coverage."""
    objects.overwrite(_object_name(coverage.season), msgspec.json.encode(coverage))


def build_known_schedule(objects: ObjectStore, as_of: date) -> KnownSchedule:
    """Return what readers of a snapshot as of a day need to know of the schedule."""
    every = load_all_coverage(objects)
    return KnownSchedule(
        max((one.known_until for one in every if one.known_until), default=None),
        tuple(one.dates for one in every if one.dates),
        {
            day: games
            for one in every
            if one.season == as_of.year
            for day, games in one.missing_games(as_of).items()
        },
        group_into_spans(
            {
                day
                for one in every
                for first, last in one.checked
                for day in days_between(first, min(last, as_of))
            }
        ),
    )


def schedule_from_status(status: Mapping[str, Any]) -> KnownSchedule:
    """Return the schedule information of a snapshot's status; empty for an older snapshot."""
    try:
        return msgspec.convert(status.get("schedule", {}), KnownSchedule, strict=False)
    except msgspec.ValidationError as error:
        log.warning("status of the schedule: passed over: %s", error)
        return KnownSchedule()


def _object_name(season: int) -> str:
    return f"{_FOLDER}{season}.json"
