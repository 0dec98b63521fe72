"""How an emulator is started on loopback."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from shared.errors import UserError


class EmulatorAbsent(UserError):
    """An emulator is not installed; the message says how to install it."""


@dataclass(frozen=True)
class EmulatorCommand:
    """The command and the address of an emulator; `health` is a path that answers 2xx once it is ready."""

    command: Sequence[str]
    address: str
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)


def free_ports(count: int) -> list[int]:
    """Return different free ports on loopback."""
    with ExitStack() as stack:  # bound at the same time, so that they differ
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
