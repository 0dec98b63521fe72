"""What a tick asks for: the days up to yesterday, whatever clocks do while it is tried again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.collector.request import build_request
from shared.messaging.events import Ticked

MORNING = datetime(2026, 5, 6, 6, tzinfo=UTC)  # two at night in the east
TICK = Ticked(run_id="morning", occurred_at=MORNING)


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (timedelta(0), date(2026, 5, 5)),
        (timedelta(hours=-3), date(2026, 5, 5)),  # a clock was put back: still the morning's tick
        (timedelta(days=1), date(2026, 5, 6)),
        (timedelta(days=-30), date(2026, 4, 5)),  # no clock goes so wrong: another world's time
    ],
    ids=["in time", "clock put back", "a day late", "in another world"],
)
def test_tick_is_about_days_up_to_yesterday(since: timedelta, last: date):
    requested = build_request(TICK, MORNING + since, lookback_days=3, longest=31)
    assert requested.days == tuple(last - timedelta(days=back) for back in (3, 2, 1, 0))
    assert requested.upcoming_days[0] == last + timedelta(days=1)
