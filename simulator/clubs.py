"""The thirty clubs and their ballparks, as they were in each season (facts in `clubs.json`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from simulator.game_record import Club, Venue


@cache
def _load_facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("clubs.json").read_text("utf-8"))
    return facts


def _as_of(facts: Mapping[str, Any], season: int) -> dict[str, Any]:
    """Return a club's or park's facts in a season: today's, overridden by the earliest era not yet over."""
    eras = [era for era in facts.get("before", ()) if season <= era["until"]]
    earliest: Mapping[str, Any] = min(eras, key=lambda era: era["until"], default={})
    merged = {**facts, **earliest}
    return {key: value for key, value in merged.items() if key not in ("before", "until", "spring_venue_id")}


@cache
def clubs_by_code(season: int) -> Mapping[str, Club]:
    """Return the clubs of a season by Retrosheet's code (FLO until 2011, MIA from 2012)."""
    facts = [_as_of(club, season) for club in _load_facts()["clubs"]]
    return {fact.pop("retrosheet"): Club(**fact) for fact in facts}


def clubs_in(season: int) -> Sequence[Club]:
    """Return the thirty clubs of a season, by id."""
    return sorted(clubs_by_code(season).values(), key=lambda club: club.id)


@cache
def venues_by_code() -> Mapping[str, Venue]:
    """Return the ballparks that have a Retrosheet code, by that code."""
    parks = ballparks_by_id()
    return {fact["retrosheet"]: parks[fact["id"]] for fact in _load_facts()["venues"] if "retrosheet" in fact}


@cache
def ballparks_by_id() -> Mapping[int, Venue]:
    """Return every known ballpark by id, under today's name."""
    parks = [dict(venue) for venue in _load_facts()["venues"]]
    return {
        park["id"]: Venue(**{key: park[key] for key in park.keys() - {"retrosheet", "before"}})
        for park in parks
    }


def venues_in(season: int, venues: Mapping[int, Venue]) -> Mapping[int, Venue]:
    """Return ballparks under their names in a season: Minute Maid Park in 2016, Daikin Park in 2026."""
    names = {(fact["id"], fact["name"]): _as_of(fact, season)["name"] for fact in _load_facts()["venues"]}
    return {
        number: replace(park, name=names.get((number, park.name), park.name))
        for number, park in venues.items()
    }


def spring_venue_ids() -> Mapping[int, int]:
    """Return each club's spring training ballpark by club id: today's, in every season."""
    return {club["id"]: club["spring_venue_id"] for club in _load_facts()["clubs"]}
