"""Fielding credits from Retrosheet's strings of fielders ("643", "2E4")."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldingCredits:
    """Put-outs, assists and errors as strings of position numbers, one character per credit."""

    putouts: str = ""
    assists: str = ""
    errors: str = ""

    def __add__(self, other: "FieldingCredits") -> "FieldingCredits":
        return FieldingCredits(
            self.putouts + other.putouts, self.assists + other.assists, self.errors + other.errors
        )


NO_CREDITS = FieldingCredits()
UNKNOWN_FIELDERS = "99"  # an out by unknown fielders
_REPEATED = re.compile(r"(\d)\1+")


def _once_each(fielders: str) -> str:
    return "".join(dict.fromkeys(fielders))


def parse_credits(chain: str, thrower: str = "") -> FieldingCredits:
    """Return the credits of one string of fielders; `thrower` made the previous out of a double play.

    In "643" the last fielder makes the put-out and the others get one assist each; in "6E3" the shortstop
    gets an assist and the first baseman the error. Repeated fielders count once: "522" is "52". 0 is an
    unknown fielder.
    """
    touched, misplayed, error = _REPEATED.sub(r"\1", chain).partition("E")
    if thrower and not touched.startswith(thrower):
        touched = thrower + touched
    if misplayed:
        return FieldingCredits(
            assists=_known_fielders(_once_each(touched)), errors=_known_fielders(error[:1])
        )
    return FieldingCredits(
        putouts=_known_fielders(touched[-1:]), assists=_known_fielders(_once_each(touched[:-1]))
    )


def _known_fielders(fielders: str) -> str:
    return fielders.replace("0", "")


def sum_credits(parts: Iterable[FieldingCredits]) -> FieldingCredits:
    """Return the credits of a whole play."""
    return sum(parts, NO_CREDITS)
