"""The outside world going wrong on request."""

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.faults import ActiveFaults, Fault
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.unit.simulator.tiny_world import TinyWorld

SCHEDULE = "/api/v1/schedule?date=2025-05-03"
SAVANT = "/statcast_search/csv?game_date_gt=2025-05-01"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("standin")
    bodies = WorldApiBackend(SeasonStore(TinyWorld(), folder), datetime(2025, 6, 1, tzinfo=UTC))
    with running_simulator(create_app(bodies)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def break_next(client: httpx.Client, kind: str, path: str = ".", **more: Any) -> None:
    client.post("/simulator/faults", json=[{"path": path, "kind": kind, **more}]).raise_for_status()


def test_fault_strikes_as_often_as_asked(client: httpx.Client) -> None:
    break_next(client, "server_error", times=2)
    assert [client.get(SCHEDULE).status_code for _ in range(3)] == [500, 500, 200]


def test_fault_strikes_only_its_path(client: httpx.Client) -> None:
    break_next(client, "unavailable", path="/feed/live", times=0)
    assert [client.get(path).status_code for path in (SCHEDULE, "/api/v1.1/game/1/feed/live")] == [200, 503]


def test_fault_may_be_bound_to_a_query(client: httpx.Client) -> None:
    break_next(client, "unavailable", path="date=2025-05-01", times=0)
    assert [client.get(f"/api/v1/schedule?date=2025-05-0{n}").status_code for n in (1, 2)] == [503, 200]


def test_too_many_requests_say_when_to_come_back(client: httpx.Client) -> None:
    break_next(client, "too_many_requests", seconds=3)
    answer = client.get(SCHEDULE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")


def test_hang_is_slow(client: httpx.Client) -> None:
    break_next(client, "hang", seconds=0.2)
    begun = time.monotonic()
    assert client.get(SCHEDULE).status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_hang_outlasts_an_impatient_reader(client: httpx.Client) -> None:
    break_next(client, "hang", seconds=0.5)
    with pytest.raises(httpx.ReadTimeout):
        client.get(SCHEDULE, timeout=httpx.Timeout(60, read=0.1))


@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_broken_json_cannot_be_read(client: httpx.Client, kind: str) -> None:
    break_next(client, kind)
    with pytest.raises(json.JSONDecodeError):
        client.get(SCHEDULE).json()


def test_cut_off_body_breaks_the_connection(client: httpx.Client) -> None:
    break_next(client, "cut_off")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/api/v1.1/game/1/feed/live")


def raw(client: httpx.Client, path: str) -> tuple[str | None, bytes]:
    """Return how a body says it is packed, and its bytes as sent."""
    with client.stream("GET", path) as answer:
        return answer.headers.get("Content-Encoding"), b"".join(answer.iter_raw())


def test_gzip_that_is_none(client: httpx.Client) -> None:
    break_next(client, "gzip_none")
    encoding, body = raw(client, SCHEDULE)
    assert (encoding, json.loads(body)["totalGames"]) == ("gzip", 2)


def test_gzip_that_breaks_off(client: httpx.Client) -> None:
    break_next(client, "gzip_truncated")
    encoding, body = raw(client, "/api/v1.1/game/1/feed/live")
    stream = zlib.decompressobj(31)
    assert (encoding, stream.decompress(body)[:1], stream.eof) == ("gzip", b"{", False)


def test_gzip_bomb_is_small_and_unpacks_to_much(client: httpx.Client) -> None:
    break_next(client, "gzip_bomb")
    encoding, body = raw(client, SCHEDULE)
    assert (encoding, len(body) < 1_000_000, len(gzip.decompress(body))) == ("gzip", True, 128_000_000)


def test_deep_json_nests_deeper_than_any_reader_follows(client: httpx.Client) -> None:
    break_next(client, "deep_json")
    body = client.get(SCHEDULE).content
    assert body.startswith(b'{"deep":' + b"[" * 200_000 + b"]")
    with pytest.raises(RecursionError):
        json.loads(body)


def test_trickle_takes_its_time_for_every_byte(client: httpx.Client) -> None:
    break_next(client, "trickle", seconds=0.01)
    begun = time.monotonic()
    with client.stream("GET", SCHEDULE) as answer:
        had = next(piece for piece in answer.iter_raw(chunk_size=30))
    assert (had[:1], len(had), time.monotonic() - begun >= 0.3) == (b"{", 30, True)


@pytest.mark.parametrize(("kind", "ends_a_line"), [("csv_cut", False), ("lines_lost", True)])
def test_csv_loses_its_end(client: httpx.Client, kind: str, ends_a_line: bool) -> None:
    whole = client.get(SAVANT).content
    break_next(client, kind)
    left = client.get(SAVANT).content
    assert whole.startswith(left)
    assert (len(left) < len(whole), left.endswith(b"\n")) == (True, ends_a_line)


def test_empty_object_is_nothing_at_all(client: httpx.Client) -> None:
    break_next(client, "empty_object")
    assert client.get(SCHEDULE).json() == {}


def test_empty_list_looks_like_a_day_without_games(client: httpx.Client) -> None:
    break_next(client, "empty_list")
    assert client.get(SCHEDULE).json()["dates"] == []


def test_empty_csv_keeps_its_header(client: httpx.Client) -> None:
    break_next(client, "empty_list")
    assert client.get(SAVANT).text.count("\n") == 1


def test_wrong_content_type_is_a_page(client: httpx.Client) -> None:
    break_next(client, "wrong_content_type")
    assert client.get(SCHEDULE).headers["Content-Type"] == "text/html"


def test_duplicated_game_stands_twice(client: httpx.Client) -> None:
    break_next(client, "duplicated_game")
    [day] = client.get(SCHEDULE).json()["dates"]
    assert [game["gamePk"] for game in day["games"]] == [2, 2, 3]


def test_wrong_type_makes_a_number_a_word(client: httpx.Client) -> None:
    break_next(client, "wrong_type")
    assert client.get("/api/v1.1/game/1/feed/live").json()["gamePk"] == "seven"


def test_unknown_columns_come_last(client: httpx.Client) -> None:
    break_next(client, "unknown_columns")
    header, first, *_ = client.get(SAVANT).text.splitlines()
    assert (header.split(",")[-2:], first.split(",")[-2:]) == (
        ["tide", "moon_phase"],
        ["38.5", "waxing"],
    )


def test_savant_over_its_cap_is_cut_without_a_word(client: httpx.Client) -> None:
    break_next(client, "over_cap")
    answer = client.get(SAVANT)
    assert (answer.status_code, len(answer.text.splitlines())) == (200, 25_001)


def test_unknown_fault_is_refused(client: httpx.Client) -> None:
    answer = client.post("/simulator/faults", json=[{"path": ".", "kind": "earthquake"}])
    assert answer.status_code == 400
    assert "earthquake" in answer.json()["message"]


def test_standing_faults_can_be_read(client: httpx.Client) -> None:
    break_next(client, "hang", path="/teams", times=3, seconds=1)
    assert client.get("/simulator/faults").json() == [
        {"path": "/teams", "kind": "hang", "times": 3, "seconds": 1}
    ]


def test_first_fitting_fault_goes_first() -> None:
    faults = ActiveFaults([Fault("b", "hang"), Fault("a", "server_error"), Fault("a", "truncated")])
    taken = [faults.take_fault("/a") for _ in range(3)]
    assert [fault.kind if fault else None for fault in taken] == ["server_error", "truncated", None]
