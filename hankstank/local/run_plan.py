"""Which days a run plays: what is backfilled first, then the days lived one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from shared.runtime.data_world import REAL_WORLD

Source = Literal["league", "retrosheet", "mlb"]
_LEAGUE, _RETROSHEET = "simulated league, seed ", "Retrosheet "

DAY = timedelta(days=1)
TICK_AT = time(6, 0, tzinfo=UTC)  # 02:00 in New York while daylight saving lasts


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A world, the days to backfill (both included; None: nothing), and the live days that follow."""

    source: Source
    label: str
    backfill: tuple[date, date] | None
    live: tuple[date, ...]
    chunk_days: int = 15

    def backfill_chunks(self) -> Iterator[tuple[date, date]]:
        """Yield the backfill in stretches of `chunk_days`."""
        if self.backfill is None:
            return
        first, end = self.backfill
        while first <= end:
            last = min(first + self.chunk_days * DAY - DAY, end)
            yield first, last
            first = last + DAY

    @property
    def forecast_day(self) -> date:
        """Return the first day nobody knows yet: the day to predict."""
        last = self.live[-1] if self.live else (self.backfill or (date.min, date.today()))[1]  # noqa: DTZ011
        return last + DAY


def tick_time(day: date) -> datetime:
    """Return when the collector is started for a day's games: two in the morning after, New York time."""
    return datetime.combine(day + DAY, TICK_AT)


def world_label(source: Source, seed: int, season: int) -> str:
    """Return what the games of a source are called: a league by its seed, Retrosheet's by their season."""
    if source == "league":
        return f"{_LEAGUE}{seed}"
    return REAL_WORLD.label if source == "mlb" else f"{_RETROSHEET}{season}"


def labelled_source(label: str) -> tuple[Source, int] | None:
    """Return the source and the seed (0 without one) of a world's label; None where no source has it."""
    if label == REAL_WORLD.label:
        return "mlb", 0
    if label.startswith(_RETROSHEET):
        return "retrosheet", 0
    seed = label.removeprefix(_LEAGUE)
    return ("league", int(seed)) if seed != label else None


def league_plan(
    seed: int,
    season: int,
    played_until: date | None,
    live_days: int,
    first: date | None = None,
    last: date | None = None,
) -> RunPlan:
    """Return the simulated league's plan: 60 days backfilled the first time, then live days.

    `first` and `last` are the days to play where they are named; the last `live_days` of them are live.

    Raises:
        ValueError: `first` or `last` is not in the season, they hold no day to backfill, or `first` is
            not where stores that have played before go on.
    """
    _check_league_days(season, played_until, first, last)
    begin = first or date(season, 3, 26)
    known = played_until or (last - live_days * DAY if last else begin + 59 * DAY)
    if known < begin and not played_until:
        raise ValueError(f"expected more than {live_days} days to play (--live-days), got {begin} to {last}")
    backfill = None if played_until else (begin, known)
    days = (last - known).days if last else live_days
    live = tuple(known + n * DAY for n in range(1, days + 1))
    return RunPlan("league", world_label("league", seed, season), backfill, live)


def _check_league_days(season: int, played_until: date | None, first: date | None, last: date | None) -> None:
    for option, day in (("--from", first), ("--to", last)):
        if day and day.year != season:
            raise ValueError(f"expected {option} in the season {season} (--season), got {day}")
    if first and last and first > last:
        raise ValueError(f"expected --from not after --to, got {first} and {last}")
    if not played_until:
        return
    on = played_until + DAY
    if first and first != on:
        raise ValueError(f"these stores have played until {played_until}: expected --from {on}, got {first}")
    if last and last < on:
        raise ValueError(
            f"these stores have played until {played_until}: expected --to {on} or later, got {last}"
        )


def season_plan(label: str, first: date, last: date, played_until: date | None, live_days: int) -> RunPlan:
    """Return a real season's plan: all but its last days backfilled, then live days before `last`."""
    known = played_until or last - (live_days + 1) * DAY
    backfill = None if played_until else (first, known)
    live = tuple(known + n * DAY for n in range(1, live_days + 1) if known + n * DAY < last)
    return RunPlan("retrosheet", label, backfill, live, chunk_days=31)
