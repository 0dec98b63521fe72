"""Which days a run plays: what is backfilled first, then the days lived one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Source = Literal["league", "retrosheet", "mlb"]

DAY = timedelta(days=1)
TICK_AT = time(6, 0, tzinfo=UTC)  # 02:00 in New York while daylight saving lasts


@dataclass(frozen=True, slots=True)
class Plan:
    """A world, the days to backfill (both included; None: nothing), and the live days that follow."""

    source: Source
    label: str
    backfill: tuple[date, date] | None
    live: tuple[date, ...]
    chunk_days: int = 15

    def chunks(self) -> Iterator[tuple[date, date]]:
        """Yield the backfill in stretches of `chunk_days`."""
        if self.backfill is None:
            return
        first, end = self.backfill
        while first <= end:
            last = min(first + self.chunk_days * DAY - DAY, end)
            yield first, last
            first = last + DAY

    @property
    def slate(self) -> date:
        """Return the first day nobody knows yet: the day to predict."""
        last = self.live[-1] if self.live else (self.backfill or (date.min, date.today()))[1]  # noqa: DTZ011
        return last + DAY


def tick_time(day: date) -> datetime:
    """Return when the collector is started for a day's games: two in the morning after, New York time."""
    return datetime.combine(day + DAY, TICK_AT)


def league_plan(seed: int, season: int, played_until: date | None, live_days: int) -> Plan:
    """Return the simulated league's plan: 60 days backfilled the first time, then live days."""
    opening = date(season, 3, 26)
    known = played_until or opening + 59 * DAY
    backfill = None if played_until else (opening, known)
    live = tuple(known + n * DAY for n in range(1, live_days + 1))
    return Plan("league", f"simulated league, seed {seed}", backfill, live)


def season_plan(label: str, first: date, last: date, played_until: date | None, live_days: int) -> Plan:
    """Return a real season's plan: all but its last days backfilled, then live days before `last`."""
    known = played_until or last - (live_days + 1) * DAY
    backfill = None if played_until else (first, known)
    live = tuple(known + n * DAY for n in range(1, live_days + 1) if known + n * DAY < last)
    return Plan("retrosheet", label, backfill, live, chunk_days=31)
