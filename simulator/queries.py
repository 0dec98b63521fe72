"""Parsers for query parameters; BadRequest names a malformed one."""

from datetime import UTC, date, datetime

from simulator.http_response import BadRequest, Query


def parse_date(query: Query, name: str, default: date | None = None) -> date:
    """Return a date parameter such as 2026-05-30."""
    text = query.get(name, "")
    if not text and default is not None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{name} must be a date such as 2026-05-30, not {text!r}") from None


def parse_date_range(query: Query, default: date | None = None) -> tuple[date, date]:
    """Return the dates of `date`, or of `startDate` and `endDate`."""
    if "date" in query:
        return (day := parse_date(query, "date")), day
    first = parse_date(query, "startDate", default)
    return first, parse_date(query, "endDate", default or first)


def parse_instant(query: Query, name: str) -> datetime:
    """Return an instant parameter such as 2026-05-30T12:00:00Z, in UTC."""
    text = query.get(name, "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{name} must be an instant such as 2026-05-30T12:00:00Z, not {text!r}") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def parse_time_code(query: Query, now: datetime) -> datetime:
    """Return the instant of `timecode` (20260530_231500), never after `now`."""
    text = query.get("timecode")
    if not text:
        return now
    try:
        return min(datetime.strptime(text, "%Y%m%d_%H%M%S").replace(tzinfo=UTC), now)
    except ValueError:
        raise BadRequest(f"timecode must look like 20260530_231500, not {text!r}") from None


def parse_int(query: Query, name: str, default: int) -> int:
    """Return a whole-number parameter."""
    text = query.get(name, "")
    if text and not text.isdigit():
        raise BadRequest(f"{name} must be a whole number, not {text!r}")
    return int(text) if text else default


def parse_float(query: Query, name: str) -> float:
    """Return a decimal parameter."""
    try:
        return float(query.get(name, ""))
    except ValueError:
        raise BadRequest(f"{name} must be a number, not {query.get(name)!r}") from None


def parse_int_list(query: Query, name: str) -> list[int]:
    """Return a comma-separated list of whole numbers; empty if not given."""
    words = parse_list(query, name)
    if not all(word.isdigit() for word in words):
        raise BadRequest(f"{name} must be whole numbers separated by commas, not {query[name]!r}")
    return [int(word) for word in words]


def parse_list(query: Query, name: str) -> list[str]:
    """Return a comma-separated list of words; empty if not given."""
    return [word for word in query.get(name, "").split(",") if word]
