"""Who and where in one season: the clubs, parks and people that every body refers to."""

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
        """Return the clubs that play for a place: all but the All-Stars."""
        return [one for one in self.clubs.values() if one.division_id]

    def person_ref(self, person_id: int) -> Body:
        """Return the reference to a person that stands wherever one is named."""
        return make_person_ref(person_id, self.people[person_id].full_name)

    def club_ref(self, club_id: int) -> Body:
        """Return the reference to a club that stands wherever one is named."""
        return {"id": club_id, "name": self.clubs[club_id].name, "link": f"/api/v1/teams/{club_id}"}

    def venue_ref(self, venue_id: int) -> Body:
        """Return the reference to a park that stands wherever one is named."""
        return {"id": venue_id, "name": self.venues[venue_id].name, "link": f"/api/v1/venues/{venue_id}"}


def make_person_ref(person_id: int, full_name: str) -> Body:
    """Return `id`, `fullName` and `link` of a person."""
    return {"id": person_id, "fullName": full_name, "link": f"/api/v1/people/{person_id}"}
