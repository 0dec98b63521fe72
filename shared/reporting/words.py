"""Numbers, days and times as the reports write them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

REPORT_TIME = ZoneInfo("America/New_York")  # as the schedules: the baseball day ends in the east
MISSING = "–"
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def format_day(day: date) -> str:
    """Return a day with its weekday.

    Example:
        >>> format_day(date(2026, 4, 15))
        'Wednesday, 15 April 2026'
    """
    return f"{day:%A}, {day.day} {day:%B %Y}"


def format_days(first: date, last: date) -> str:
    """Return one day, or the first and the last of several.

    Example:
        >>> format_days(date(2026, 4, 12), date(2026, 4, 14))
        '12 April to 14 April 2026'
    """
    if first == last:
        return f"{last.day} {last:%B %Y}"
    start = f"{first.day} {first:%B}" if first.year == last.year else f"{first.day} {first:%B %Y}"
    return f"{start} to {last.day} {last:%B %Y}"


def format_clock(at: datetime) -> str:
    """Return the time of day in New York."""
    return f"{at.astimezone(REPORT_TIME):%H:%M} ET"


def format_loss(value: float | None) -> str:
    """Return a log loss with three decimals, or a dash."""
    return MISSING if value is None else f"{value:.3f}"


def format_percent(share: float | None) -> str:
    """Return a share in whole percent, or a dash.

    Example:
        >>> format_percent(0.616)
        '62 %'
    """
    return MISSING if share is None else f"{100 * share:.0f} %"


def format_bytes(size: int) -> str:
    """Return a size in the largest unit that leaves at least 1.

    Example:
        >>> format_bytes(1536), format_bytes(-3 * 2**30)
        ('1.5 KiB', '-3.0 GiB')
    """
    value, unit = float(size), 0
    while abs(value) >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{size} bytes" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "game"), count(1200, "batch", "batches")
        ('1 game', '1,200 batches')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def join_counts(counts: Iterable[tuple[str, int]]) -> str:
    """Return names with their counts, such as `A 2, B 1`."""
    return ", ".join(f"{name} {number}" for name, number in counts)


def shorten(text: str, longest: int) -> str:
    """Return a text of at most so many letters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def list_some(lines: Sequence[str], most: int) -> list[str]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - most
    return [*lines[:most], *([f"and {more} more"] if more > 0 else [])]
