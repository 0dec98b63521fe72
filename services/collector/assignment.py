"""What a tick or a retry asks for: which days, which games, what of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.collector import season
from shared.errors import Rejected
from shared.events import DataRetry, RetryReason, Ticked

BALLPARK_TIME = ZoneInfo("America/New_York")  # the baseball day ends in the east
DAY = timedelta(days=1)
COMING_DAYS = 2
_GAMES_ONLY = {RetryReason.STATCAST, RetryReason.MISSING_PLAYERS}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Days to look at, all of them in season, and what to do there."""

    days: tuple[date, ...]
    coming: tuple[date, ...] = ()  # today and tomorrow: probables and line-ups, so that they can be forecast
    today: date = date.max
    looks_back: bool = False  # a daily look, that also asks for corrections
    again: bool = False  # a re-collection: what stands is no reason to leave anything out
    games: frozenset[int] = frozenset()  # of a re-collection; empty: all of its days
    with_days: bool = True  # rosters, transactions and standings too
    other_pitches: bool = False  # pitches from the source that is usually second

    @property
    def phase(self) -> season.Phase | None:
        """Return the phase of the last day, or of the first to come."""
        days = self.days[-1:] or self.coming[:1]
        return season.phase(days[0]) if days else None


def assignment(event: Ticked | DataRetry, now: datetime, lookback_days: int, longest: int) -> Assignment:
    """Return what `event` asks for as of `now`.

    Raises Rejected for a range that runs backwards or has more than `longest` days.
    """
    today = _as_of(event, now).astimezone(BALLPARK_TIME).date()
    if isinstance(event, DataRetry):
        return _again(event, today)
    if event.first or event.last:
        first, last = event.first or event.last or today, event.last or event.first or today
        if first > last:
            raise Rejected(f"expected a first day not after the last, got {first} and {last}")
        if (last - first).days >= longest:
            raise Rejected(
                f"expected at most {longest} days a tick, got {first} to {last}: send several ticks"
            )
        return Assignment(season.in_season(first, last), today=today)
    yesterday = today - DAY
    return Assignment(
        days=season.in_season(yesterday - timedelta(days=lookback_days), yesterday),
        coming=season.in_season(today, today + timedelta(days=COMING_DAYS - 1)),
        today=today,
        looks_back=True,
    )


def _as_of(event: Ticked | DataRetry, now: datetime) -> datetime:
    """Return `now`, or when the event occurred where the clock was put back since, by less than a day."""
    return event.occurred_at if now < event.occurred_at < now + DAY else now


def _again(event: DataRetry, today: date) -> Assignment:
    days = tuple(sorted(day for day in event.dates if season.game_types(day)))
    return Assignment(
        days=days,
        today=today,
        again=True,
        games=frozenset(event.games),
        with_days=event.reason not in _GAMES_ONLY and not event.games,
        other_pitches=event.reason is RetryReason.STATCAST,
    )
