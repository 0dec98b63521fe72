"""Suggestions for mistyped names and dates, and relative days such as "yesterday"."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum

_LISTED = 12  # known names that are listed in full


class RelativeDay(StrEnum):
    """A day relative to today."""

    YESTERDAY = "yesterday"
    TODAY = "today"
    TOMORROW = "tomorrow"

    def resolve(self, today: date) -> date:
        """Return the date, given today's."""
        return today + timedelta(days=list(RelativeDay).index(self) - 1)


def suggest_names(given: str, known: Iterable[str], most: int = 3) -> str:
    """Return the end of an error message about an unknown name: the closest known names, or all if few.

    Example:
        >>> suggest_names("peopel", ["people", "venues"])
        ': did you mean people?'
    """
    names = list(known)
    small = {name.casefold(): name for name in reversed(names)}
    begun = [name for name in names if name.casefold().startswith(given.casefold())]
    close = [small[one] for one in get_close_matches(given.casefold(), small, most, cutoff=0.5)]
    found = list(dict.fromkeys([*close, *begun]))[:most]
    if found:
        return f": did you mean {' or '.join(found)}?"
    if len(names) > _LISTED:
        return "."
    return f": there are {', '.join(names)}." if names else ": there are none."


def parse_day(text: str) -> date | RelativeDay:
    """Return a date or a relative day.

    Raises ValueError with the expected format and the date that may have been meant.
    """
    try:
        return RelativeDay(text.casefold())
    except ValueError:
        pass
    try:
        return date.fromisoformat(text)
    except ValueError:
        meant = _guess_date(text)
        advice = f": did you mean {meant}?" if meant else ""
        words = ", ".join(RelativeDay)
        raise ValueError(f"expected a date like 2026-04-15, or {words}, got {text!r}{advice}") from None


def _guess_date(text: str) -> date | None:
    """Return the date with its parts reordered, or with a month or day clamped to a valid one."""
    parts = re.findall(r"\d+", text)
    if len(parts) != 3:
        return None
    if len(parts[2]) == 4:  # 4/15/2026, as Americans write it
        parts = [parts[2], parts[0], parts[1]]
    year, month, number = map(int, parts)
    if len(parts[0]) != 4 or not year:
        return None
    if month > 12 >= number:
        month, number = number, month
    month = min(max(month, 1), 12)
    return date(year, month, min(max(number, 1), monthrange(year, month)[1]))
