"""A deadline for clients that do not read their answers: the kernel has one, the server does not."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SEND_TIMEOUT_MS = 20_000  # milliseconds in which a client must read some of its answer
OPEN_FILES = Path("/dev/fd")


def set_send_deadline(port: int, milliseconds: int = SEND_TIMEOUT_MS) -> None:
    """Let the kernel end connections of this process on `port` whose peer reads nothing for so long.

    Set on the listening socket, every later connection has it (tcp(7), TCP_USER_TIMEOUT); on systems without
    it nothing happens.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None:
        return
    for one in _own_sockets():
        with one, suppress(OSError):
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.getsockname()[1] == port:
                one.setsockopt(socket.IPPROTO_TCP, option, milliseconds)


def _own_sockets() -> Iterator[socket.socket]:
    """Yield this process's sockets, each by a descriptor of its own that the caller closes."""
    for name in os.listdir(OPEN_FILES):  # noqa: PTH208 - numbers, not paths
        with suppress(OSError):  # one that was closed meanwhile
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                yield socket.socket(fileno=os.dup(int(name)))
