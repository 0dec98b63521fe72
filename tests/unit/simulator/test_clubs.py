"""Ballparks carry the name of their year, wherever a body names them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.app import create_app
from simulator.clubs import ballparks_by_id, venues_in
from simulator.league import SimulatedLeague
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore

HOUSTON, SAN_FRANCISCO, CHICAGO, BOSTON = 2392, 2395, 4, 3


@pytest.mark.parametrize(
    ("park", "season", "name"),
    [
        (HOUSTON, 2001, "Enron Field"), (HOUSTON, 2016, "Minute Maid Park"), (HOUSTON, 2024, "Minute Maid Park"),
        (HOUSTON, 2025, "Daikin Park"), (SAN_FRANCISCO, 2016, "AT&T Park"), (SAN_FRANCISCO, 2019, "Oracle Park"),
        (CHICAGO, 2016, "U.S. Cellular Field"), (CHICAGO, 2017, "Guaranteed Rate Field"), (BOSTON, 2010, "Fenway Park"),
    ],
)  # fmt: skip
def test_a_park_has_the_name_of_its_year(park: int, season: int, name: str) -> None:
    assert venues_in(season, ballparks_by_id())[park].name == name


def test_bodies_name_parks_as_of_their_season(tmp_path: Path) -> None:
    archive = SeasonStore(SimulatedLeague(7, [2016]), tmp_path)
    client = create_app(WorldApiBackend(archive, datetime(2016, 6, 1, tzinfo=UTC))).test_client()
    parks = client.get(f"/api/v1/venues?venueIds={HOUSTON}&season=2016").json["venues"]
    clubs = client.get("/api/v1/teams?sportId=1&season=2016").json["teams"]
    at_home = {club["venue"]["id"]: club["venue"]["name"] for club in clubs}
    assert [park["name"] for park in parks] == [at_home[HOUSTON]] == ["Minute Maid Park"]
