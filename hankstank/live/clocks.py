"""The clocks of `hankstank live`: the real one, and a simulated one that runs faster."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

LONGEST_WAIT = 30.0  # seconds: after a machine's sleep the real clock is read this soon
_STEP = 0.5  # seconds between two moves of a simulated clock


class LiveClock(Protocol):
    """A time that can be waited for."""

    def __call__(self) -> datetime:
        """Return the time, UTC."""

    def wait_until(self, moment: datetime) -> None:
        """Wait for a moment; may return earlier, and later where the machine slept."""


class RealClock:
    """The machine's clock. `wait` waits some seconds and may return earlier, such as at a signal."""

    def __init__(self, now: Callable[[], datetime], wait: Callable[[float], object]) -> None:
        self._now, self._wait = now, wait

    def __call__(self) -> datetime:
        """Return the machine's time."""
        return self._now()

    def wait_until(self, moment: datetime) -> None:
        """Wait at most LONGEST_WAIT seconds: a clock that is set, or a sleep, is noticed then."""
        self._wait(min(max((moment - self._now()).total_seconds(), 0.0), LONGEST_WAIT))


class SimulatedTime:
    """A clock that only moves while it is waited for: a job takes none of its time.

    So its results are the same at every speed. `speed` is how many of its seconds pass in one; None: it
    jumps to the moment that is waited for. `on_move` gets each new time.
    """

    def __init__(
        self,
        start: datetime,
        speed: float | None,
        wait: Callable[[float], object],
        on_move: Callable[[datetime], object] = lambda _now: None,
    ) -> None:
        self._now, self._speed, self._wait, self._on_move = start, speed, wait, on_move

    def __call__(self) -> datetime:
        """Return the simulated time."""
        return self._now

    def wait_until(self, moment: datetime) -> None:
        """Move to the moment, or at a finite speed a step of half a real second towards it."""
        step = (moment - self._now) if self._speed is None else timedelta(seconds=_STEP * self._speed)
        after = max(self._now, min(moment, self._now + step))
        if self._speed is not None:
            self._wait((after - self._now).total_seconds() / self._speed)
        self._now = after
        self._on_move(after)
