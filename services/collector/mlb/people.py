"""Converts players, clubs and ballparks to rows."""

import re
from collections.abc import Iterable

from services.collector.mlb.wire.common import (
    Club,
    Coordinates,
    FieldInfo,
    Location,
    Person,
    PersonName,
    Venue,
)
from services.collector.rows import Row

_HEIGHT = re.compile(r"(\d+)' *(\d+)")


def person_row(person: Person) -> Row:
    """Return a row of people."""
    return {
        "person_id": person.id,
        "full_name": person.full_name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "nickname": person.nick_name,
        "birth_date": person.birth_date,
        "bat_side": person.bat_side.code if person.bat_side else None,
        "pitch_hand": person.pitch_hand.code if person.pitch_hand else None,
        "primary_position": person.primary_position.abbreviation if person.primary_position else None,
        "jersey_number": person.primary_number,
        "height_inches": height_inches(person.height),
        "weight_pounds": person.weight,
        "debut_date": person.mlb_debut_date,
        "is_active": person.active,
    }


def name_of(person: Person | PersonName) -> str:
    """Return a player's name, or `Player <id>` where none is given."""
    return person.full_name or f"Player {person.id}"


def height_inches(text: str | None) -> int | None:
    """Return inches from a height such as 6' 2"."""
    feet = _HEIGHT.match(text or "")
    return int(feet[1]) * 12 + int(feet[2]) if feet else None


def club_rows(clubs: Iterable[Club], season: int) -> list[Row]:
    """Return rows of teams_historical, of the clubs that have a name and an abbreviation."""
    return [_club_row(club, season) for club in clubs if club.name and club.abbreviation]


def _club_row(club: Club, season: int) -> Row:
    """Return a row of teams_historical."""
    return {
        "team_id": club.id,
        "season": club.season or season,
        "name": club.name,
        "abbreviation": club.abbreviation,
        "location": club.location_name,
        "nickname": club.team_name,
        "league_id": club.league.id if club.league else None,
        "division_id": club.division.id if club.division else None,
        "venue_id": club.venue.id if club.venue else None,
        "is_active": club.active,
    }


def venue_rows(venues: Iterable[Venue]) -> list[Row]:
    """Return rows of venues, of the ballparks that have a number and a name."""
    return [_venue_row(venue) for venue in venues if venue.id and venue.name]


def _venue_row(venue: Venue) -> Row:
    """Return a row of venues."""
    place, size = venue.location or Location(), venue.field_info or FieldInfo()
    at = place.default_coordinates or Coordinates()
    return {
        "venue_id": venue.id,
        "name": venue.name,
        "city": place.city,
        "state": place.state,
        "country": place.country,
        "latitude": at.latitude,
        "longitude": at.longitude,
        "elevation": place.elevation,
        "azimuth": place.azimuth_angle,
        "time_zone": venue.time_zone.id if venue.time_zone else None,
        "capacity": size.capacity,
        "turf_type": size.turf_type,
        "roof_type": size.roof_type,
        "left_line": size.left_line,
        "center": size.center,
        "right_line": size.right_line,
    }
