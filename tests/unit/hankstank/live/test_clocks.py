"""The clocks of the live service: how they wait, and what a simulated one does with its speed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hankstank.live.clocks import LONGEST_WAIT, RealClock, SimulatedTime

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_real_clock_waits_in_short_parts():
    waits: list[float] = []
    clock = RealClock(lambda: NOW, waits.append)
    clock.wait_until(NOW + HOUR)
    clock.wait_until(NOW + timedelta(seconds=2))
    clock.wait_until(NOW - HOUR)
    assert waits == [LONGEST_WAIT, 2.0, 0.0]
    assert clock() == NOW


def test_simulated_clock_at_full_speed_jumps_and_waits_for_nothing():
    waits: list[float] = []
    moved: list[datetime] = []
    clock = SimulatedTime(NOW, None, waits.append, moved.append)
    clock.wait_until(NOW + 10 * HOUR)
    assert (clock(), waits, moved) == (NOW + 10 * HOUR, [], [NOW + 10 * HOUR])


@given(st.floats(1, 100_000), st.integers(1, 100_000))
def test_simulated_clock_takes_as_long_as_its_speed_says(speed: float, seconds: int):
    waits: list[float] = []
    clock, ends = SimulatedTime(NOW, speed, waits.append), NOW + timedelta(seconds=seconds)
    for _ in range(20):
        clock.wait_until(ends)
    passed = (clock() - NOW).total_seconds()
    assert clock() <= ends
    assert abs(sum(waits) * speed - passed) < 0.01


def test_simulated_clock_never_goes_back():
    clock = SimulatedTime(NOW, 60.0, lambda _seconds: None)
    clock.wait_until(NOW - HOUR)
    assert clock() == NOW
