"""What somebody may have meant: the nearest of the names there are, the nearest date there is."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches


def near(given: str, known: Iterable[str], most: int = 3) -> str:
    """Return what to add to an error about a wrong name: the nearest right ones, else all."""
    names = list(known)
    small = {name.casefold(): name for name in reversed(names)}
    begun = [name for name in names if name.casefold().startswith(given.casefold())]
    close = [small[one] for one in get_close_matches(given.casefold(), small, most, cutoff=0.5)]
    found = list(dict.fromkeys([*close, *begun]))[:most]
    if found:
        return f": did you mean {' or '.join(found)}?"
    return f": there are {', '.join(names)}" if names else ": there are none"


def day(text: str) -> date:
    """Return the date; raises ValueError that says what was expected and which date may have been meant."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        meant = _meant(text)
        advice = f": did you mean {meant}?" if meant else ""
        raise ValueError(f"expected a date like 2026-04-15, got {text!r}{advice}") from None


def _meant(text: str) -> date | None:
    """Return the date in other orders of its parts, or with a month or day that lies beyond its last."""
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
