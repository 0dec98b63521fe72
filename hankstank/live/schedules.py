"""The schedules of `shared/schedules.json`: when each is due, in the time zone that it states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

from shared.errors import UserError

_FILE = Path(__file__).parents[2] / "shared" / "schedules.json"


class _Entry(msgspec.Struct, frozen=True):
    cron: str
    time_zone: str
    topic: str
    body: dict[str, str]
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """What is published on a topic and when; `covers` names the schedules whose work it does too."""

    name: str
    cron: str
    time_zone: str
    topic: str
    body: Mapping[str, str]
    covers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise UserError for an expression that cron does not know."""
        try:
            CronSim(self.cron, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise UserError(
                f"schedule {self.name}: expected a cron expression, got {self.cron!r}: {error}"
            ) from None

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return its time zone."""
        return ZoneInfo(self.time_zone)

    def occurrences_after(self, after: datetime) -> Iterator[datetime]:
        """Yield the moments at which it is due after a moment, in UTC, each once and in order.

        On the day when clocks go forward, a time that does not exist is due when the missing hour is over. On
        the day when they go back, a repeated time is due the first time only. Both are the rules of cron on
        Debian for jobs at fixed times.
        """
        last = after.astimezone(UTC)
        for local in CronSim(self.cron, after.astimezone(self.zone)):
            moment = local.astimezone(UTC)
            if moment > last:  # two local times can be the same moment, or a repeated time one that is past
                yield moment
                last = moment

    def next_after(self, after: datetime) -> datetime:
        """Return the first moment after another at which it is due, in UTC.

        Example:
            >>> daily = load_schedules()["daily"]
            >>> daily.next_after(datetime(2026, 3, 8, tzinfo=UTC)).isoformat()  # no 02:00 on this day
            '2026-03-08T07:00:00+00:00'
        """
        return next(self.occurrences_after(after))


def load_schedules(path: Path = _FILE) -> dict[str, Schedule]:
    """Return the schedules by name, in the order of the file: of jobs due at once the earlier runs first."""
    entries = msgspec.json.decode(path.read_bytes(), type=dict[str, _Entry])
    if unknown := {other for one in entries.values() for other in one.covers} - entries.keys():
        raise UserError(f"{path}: expected names of schedules in `covers`, got {sorted(unknown)}")
    return {
        name: Schedule(name, one.cron, one.time_zone, one.topic, one.body, one.covers)
        for name, one in entries.items()
    }
