"""Turns a tick or a retry into a request: days, games and datasets to collect."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from shared.errors import Rejected
from shared.messaging.events import REFRESH_TRIGGERS, DataRetry, RetryReason, Ticked
from shared.sports.mlb.ballpark_time import ballpark_date
from shared.storage.coverage import days_between

DAY = timedelta(days=1)
UPCOMING_DAYS = 2
SCHEDULE_DAYS = 14  # from today on: days ahead whose schedule is fetched, without line-ups
_GAMES_ONLY = {RetryReason.STATCAST, RetryReason.MISSING_PLAYERS}


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """Days to collect, and how. The schedule decides which of them have games."""

    days: tuple[date, ...]
    today: date
    upcoming_days: tuple[date, ...] = ()  # today and tomorrow: probable starters and line-ups
    schedule_only_days: tuple[date, ...] = ()  # later days: their games alone
    is_daily_run: bool = False  # a daily run also fetches corrections
    is_refresh: bool = False  # only games that have not begun; days are neither checked nor completed
    refreshes_weather: bool = False  # weather forecasts are fetched although no game changed
    is_recollection: bool = False  # stored games are collected again
    is_fresh: bool = False  # final games are fetched although they are stored
    games: frozenset[int] = frozenset()  # the only ones to collect; empty: all games of its days
    include_daily: bool = True  # rosters, transactions and standings too
    use_alternate_pitch_source: bool = False  # pitches from the source that is second by priority

    @property
    def all_days(self) -> tuple[date, ...]:
        """Return all days whose games are requested, in order."""
        return self.days + self.upcoming_days + self.schedule_only_days

    @property
    def today_and_tomorrow(self) -> tuple[date, ...]:
        """Return today and tomorrow, where the request has them."""
        return tuple(day for day in self.all_days if 0 <= (day - self.today).days < UPCOMING_DAYS)

    @property
    def played_days(self) -> tuple[date, ...]:
        """Return the days that are over."""
        return tuple(day for day in self.days if day < self.today)

    def with_due_days(self, due: Iterable[date], longest: int) -> Self:
        """Return the request with the first `longest` of the due days that it lacks."""
        earlier = sorted({*due} - {*self.days})[:longest]
        return replace(self, days=tuple(sorted({*self.days, *earlier})))


def build_request(
    event: Ticked | DataRetry, now: datetime, lookback_days: int, longest: int
) -> CollectionRequest:
    """Return the request of `event` as of `now`.

    Raises Rejected for a range that runs backwards or has more than `longest` days.
    """
    today = ballpark_date(_as_of(event, now))
    if isinstance(event, DataRetry):
        return _recollection_request(event, today)
    if event.first or event.last:
        first, last = event.first or event.last or today, event.last or event.first or today
        if first > last:
            raise Rejected(f"expected a first day not after the last, got {first} and {last}")
        if (last - first).days >= longest:
            raise Rejected(
                f"expected at most {longest} days a tick, got {first} to {last}: send several ticks"
            )
        return CollectionRequest(days_between(first, last), today=today)
    if event.trigger in REFRESH_TRIGGERS:
        return CollectionRequest(
            days=(today,),
            upcoming_days=days_between(today + DAY, today + (UPCOMING_DAYS - 1) * DAY),
            today=today,
            is_refresh=True,
            refreshes_weather=event.trigger == "weather",
        )
    yesterday = today - DAY
    return CollectionRequest(
        days=days_between(yesterday - lookback_days * DAY, yesterday),
        upcoming_days=days_between(today, today + (UPCOMING_DAYS - 1) * DAY),
        schedule_only_days=days_between(today + UPCOMING_DAYS * DAY, today + (SCHEDULE_DAYS - 1) * DAY),
        today=today,
        is_daily_run=True,
    )


def _as_of(event: Ticked | DataRetry, now: datetime) -> datetime:
    """Return `now`, or the event's time where the clock was set back since, by less than a day."""
    return event.occurred_at if now < event.occurred_at < now + DAY else now


def _recollection_request(event: DataRetry, today: date) -> CollectionRequest:
    return CollectionRequest(
        days=tuple(sorted(event.dates)),
        today=today,
        is_recollection=True,
        games=frozenset(event.games),
        include_daily=event.reason not in _GAMES_ONLY and not event.games,
        use_alternate_pitch_source=event.reason is RetryReason.STATCAST,
    )
