"""Claims a TCP port for one server at a time."""

import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import UserError


class PortTaken(UserError):
    """Another program listens on the port, or this user may not listen on it."""


@contextmanager
def claimed_port(host: str, port: int, option: str = "--port") -> Iterator[int]:
    """Claim a port while the block runs and yield it; 0 claims a free one.

    The API's server shares its port with its workers (SO_REUSEPORT), so it would also share it with another
    server of the same user: the operating system would split connections between both. A lock file excludes
    two servers that start at the same moment; a bind without sharing detects every other program.

    Raises PortTaken; its message names `option` to choose another port.
    """
    free = _probe_port(host, port, option)
    path = Path(tempfile.gettempdir()) / f"hankstank-port-{os.getuid()}-{free}.lock"
    if (lock := _try_lock(path)) is None:
        raise _port_taken_error(host, free, "another server of Hank's Tank uses it", option)
    try:
        yield _probe_port(host, free, option)  # again: the port may have been taken before the lock
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def _try_lock(path: Path) -> int | None:
    """Return an open descriptor that holds the lock file; None if another process holds it."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        if path.exists() and os.path.samestat(path.stat(), os.fstat(lock)):
            return lock
        os.close(lock)  # the previous holder removed the file between open and flock


def _probe_port(host: str, port: int, option: str) -> int:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ignore connections in TIME_WAIT
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise PortTaken(f"expected an address of this machine with --host, got {host}") from None
        raise _port_taken_error(host, port, error.strerror or str(error), option) from None


def _port_taken_error(host: str, port: int, reason: str, option: str) -> PortTaken:
    return PortTaken(
        f"cannot listen on {host} port {port}: {reason}. Choose another with {option}, or {option} 0 for any"
    )
