"""Plans which days a run backfills and which it runs one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from shared.runtime.data_world import REAL_WORLD

Source = Literal["league", "retrosheet", "mlb"]
BackfillSource = Literal["mlb", "retrosheet"]
_LEAGUE, _RETROSHEET = "simulated league, seed ", "Retrosheet "

DAY = timedelta(days=1)
TICK_AT = time(6, 0, tzinfo=UTC)  # 02:00 in New York while daylight saving lasts


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A data source, the days to backfill (both included; None: nothing), and the live days that follow."""

    source: Source
    label: str
    backfill: tuple[date, date] | None
    live: tuple[date, ...]
    chunk_days: int = 15

    def backfill_chunks(self) -> Iterator[tuple[date, date]]:
        """Yield the backfill in spans of `chunk_days`."""
        if self.backfill is None:
            return
        first, end = self.backfill
        while first <= end:
            last = min(first + self.chunk_days * DAY - DAY, end)
            yield first, last
            first = last + DAY

    @property
    def forecast_day(self) -> date:
        """Return the first day after the run: the day to forecast."""
        last = self.live[-1] if self.live else (self.backfill or (date.min, date.today()))[1]  # noqa: DTZ011
        return last + DAY


def tick_time(day: date) -> datetime:
    """Return when the collector runs for a day's games: at 02:00 on the next day, New York time."""
    return datetime.combine(day + DAY, TICK_AT)


def world_label(source: Source, seed: int, season: int) -> str:
    """Return the label of a source: a league by its seed, Retrosheet by its season."""
    if source == "league":
        return f"{_LEAGUE}{seed}"
    return REAL_WORLD.label if source == "mlb" else f"{_RETROSHEET}{season}"


def labelled_source(label: str) -> tuple[Source, int] | None:
    """Return the source and the seed (0 without one) of a label; None for an unknown label."""
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

    With `first` and `last` those days are run; the last `live_days` of them are live.

    Raises:
        ValueError: `first` or `last` is not in the season, no day is left to backfill, or `first` is not
            the day after the last one in the stores.
    """
    _check_league_days(season, played_until, first, last)
    begin = first or date(season, 3, 26)
    known = played_until or (last - live_days * DAY if last else begin + 59 * DAY)
    if known < begin and not played_until:
        raise ValueError(f"expected more than {live_days} days (--live-days), got {begin} to {last}")
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
        raise ValueError(f"these stores hold games through {played_until}: expected --from {on}, got {first}")
    if last and last < on:
        raise ValueError(
            f"these stores hold games through {played_until}: expected --to {on} or later, got {last}"
        )


def season_plan(label: str, first: date, last: date, played_until: date | None, live_days: int) -> RunPlan:
    """Return a real season's plan: all but its last days backfilled, then live days before `last`."""
    known = played_until or last - (live_days + 1) * DAY
    backfill = None if played_until else (first, known)
    live = tuple(known + n * DAY for n in range(1, live_days + 1) if known + n * DAY < last)
    return RunPlan("retrosheet", label, backfill, live, chunk_days=31)
