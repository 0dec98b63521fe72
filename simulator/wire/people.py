"""People as the wire writes them: in feeds, rosters and `/people`."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from simulator.game_record import Person
from simulator.wire.codes import COPYRIGHT, POSITIONS, SIDES
from simulator.wire.reference_data import Body, ReferenceData, make_person_ref

ROSTER_STATUS = {"code": "A", "description": "Active"}


@lru_cache(maxsize=16384)
def render_person(who: Person, season: int) -> Body:
    """Return a person in full; `currentAge` is his age on 1 July of the season."""
    first, last = split_name(who.full_name)
    body = make_person_ref(who.id, who.full_name) | {"firstName": first, "lastName": last}
    if who.jersey_number:
        body["primaryNumber"] = who.jersey_number
    if who.birth_date:
        body |= {
            "birthDate": who.birth_date.isoformat(),
            "currentAge": _age_on(who.birth_date, date(season, 7, 1)),
        }
    return body | {
        "active": True,
        **({"primaryPosition": POSITIONS[who.position]} if who.position else {}),
        "useName": first,
        "useLastName": last,
        "boxscoreName": last,
        "gender": "M",
        "isPlayer": True,
        "isVerified": True,
        **({"batSide": SIDES[who.bats]} if who.bats else {}),
        **({"pitchHand": SIDES[who.throws]} if who.throws else {}),
        **_name_forms(who, first, last),
        "strikeZoneTop": 3.4,
        "strikeZoneBottom": 1.6,
    }


def render_people(who: Iterable[Person], season: int) -> Body:
    """Return the body of `/api/v1/people`."""
    return {"copyright": COPYRIGHT, "people": [render_person(one, season) for one in who]}


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


def _roster_line(club: int, who: Person, season: int) -> Body:
    return {
        "person": render_person(who, season),
        "jerseyNumber": who.jersey_number,
        "position": POSITIONS[who.position],
        "status": ROSTER_STATUS,
        "parentTeamId": club,
    }


def _name_forms(who: Person, first: str, last: str) -> Body:
    plain = unicodedata.normalize("NFKD", who.full_name).encode("ascii", "ignore").decode()
    slug = plain.lower().replace(".", "").replace("'", "-").replace(" ", "-")
    return {
        "nameFirstLast": who.full_name,
        "nameSlug": f"{slug}-{who.id}",
        "firstLastName": who.full_name,
        "lastFirstName": f"{last}, {first}",
        "lastInitName": f"{last}, {first[:1]}",
        "initLastName": f"{first[:1]} {last}",
        "fullFMLName": who.full_name,
        "fullLFMName": f"{last}, {first}",
    }


def _age_on(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
