"""The two kinds of month of the bill."""

from enum import StrEnum


class Month(StrEnum):
    """With games every day, or without games."""

    IN_SEASON = "in-season"
    OFF_SEASON = "off-season"
