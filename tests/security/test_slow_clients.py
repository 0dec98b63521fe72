"""Connections and bodies that never end: probes and key holders are answered throughout, and all are closed.

The full trial holds 2,000 connections of each sort from a network namespace, where the kernel allows one; from
loopback it holds FEW, or as many as HANKSTANK_ATTACKERS says.
"""

import os
import resource
import socket
import subprocess
from collections.abc import Iterator

import pytest

from services.predict_api.web import openapi, sockets
from tests.patience import PATIENCE, wait_until
from tests.security.clients import kinds
from tests.security.served import Served, namespace, served

FEW = int(os.environ.get("HANKSTANK_ATTACKERS", "200"))
MANY = 2000
ROUNDS = 3
KINDS = sorted(kinds(""))
FREEZING = ("silent", "HTTP/2 preface", "unfinished body, a key", "padded length of a push", "chunked push")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("loopback"), source=_other_loopback()) as one:
        yield one


@pytest.fixture(scope="module")
def api_from_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < MANY + 100:
        pytest.skip(f"{MANY} connections need more open files than this system allows")
    try:
        with namespace() as (host, before), served(tmp_path_factory.mktemp("far"), host, before) as one:
            yield one
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made: {getattr(error, 'stderr', None) or error}")


def _other_loopback() -> str:
    """Return an address of this machine other than the server's, where the system has one."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return ""
    return "127.0.0.2"


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_meanwhile(api: Served, kind: str) -> None:
    with api.held(kind, FEW):
        assert set(api.asked(ROUNDS)) == {200}


@pytest.mark.parametrize("kind", FREEZING)
def test_others_elsewhere_are_answered_beside_two_thousand(api_from_elsewhere: Served, kind: str) -> None:
    with api_from_elsewhere.held(kind, MANY):
        assert set(api_from_elsewhere.asked(ROUNDS)) == {200}


@pytest.mark.real
@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(FREEZING)))
def test_the_other_sorts_beside_two_thousand(api_from_elsewhere: Served, kind: str) -> None:
    with api_from_elsewhere.held(kind, MANY):
        assert set(api_from_elsewhere.asked(ROUNDS)) == {200}


def test_every_unfinished_connection_is_closed(api: Served) -> None:
    """The server ends each by itself; clients that send another byte each tick do not put it off."""
    sent = {kind: first for kind, (first, _) in kinds(api.secret).items() if kind != "answers never read"}
    opened = {kind: socket.create_connection((api.host, api.port)) for kind in sent}
    for kind, one in opened.items():
        one.sendall(sent[kind])
        one.setblocking(False)
    still = dict(opened)

    def all_closed() -> bool:
        for kind, one in list(still.items()):
            if _is_closed(one):
                still.pop(kind).close()
        return not still

    assert wait_until(all_closed, PATIENCE), f"still open: {sorted(still)}"


def _is_closed(one: socket.socket) -> bool:
    try:
        return one.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no TCP_USER_TIMEOUT")
def test_who_never_reads_their_answers_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is set on the listening socket; connections made later have it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sockets.set_send_deadline(port, milliseconds=1000)
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", port))
            writer, _ = listening.accept()
            with writer:
                writer.setblocking(False)
                assert wait_until(lambda: _is_ended(writer), PATIENCE)


def _is_ended(writer: socket.socket) -> bool:
    try:
        while writer.send(b"x" * 65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Transfer-Encoding: chunked", 411),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2", 411),
        (b"Content-Length: 0000000001000", 400),
        (b"Content-Length: 00", 400),
        (b"Content-Length: +2", 400),
        (b"Content-Length: 65537", 413),
        (b"Content-Length: 99999999999999999999", 400),
    ],
)
def test_lengths_that_are_not_plain_are_refused_unread(api: Served, head: bytes, status: int) -> None:
    key = f"X-API-Key: {api.secret}".encode()
    request = b"\r\n".join([b"POST /predict/player HTTP/1.1", b"Host: api.example", key, head, b"", b""])
    with socket.create_connection((api.host, api.port)) as one:
        one.sendall(request)
        answer = b"".join(iter(lambda: one.recv(65536), b""))  # to the end: the server closes
    assert int(answer.split()[1]) == status
    assert str(status) in openapi.build_document()["paths"]["/predict/player"]["post"]["responses"]
    assert b"connection: close" in answer.lower()
