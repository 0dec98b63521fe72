"""Quality flags: codes for what limits a forecast, each with a label for lists and a sentence for pages."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class QualityFlag(StrEnum):
    """Something a reader of a forecast should know. Programs compare the code; its text may change."""

    LINEUP_PROJECTED = "LINEUP_PROJECTED"
    REGULAR_ABSENT = "REGULAR_ABSENT"
    LINEUP_UNKNOWN = "LINEUP_UNKNOWN"
    STARTER_UNKNOWN = "STARTER_UNKNOWN"
    STALE_INPUTS = "STALE_INPUTS"
    FEW_GAMES = "FEW_GAMES"
    OLDER_SNAPSHOT = "OLDER_SNAPSHOT"
    STORED_FORECAST = "STORED_FORECAST"
    STORED_IN_PART = "STORED_IN_PART"
    OTHER_CLUB = "OTHER_CLUB"
    NOT_A_PITCHER = "NOT_A_PITCHER"
    PITCHER_BATS = "PITCHER_BATS"


class FlagText(msgspec.Struct, frozen=True):
    """A flag as answers carry it."""

    code: QualityFlag
    label: str
    text: str


_TEXTS = (
    FlagText(
        QualityFlag.LINEUP_PROJECTED,
        "projected line-up",
        "No line-up is posted yet: the club's last one is assumed.",
    ),
    FlagText(
        QualityFlag.REGULAR_ABSENT,
        "regular absent",
        "A regular is injured or off the roster: a bench player is assumed instead.",
    ),
    FlagText(
        QualityFlag.LINEUP_UNKNOWN,
        "unknown line-up",
        "No line-up is known: nine average batters are assumed.",
    ),
    FlagText(
        QualityFlag.STARTER_UNKNOWN,
        "unknown starter",
        "A starter is not announced: an average one is assumed.",
    ),
    FlagText(
        QualityFlag.STALE_INPUTS,
        "stale inputs",
        "The last results known are more than two days older than the game.",
    ),
    FlagText(
        QualityFlag.FEW_GAMES,
        "few games",
        "A player here has few games: the forecast leans on the league's average.",
    ),
    FlagText(
        QualityFlag.OLDER_SNAPSHOT,
        "older snapshot",
        "An earlier version of this program computed the inputs.",
    ),
    FlagText(
        QualityFlag.STORED_FORECAST,
        "stored forecast",
        "As it was forecast before the game.",
    ),
    FlagText(
        QualityFlag.STORED_IN_PART,
        "stored in part",
        "An earlier version of this program stored it, without runs, starters and reasons.",
    ),
    FlagText(
        QualityFlag.OTHER_CLUB,
        "player of another club",
        "A player named in the request last played for another club.",
    ),
    FlagText(
        QualityFlag.NOT_A_PITCHER,
        "starter is not a pitcher",
        "A starter named in the request is not a pitcher: an average one is assumed.",
    ),
    FlagText(
        QualityFlag.PITCHER_BATS,
        "pitcher in the order",
        "A pitcher named in the request bats without starting.",
    ),
)
FLAG_TEXTS: Mapping[QualityFlag, FlagText] = {one.code: one for one in _TEXTS}

# Earlier versions stored flags as these phrases; what they stored stays readable.
_STORED_PHRASES: Mapping[str, QualityFlag] = {
    "line-up projected": QualityFlag.LINEUP_PROJECTED,
    "regular absent": QualityFlag.REGULAR_ABSENT,
    "line-up unknown": QualityFlag.LINEUP_UNKNOWN,
    "starter unknown": QualityFlag.STARTER_UNKNOWN,
    "stale inputs": QualityFlag.STALE_INPUTS,
    "few games": QualityFlag.FEW_GAMES,
    "older snapshot": QualityFlag.OLDER_SNAPSHOT,
    "stored forecast": QualityFlag.STORED_FORECAST,
    "stored in part": QualityFlag.STORED_IN_PART,
    "player of another club": QualityFlag.OTHER_CLUB,
    "starter is no pitcher": QualityFlag.NOT_A_PITCHER,
    "pitcher in the order": QualityFlag.PITCHER_BATS,
}


def describe_flags(flags: Iterable[QualityFlag]) -> list[FlagText]:
    """Return flags as answers carry them, each once, in order."""
    return [FLAG_TEXTS[flag] for flag in dict.fromkeys(flags)]


def flag_from_stored(stored: str) -> QualityFlag:
    """Return the flag that a stored forecast names, by its code or by an earlier version's phrase.

    Raises ValueError for a name that no version stored.

    >>> flag_from_stored("line-up projected") is flag_from_stored("LINEUP_PROJECTED")
    True
    """
    return _STORED_PHRASES.get(stored) or QualityFlag(stored)
