"""The stand-in over HTTP: its clock, its listings, what it tells and what it hides."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hankstank.local.simulator_process import simulator_failures
from simulator.app import create_app
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.unit.simulator.tiny_world import BOSTON, NEW_YORK, TinyWorld, pitcher


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    bodies = WorldApiBackend(
        SeasonStore(TinyWorld(), tmp_path_factory.mktemp("tiny")), datetime(2025, 6, 1, tzinfo=UTC)
    )
    with running_simulator(create_app(bodies)) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture
def standin(served: httpx.Client) -> httpx.Client:
    """The stand-in, whose clock every test finds on the first of June."""
    return at(served, "2025-06-01T00:00:00Z")


def at(client: httpx.Client, now: str) -> httpx.Client:
    client.post("/simulator/clock", json={"now": now}).raise_for_status()
    return client


def games(client: httpx.Client, query: str) -> list[tuple[str, int, str]]:
    """Date listed under, gamePk and state of every game of a schedule."""
    body = client.get(f"/api/v1/schedule?sportId=1&{query}").raise_for_status().json()
    return [
        (day["date"], game["gamePk"], game["status"]["detailedState"])
        for day in body["dates"]
        for game in day["games"]
    ]


def game(client: httpx.Client, query: str, place: int = 0) -> dict[str, Any]:
    body = client.get(f"/api/v1/schedule?{query}").raise_for_status().json()
    found: dict[str, Any] = [one for day in body["dates"] for one in day["games"]][place]
    return found


def state(client: httpx.Client, game_pk: int, query: str = "") -> str:
    body = client.get(f"/api/v1.1/game/{game_pk}/feed/live{query}").raise_for_status().json()
    return str(body["gameData"]["status"]["detailedState"])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-04-28T12:00:00Z", "Scheduled"),
        ("2025-05-01T20:00:00Z", "Pre-Game"),
        ("2025-05-01T22:50:00Z", "Warmup"),
        ("2025-05-02T00:00:00Z", "In Progress"),
        ("2025-05-02T02:00:00Z", "Final"),
    ],
)
def test_clock_decides_a_games_state(standin: httpx.Client, now: str, expected: str) -> None:
    at(standin, now)
    assert state(standin, 1) == expected
    assert games(standin, "date=2025-05-01") == [("2025-05-01", 1, expected)]


def test_line_ups_are_posted_before_the_game(standin: httpx.Client) -> None:
    team = (
        at(standin, "2025-05-01T20:00:00Z")
        .get("/api/v1.1/game/1/feed/live")
        .json()["liveData"]["boxscore"]["teams"]
    )
    assert (len(team["home"]["battingOrder"]), team["home"]["pitchers"]) == (9, [pitcher(NEW_YORK)])


def test_line_ups_are_unknown_a_day_ahead(standin: httpx.Client) -> None:
    body = at(standin, "2025-04-30T12:00:00Z").get("/api/v1.1/game/1/feed/live").json()
    assert body["liveData"]["boxscore"]["teams"]["home"]["battingOrder"] == []
    assert body["gameData"]["probablePitchers"]["home"]["id"] == pitcher(NEW_YORK)


def test_final_game_has_score_and_winner(standin: httpx.Client) -> None:
    teams = game(standin, "date=2025-05-01")["teams"]
    assert [(side["score"], side["isWinner"]) for side in (teams["away"], teams["home"])] == [
        (1, False),
        (2, True),
    ]


def test_coming_game_has_no_score(standin: httpx.Client) -> None:
    assert "score" not in game(at(standin, "2025-05-01T12:00:00Z"), "date=2025-05-01")["teams"]["home"]


def test_record_counts_the_game_itself(standin: httpx.Client) -> None:
    assert game(standin, "date=2025-05-01")["teams"]["home"]["leagueRecord"] == {
        "wins": 1,
        "losses": 0,
        "pct": "1.000",
    }


def test_rained_out_game_stands_on_its_first_date_until_it_is_called(standin: httpx.Client) -> None:
    at(standin, "2025-05-02T12:00:00Z")
    assert games(standin, "startDate=2025-05-01&endDate=2025-05-03") == [
        ("2025-05-01", 1, "Final"),
        ("2025-05-02", 3, "Scheduled"),
        ("2025-05-03", 2, "Scheduled"),
    ]


def test_postponed_game_is_listed_twice(standin: httpx.Client) -> None:
    at(standin, "2025-05-03T02:00:00Z")
    assert games(standin, "startDate=2025-05-02&endDate=2025-05-03") == [
        ("2025-05-02", 3, "Postponed"),
        ("2025-05-03", 2, "Scheduled"),
        ("2025-05-03", 3, "Scheduled"),
    ]


def test_postponed_game_says_where_it_went(standin: httpx.Client) -> None:
    moved, made_up = game(standin, "date=2025-05-02"), game(standin, "date=2025-05-03", place=1)
    assert (moved["officialDate"], moved["rescheduleGameDate"], moved["status"]["reason"]) == (
        "2025-05-03",
    ) * 2 + ("Rain",)
    assert (made_up["rescheduledFromDate"], made_up["gameNumber"], made_up["doubleHeader"]) == (
        "2025-05-02",
        2,
        "S",
    )


def test_suspended_game_waits_for_its_end(standin: httpx.Client) -> None:
    at(standin, "2025-05-05T12:00:00Z")
    assert games(standin, "startDate=2025-05-04&endDate=2025-05-10") == [
        ("2025-05-04", 4, "Suspended"),
        ("2025-05-10", 4, "Suspended"),
    ]


def test_suspended_game_keeps_its_official_date(standin: httpx.Client) -> None:
    first, resumed = (game(standin, "startDate=2025-05-04&endDate=2025-05-10", place=n) for n in (0, 1))
    assert first["officialDate"] == resumed["officialDate"] == "2025-05-04"
    assert (first["resumeGameDate"], resumed["resumedFromDate"]) == ("2025-05-10", "2025-05-04")


def test_suspended_game_is_half_told(standin: httpx.Client) -> None:
    whole = len(standin.get("/api/v1/game/4/playByPlay").json()["allPlays"])
    half = len(at(standin, "2025-05-06T00:00:00Z").get("/api/v1/game/4/playByPlay").json()["allPlays"])
    assert half == whole // 2


def test_season_lists_moved_and_suspended_games_twice(standin: httpx.Client) -> None:
    listed = [game_pk for _, game_pk, _ in games(standin, "startDate=2025-01-01&endDate=2025-12-31")]
    assert sorted(listed) == [1, 2, 3, 3, 4, 4]


@pytest.mark.parametrize(
    ("query", "found"), [("gameType=R", 1), ("gameType=S,E", 0), ("sportId=11", 0), ("teamId=139", 0)]
)
def test_schedule_filters(standin: httpx.Client, query: str, found: int) -> None:
    assert standin.get(f"/api/v1/schedule?date=2025-05-01&{query}").json()["totalGames"] == found


def test_schedule_finds_a_game_by_number(standin: httpx.Client) -> None:
    assert games(standin, "gamePk=3") == [("2025-05-02", 3, "Postponed"), ("2025-05-03", 3, "Final")]


def test_changes_are_those_since_an_instant(standin: httpx.Client) -> None:
    at(standin, "2025-05-02T02:00:00Z")
    body = standin.get("/api/v1/game/changes?updatedSince=2025-05-02T01:00:00Z").json()
    assert [one["gamePk"] for day in body["dates"] for one in day["games"]] == [1]
    assert standin.get("/api/v1/game/changes?updatedSince=2025-05-02T01:59:00Z").json()["totalGames"] == 0


def test_time_code_shows_the_past(standin: httpx.Client) -> None:
    assert state(standin, 1, "?timecode=20250501_234500") == "In Progress"


def test_time_code_never_shows_the_future(standin: httpx.Client) -> None:
    at(standin, "2025-05-01T12:00:00Z")
    assert state(standin, 1, "?timecode=20250601_000000") == "Scheduled"


def test_standings_are_those_of_the_day(standin: httpx.Client) -> None:
    [division] = standin.get("/api/v1/standings?leagueId=103&season=2025&date=2025-05-03").json()["records"]
    result = [
        (one["team"]["id"], one["wins"], one["losses"], one["gamesBack"]) for one in division["teamRecords"]
    ]
    assert result == [(BOSTON, 2, 1, "-"), (NEW_YORK, 1, 2, "1.0")]


def test_suspended_game_counts_when_it_is_finished(standin: httpx.Client) -> None:
    def played(on: str) -> int:
        [division] = standin.get(f"/api/v1/standings?leagueId=103&season=2025&date={on}").json()["records"]
        return int(division["teamRecords"][0]["gamesPlayed"])

    assert (played("2025-05-09"), played("2025-05-10")) == (3, 4)


def test_roster_carries_positions(standin: httpx.Client) -> None:
    roster = standin.get("/api/v1/teams/111/roster?rosterType=40Man&date=2025-05-01").json()["roster"]
    assert (len(roster), roster[9]["position"]["abbreviation"]) == (12, "P")


def test_transactions_after_today_are_not_told(standin: httpx.Client) -> None:
    at(standin, "2025-05-03T12:00:00Z")
    moves = standin.get("/api/v1/transactions?startDate=2025-05-01&endDate=2025-05-31").json()["transactions"]
    assert [move["typeCode"] for move in moves] == ["OPT"]


def test_game_log_is_bounded_by_dates(standin: httpx.Client) -> None:
    query = "stats=gameLog&group=hitting&startDate=2025-05-01&endDate=2025-05-02"
    [log] = standin.get(f"/api/v1/people/2008/stats?{query}").json()["stats"]
    assert [(one["date"], one["stat"]["homeRuns"]) for one in log["splits"]] == [("2025-05-01", 1)]


def test_team_stats_add_up_the_season(standin: httpx.Client) -> None:
    [hitting, pitching] = standin.get("/api/v1/teams/147/stats?season=2025&stats=season").json()["stats"]
    assert hitting["splits"][0]["stat"]["runs"] == 2
    assert pitching["splits"][0]["stat"]["strikeOuts"] == 25 + 3 * 24


def test_people_nobody_knows_are_passed_over(standin: httpx.Client) -> None:
    people = standin.get("/api/v1/people?personIds=1001,5").json()["people"]
    assert [(one["id"], one["nameSlug"]) for one in people] == [(1001, "slot1-o-sox-1001")]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/venues?venueIds=3",
        "/api/v1/sports",
        "/api/v1/seasons?season=2025",
        "/api/v1/teams?sportId=1&season=2025",
    ],
)
def test_small_bodies_are_there(standin: httpx.Client, path: str) -> None:
    body = standin.get(path).raise_for_status().json()
    assert all(len(value) > 0 for value in body.values())


def test_forecast_is_the_same_whenever_asked(standin: httpx.Client) -> None:
    path = "/v1/forecast?latitude=42.35&longitude=-71.1&hourly=temperature_2m&temperature_unit=fahrenheit"
    first = standin.get(path).json()
    assert len(first["hourly"]["temperature_2m"]) == len(first["hourly"]["time"]) == 72
    assert standin.get(path).json() == first


def test_savant_has_a_line_for_every_pitch(standin: httpx.Client) -> None:
    text = standin.get(
        "/statcast_search/csv?all=true&type=details&game_date_gt=2025-05-01&game_date_lt=2025-05-01"
    ).text
    box = standin.get("/api/v1/game/1/boxscore").json()["teams"]
    thrown = sum(side["teamStats"]["pitching"]["pitchesThrown"] for side in box.values())
    assert len(text.splitlines()) == thrown + 1


def test_savant_waits_for_the_end_of_a_game(standin: httpx.Client) -> None:
    at(standin, "2025-05-02T00:00:00Z")
    assert len(standin.get("/statcast_search/csv?game_date_gt=2025-05-01").text.splitlines()) == 1


@pytest.mark.parametrize(
    "path",
    ["/api/v1.1/game/5/feed/live", "/api/v1/teams/5/roster", "/api/v1/nothing", "/api/v1/people/5/stats"],
)
def test_unknown_things_are_not_found(standin: httpx.Client, path: str) -> None:
    answer = standin.get(path)
    assert (answer.status_code, answer.json()["message"]) == (404, "Object not found")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/v1/schedule?date=yesterday", "date"),
        ("/api/v1/game/changes", "updatedSince"),
        ("/api/v1/people?personIds=me", "personIds"),
        ("/v1/forecast?latitude=north&longitude=1", "latitude"),
        ("/v1/forecast?latitude=1&longitude=1&hourly=mood", "mood"),
        ("/api/v1/teams/111/roster?rosterType=best", "rosterType"),
    ],
)
def test_bad_parameter_is_refused_by_name(standin: httpx.Client, path: str, named: str) -> None:
    answer = standin.get(path)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_final_feed_travels_compressed(standin: httpx.Client) -> None:
    packed = standin.get("/api/v1.1/game/1/feed/live")
    plain = standin.get("/api/v1.1/game/1/feed/live", headers={"Accept-Encoding": "identity"})
    assert (packed.headers["Content-Encoding"], packed.content) == ("gzip", plain.content)


def test_connection_stays_open(standin: httpx.Client) -> None:
    answers = [standin.get("/api/v1/sports") for _ in range(2)]
    streams = {answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers}
    assert len(streams) == 1


def test_clock_refuses_nonsense(standin: httpx.Client) -> None:
    assert standin.post("/simulator/clock", json={"now": "soon"}).status_code == 400
    assert standin.get("/simulator/clock").json() == {"now": "2025-06-01T00:00:00Z"}


class Broken(TinyWorld):
    """A world that fails when it is asked who is on a roster."""

    def get_roster(self, club: int, on: date, kind: str) -> list[int]:
        raise LookupError(f"no roster of {club}")


def test_its_own_failure_is_no_failure_of_the_source(tmp_path: Path) -> None:
    app = create_app(WorldApiBackend(SeasonStore(Broken(), tmp_path), datetime(2025, 6, 1, tzinfo=UTC)))
    with running_simulator(app) as url, httpx.Client(base_url=url) as client:
        answer = client.get("/api/v1/schedule?sportId=1&date=2025-05-01")
        failures = client.get("/simulator/failures").json()
        result = simulator_failures(url)
    assert answer.status_code == 501
    assert answer.json()["message"].startswith("The simulator failed: LookupError: no roster of 111")
    assert [one["path"] for one in failures] == ["/api/v1/schedule"]
    assert result == [f"the simulator failed at /api/v1/schedule: {failures[0]['cause']}"]


def test_what_it_answers_well_is_no_failure(standin: httpx.Client) -> None:
    standin.get("/api/v1/people/1/stats")
    assert standin.get("/simulator/failures").json() == []
