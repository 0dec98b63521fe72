"""Who is credited with a fielding play: Retrosheet's strings of fielders ("643", "2E4") read as credits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credits:
    """Put-outs, assists and errors as strings of position numbers, one character a credit."""

    putouts: str = ""
    assists: str = ""
    errors: str = ""

    def __add__(self, other: "Credits") -> "Credits":
        return Credits(self.putouts + other.putouts, self.assists + other.assists, self.errors + other.errors)


NOBODY = Credits()
UNKNOWN_FIELDERS = "99"  # an out of which nobody knows who made it
_REPEATED = re.compile(r"(\d)\1+")


def _once_each(fielders: str) -> str:
    return "".join(dict.fromkeys(fielders))


def credits_of(chain: str, thrower: str = "") -> Credits:
    """Return the credits of one string of fielders; `thrower` made the out before it in a double play.

    The last of "643" makes the put-out and the others assist, once each; in "6E3" six would have had
    an assist and three is charged with the error. Nobody throws to himself: "522" is "52". 0 is a fielder
    whom nobody knows.
    """
    touched, misplayed, error = _REPEATED.sub(r"\1", chain).partition("E")
    if thrower and not touched.startswith(thrower):
        touched = thrower + touched
    if misplayed:
        return Credits(assists=_known(_once_each(touched)), errors=_known(error[:1]))
    return Credits(putouts=_known(touched[-1:]), assists=_known(_once_each(touched[:-1])))


def _known(fielders: str) -> str:
    return fielders.replace("0", "")


def total(parts: Iterable[Credits]) -> Credits:
    """Return the credits of a whole play."""
    return sum(parts, NOBODY)
