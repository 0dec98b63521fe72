"""Behind a proxy on the same machine everybody comes from loopback: with keys set, none of them needs no key.

A forwarder that only passes bytes on runs always, nginx with a plain `proxy_pass` where it is installed.
"""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.patience import PATIENCE, wait_until
from tests.security.served import QUESTION, Served, served


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("proxied")) as one:
        yield one


@pytest.fixture(scope="module", params=["bytes", "nginx"])
def proxy(
    request: pytest.FixtureRequest, api: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Return the port of a proxy in front of the API."""
    if request.param == "bytes":
        with forwarder(api) as port:
            yield port
    else:
        nginx = shutil.which("nginx") or pytest.skip("nginx is not installed")
        with plain_nginx(nginx, api, tmp_path_factory.mktemp("nginx")) as port:
            yield port


@contextmanager
def forwarder(api: Served) -> Iterator[int]:
    """Pass bytes on to the API, as socat and an SSH tunnel do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, api), daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, api: Served) -> None:
    while True:
        try:
            inner, _ = listening.accept()
        except OSError:
            return
        outer = socket.create_connection((api.host, api.port))
        for one, other in ((inner, outer), (outer, inner)):
            threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        other.close()


@contextmanager
def plain_nginx(nginx: str, api: Served, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = "".join(
        f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {places} underscores_in_headers on;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {api.url}; }} }} }}\n"
    )
    child = subprocess.Popen(
        [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: _listens(port), PATIENCE)
        yield port
    finally:
        child.terminate()
        child.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status(port: int, method: str, path: str, body: str | None = None, **headers: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        return connection.getresponse().status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Real_IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"},
        {"X_API_Key": "ht_wrong"},
    ],
    ids=str,
)
def test_a_stranger_behind_the_proxy_needs_a_key(proxy: int, headers: dict[str, str]) -> None:
    assert status(proxy, "POST", "/predict/player", QUESTION, **headers) in (401, 429)


def test_a_key_holder_and_a_reader_behind_the_proxy_are_answered(proxy: int, api: Served) -> None:
    assert status(proxy, "POST", "/predict/player", QUESTION, X_API_Key=api.secret) == 200
    assert status(proxy, "GET", "/freshness") == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_push_past_a_proxy_that_says_so_is_refused(api: Served, header: str) -> None:
    with closing(HTTPConnection(api.host, api.port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/events", "{}", {header: "203.0.113.9"})
        assert connection.getresponse().status == 403


def test_where_no_keys_are_set_another_name_for_this_machine_needs_one(tmp_path: Path) -> None:
    """A page elsewhere points its name at 127.0.0.1: its own name comes in Host."""
    with served(tmp_path, HANKSTANK_API_OPEN_LOOPBACK="true") as api:
        assert status(api.port, "POST", "/predict/player", QUESTION) == 200
        rebound = {"Host": f"evil.example:{api.port}"}
        assert status(api.port, "POST", "/predict/player", QUESTION, **rebound) == 401
        assert status(api.port, "POST", "/events", "{}", **rebound) == 403
        spelled = {"X_Forwarded_For": "203.0.113.9"}
        assert status(api.port, "POST", "/predict/player", QUESTION, **spelled) == 401


def test_headers_spelled_with_underscores_are_dropped(tmp_path: Path) -> None:
    """With one trusted proxy, a caller's X_Forwarded_For must not pass for the proxy's X-Forwarded-For."""
    with served(tmp_path, HANKSTANK_TRUSTED_PROXY_HOPS="1") as api:
        made_up = [_page(api, f"X_Forwarded_For: 198.51.100.{n}") for n in range(61)]
    assert (made_up[0], made_up[-1]) == (200, 429)


def _page(api: Served, line: str) -> int:
    with socket.create_connection((api.host, api.port), timeout=PATIENCE) as one:
        head = f"GET /docs HTTP/1.1\r\nHost: api.example\r\nX-Forwarded-For: 203.0.113.9\r\n{line}"
        one.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
        return int(one.recv(65536).split()[1])


def test_on_all_addresses_this_machine_is_known_by_its_mapped_address(tmp_path: Path) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this system has no sockets for both IPv4 and IPv6")
    with served(tmp_path, host="::", HANKSTANK_API_OPEN_LOOPBACK="true") as api:
        assert (
            status(api.port, "POST", "/predict/player", QUESTION) == 200
        )  # by 127.0.0.1, seen as ::ffff:127.0.0.1
