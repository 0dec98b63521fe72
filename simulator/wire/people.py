"""People in the Stats API's format: in feeds, rosters and `/people`."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from simulator.game_record import Person
from simulator.wire.codes import COPYRIGHT, POSITIONS, SIDES
from simulator.wire.reference_data import Body, ReferenceData, make_person_ref

ROSTER_STATUS = {"code": "A", "description": "Active"}


@lru_cache(maxsize=16384)
def render_person(person: Person, season: int) -> Body:
    """Return a person in full; `currentAge` is the age on 1 July of the season."""
    first, last = split_name(person.full_name)
    body = make_person_ref(person.id, person.full_name) | {"firstName": first, "lastName": last}
    if person.jersey_number:
        body["primaryNumber"] = person.jersey_number
    if person.birth_date:
        body |= {
            "birthDate": person.birth_date.isoformat(),
            "currentAge": _age_on(person.birth_date, date(season, 7, 1)),
        }
    return body | {
        "active": True,
        **({"primaryPosition": POSITIONS[person.position]} if person.position else {}),
        "useName": first,
        "useLastName": last,
        "boxscoreName": last,
        "gender": "M",
        "isPlayer": True,
        "isVerified": True,
        **({"batSide": SIDES[person.bats]} if person.bats else {}),
        **({"pitchHand": SIDES[person.throws]} if person.throws else {}),
        **_name_forms(person, first, last),
        "strikeZoneTop": 3.4,
        "strikeZoneBottom": 1.6,
    }


def render_people(people: Iterable[Person], season: int) -> Body:
    """Return the body of `/api/v1/people`."""
    return {"copyright": COPYRIGHT, "people": [render_person(person, season) for person in people]}


def render_roster(club: int, players: Iterable[int], kind: str, reference: ReferenceData) -> Body:
    """Return the body of `/api/v1/teams/{id}/roster`; `kind` is "active" or "40Man"."""
    lines = [_roster_line(club, reference.people[player], reference.season) for player in players]
    return {
        "copyright": COPYRIGHT,
        "roster": lines,
        "link": f"/api/v1/teams/{club}/roster",
        "teamId": club,
        "rosterType": kind,
    }


def split_name(full_name: str) -> tuple[str, str]:
    """Split a full name into given name and the rest; a single name is both."""
    first, _, last = full_name.partition(" ")
    return first, last or first


def _roster_line(club: int, person: Person, season: int) -> Body:
    return {
        "person": render_person(person, season),
        "jerseyNumber": person.jersey_number,
        "position": POSITIONS[person.position],
        "status": ROSTER_STATUS,
        "parentTeamId": club,
    }


def _name_forms(person: Person, first: str, last: str) -> Body:
    plain = unicodedata.normalize("NFKD", person.full_name).encode("ascii", "ignore").decode()
    slug = plain.lower().replace(".", "").replace("'", "-").replace(" ", "-")
    return {
        "nameFirstLast": person.full_name,
        "nameSlug": f"{slug}-{person.id}",
        "firstLastName": person.full_name,
        "lastFirstName": f"{last}, {first}",
        "lastInitName": f"{last}, {first[:1]}",
        "initLastName": f"{first[:1]} {last}",
        "fullFMLName": person.full_name,
        "fullLFMName": f"{last}, {first}",
    }


def _age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
