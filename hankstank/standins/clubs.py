"""The thirty clubs and the ballparks they play in, as each season knew them (facts in `clubs.json`)."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hankstank.standins.scorebook import Club, Venue


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("clubs.json").read_text("utf-8"))
    return facts


def _as_of(club: Mapping[str, Any], season: int) -> dict[str, Any]:
    """Return a club's facts in a season: today's, overridden by the first earlier era that still held."""
    eras = [era for era in club.get("before", ()) if season <= era["until"]]
    earliest: Mapping[str, Any] = min(eras, key=lambda era: era["until"], default={})
    return {key: value for key, value in {**club, **earliest}.items() if key not in ("before", "until")}


@cache
def clubs_by_code(season: int) -> Mapping[str, Club]:
    """Return the clubs of a season by Retrosheet's code (FLO until 2011, MIA from 2012)."""
    facts = [_as_of(club, season) for club in _facts()["clubs"]]
    return {fact.pop("retrosheet"): Club(**fact) for fact in facts}


def clubs_in(season: int) -> Sequence[Club]:
    """Return the thirty clubs of a season, by id."""
    return sorted(clubs_by_code(season).values(), key=lambda club: club.id)


@cache
def venues_by_code() -> Mapping[str, Venue]:
    """Return the known ballparks by Retrosheet's code."""
    parks = [dict(venue) for venue in _facts()["venues"]]
    return {park.pop("retrosheet"): Venue(**park) for park in parks}
