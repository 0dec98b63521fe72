"""The baseball day: it ends in the east of the United States, whatever the time of a park."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BALLPARK_TIME = ZoneInfo("America/New_York")


def ballpark_date(moment: datetime) -> date:
    """Return the baseball day of a moment.

    Example:
        >>> from datetime import UTC
        >>> ballpark_date(datetime(2026, 7, 2, 3, tzinfo=UTC)).isoformat()  # 23:00 in New York
        '2026-07-01'
    """
    return moment.astimezone(BALLPARK_TIME).date()
