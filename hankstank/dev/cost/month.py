"""Two kinds of month, as the bill knows them."""

from enum import StrEnum


class Month(StrEnum):
    """Games every day, or ticks that find none."""

    IN_SEASON = "in-season"
    OFF_SEASON = "off-season"
