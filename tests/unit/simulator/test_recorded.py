"""Recorded real bodies over HTTP, as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from simulator.app import create_app
from simulator.recorded import RecordedApiBackend
from simulator.server import running_simulator
from tests.data import DATA, needs_data
from tests.unit.simulator.wire.recorded_games import load

pytestmark = [needs_data("mlb", "statsapi"), needs_data("mlb", "savant")]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    bodies = RecordedApiBackend(DATA, datetime(2026, 8, 8, tzinfo=UTC))
    with running_simulator(create_app(bodies)) as url, httpx.Client(base_url=url) as client:
        yield client


def test_feed_is_the_recorded_body(client: httpx.Client) -> None:
    assert client.get("/api/v1.1/game/718322/feed/live").json() == load("feed_live", "718322_Final.json.gz")


def test_feed_in_several_states_follows_the_time_code(client: httpx.Client) -> None:
    for name in ("746139_InProgress.json.gz", "746139_InProgress_a.json.gz"):
        stamp = load("feed_live", name)["metaData"]["timeStamp"]
        body = client.get(f"/api/v1.1/game/746139/feed/live?timecode={stamp}").json()
        assert body["metaData"]["timeStamp"] == stamp


def test_schedule_of_a_day_is_the_recorded_body(client: httpx.Client) -> None:
    assert client.get("/api/v1/schedule?date=2026-04-20").json() == load("schedule", "2026-04-20.json.gz")


def test_schedule_of_a_range_is_put_together(client: httpx.Client) -> None:
    body = client.get("/api/v1/schedule?startDate=2026-08-01&endDate=2026-08-05").json()
    assert [day["date"] for day in body["dates"]] == ["2026-08-03", "2026-08-04", "2026-08-05"]
    assert body["totalGames"] == 8 + 15 + 15


def test_unrecorded_day_has_no_games(client: httpx.Client) -> None:
    assert client.get("/api/v1/schedule?date=2011-01-01").json()["dates"] == []


def test_pitches_of_a_day_are_the_recorded_ones(client: httpx.Client) -> None:
    lines = client.get(
        "/statcast_search/csv?game_date_gt=2024-04-05&game_date_lt=2024-04-05"
    ).text.splitlines()
    assert len(lines) == 3941


def test_day_without_pitches_has_a_header(client: httpx.Client) -> None:
    assert client.get("/statcast_search/csv?game_date_gt=2011-04-05").text.startswith("pitch_type,game_date,")


def test_transactions_are_those_of_the_days(client: httpx.Client) -> None:
    moves = client.get("/api/v1/transactions?startDate=2024-03-02&endDate=2024-03-02").json()["transactions"]
    assert {move["date"] for move in moves} == {"2024-03-02"}


def test_game_log_is_cut_to_its_dates(client: httpx.Client) -> None:
    query = "stats=gameLog&group=pitching&startDate=2026-03-01&endDate=2026-03-31"
    [log] = client.get(f"/api/v1/people/608379/stats?{query}").json()["stats"]
    assert [split["date"] for split in log["splits"]] == ["2026-03-28"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/game/747175/playByPlay",
        "/api/v1/game/747175/boxscore",
        "/api/v1/game/changes?updatedSince=2026-08-01T00:00:00Z",
        "/api/v1/teams?sportId=1&season=2024",
        "/api/v1/teams/134/roster?rosterType=40Man",
        "/api/v1/teams/134/stats?group=pitching",
        "/api/v1/standings?season=2026&leagueId=103",
        "/api/v1/people?personIds=608379",
        "/api/v1/venues?venueIds=3,15",
        "/api/v1/sports",
        "/api/v1/seasons?season=2024",
        "/v1/forecast?latitude=40.8&longitude=-73.9&hourly=temperature_2m",
    ],
)
def test_everything_recorded_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).raise_for_status().json()


@pytest.mark.parametrize(
    "path", ["/api/v1.1/game/1/feed/live", "/api/v1/people/1/stats", "/api/v1/seasons?season=1900"]
)
def test_what_was_not_recorded_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
