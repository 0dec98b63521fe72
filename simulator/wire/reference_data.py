"""A season's clubs, ballparks and people, which all responses refer to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.game_record import Club, Person, Venue

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """The clubs, venues and people of a season, by MLBAM id."""

    season: int
    clubs: Mapping[int, Club]
    venues: Mapping[int, Venue]
    people: Mapping[int, Person]

    @property
    def division_clubs(self) -> list[Club]:
        """Return the clubs in the standings: all but the All-Stars."""
        return [club for club in self.clubs.values() if club.division_id]

    def person_ref(self, person_id: int) -> Body:
        """Return the API's reference to a person: id, name and link."""
        return make_person_ref(person_id, self.people[person_id].full_name)

    def club_ref(self, club_id: int) -> Body:
        """Return the API's reference to a club: id, name and link."""
        return {"id": club_id, "name": self.clubs[club_id].name, "link": f"/api/v1/teams/{club_id}"}

    def venue_ref(self, venue_id: int) -> Body:
        """Return the API's reference to a ballpark: id, name and link."""
        return {"id": venue_id, "name": self.venues[venue_id].name, "link": f"/api/v1/venues/{venue_id}"}


def make_person_ref(person_id: int, full_name: str) -> Body:
    """Return `id`, `fullName` and `link` of a person."""
    return {"id": person_id, "fullName": full_name, "link": f"/api/v1/people/{person_id}"}
