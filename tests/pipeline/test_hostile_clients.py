"""The API as production starts it, asked by clients who mean ill: refused in words, no larger, still answering."""

import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hankstank.local.api_client import run_api
from services.predict_api.web.body_reader import MAX_BODIES_PER_CLIENT
from shared.adapters.local.folder_store import FolderStore
from tests.unit.services.predict_api.release_store import BOS_STARTER, TOMORROW, fill
from tests.unit.services.predict_api.web.test_middleware import HOSTILE

ROUNDS = 60
GROWTH = 12e6  # bytes that a worker may grow by over some thousands of hostile requests
LARGE = b'{"player_id": "' + b"x" * 10_000_000 + b'"}'
QUESTION = f'{{"player_id": {BOS_STARTER}, "game_date": "{TOMORROW}"}}'.encode()
PATHS = (
    "/slate/2026-05-02'%20or%20'1'='1",
    "/slate/..%2f..%2fetc%2fpasswd",
    "/players/1%3bdrop%20table%20grades",
    "/players/" + "9" * 4000,
    "/players?q=" + "%00" * 60,
    "/players?q=%ff%fe",
    "/static/..%2f..%2fmain.py",
    "/static/%2e%2e/app.py",
    "/day/0000-00-00",
    "/game/-1",
    "/" + "a" * 20_000,
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("hostile")
    fill(FolderStore(home / "objects"))
    with run_api(home) as address:
        yield address


@contextmanager
def connected(url: str) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        yield connection


def requested(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """Return the status of one request on a connection of its own; 0 where the server hung up."""
    with connected(url) as connection:
        try:
            connection.request(method, path, body or None, headers)
            return connection.getresponse().status
        except (BrokenPipeError, ConnectionResetError, http.client.BadStatusLine):
            return 0


def memory(url: str) -> int:
    """Return the bytes that the largest worker of the server holds."""
    with connected(url) as connection:
        connection.request("GET", "/metrics")
        worker = connection.getresponse().read().decode().split('worker="')[1].split('"')[0]
    result = Path(f"/proc/{worker}/statm").read_text().split()
    return int(result[1]) * os.sysconf("SC_PAGE_SIZE")


def attack(url: str) -> set[int]:
    seen = {requested(url, "POST", "/predict/player", body) for body in HOSTILE}
    seen |= {requested(url, "GET", path) for path in PATHS}
    seen.add(
        requested(url, "POST", "/predict/player", QUESTION, **{f"X-Flood-{n}": "y" * 100 for n in range(400)})
    )
    seen.add(
        requested(
            url, "POST", "/predict/game", b"{}", **{"Content-Encoding": "gzip", "X-API-Key": "k" * 8000}
        )
    )
    return seen


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="tells memory from /proc, which only Linux has"
)
def test_hostile_requests_are_refused_and_leave_nothing_behind(url: str) -> None:
    seen = attack(url) | attack(url)
    assert seen <= {0, 200, 404, 413, 414, 422, 431}  # a name of odd letters is nobody's: 200, and none found
    before = memory(url)
    for _ in range(ROUNDS):
        attack(url)
    grown = memory(url) - before
    assert grown < GROWTH
    assert requested(url, "POST", "/predict/player", QUESTION) == 200


def test_a_body_of_ten_megabytes_is_refused_unread(url: str) -> None:
    assert {
        requested(url, "POST", path, LARGE) for path in ("/predict/player", "/predict/batch", "/events")
    } <= {
        0,
        413,
    }


def test_slow_clients_leave_the_others_their_answers(url: str) -> None:
    head = b"POST /predict/player HTTP/1.1\r\nHost: here\r\nContent-Length: 900\r\n\r\n{"
    where = urlsplit(url)
    slow = [socket.create_connection((where.hostname, where.port)) for _ in range(2 * MAX_BODIES_PER_CLIENT)]
    try:
        for one in slow:
            one.sendall(head)
        assert [requested(url, "GET", path) for path in ("/healthz", "/teams", "/")] == [200, 200, 200]
        assert requested(url, "POST", "/predict/player", QUESTION) in (
            200,
            503,
        )  # 503: all this caller may send at once
    finally:
        for one in slow:
            one.close()
