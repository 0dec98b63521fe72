"""Runs one emulator until SIGTERM; if this process dies, the emulator ends too.

python -m hankstank.dev.local_cluster.emulator_process pubsub|storage|bigquery PORT LOG [FOLDER]
"""

import os
import signal
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from hankstank.dev.emulators.bigquery import bigquery_emulator
from hankstank.dev.emulators.process import EmulatorAbsent
from hankstank.dev.emulators.pubsub import pubsub_emulator
from hankstank.dev.emulators.storage import storage_emulator
from shared.errors import UserError


def main(name: str, port: str, log: str, folder: str = "", project: str = "") -> None:
    """Start the emulator `name` and wait for SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with _open_emulator(name, int(port), Path(log), Path(folder), project) as address:
            if not address.endswith(f":{port}"):
                raise EmulatorAbsent(f"{name} runs in a container, which cannot reach services on loopback")
            signal.pause()
    except UserError as error:
        sys.exit(f"{type(error).__name__}: {error}")


def _open_emulator(
    name: str, port: int, log: Path, folder: Path, project: str
) -> AbstractContextManager[str]:
    if name == "pubsub":
        os.environ.pop("PUBSUB_EMULATOR_HOST", None)  # never an emulator of somebody else
        return pubsub_emulator(port, log)
    if name == "storage":
        folder.mkdir(parents=True, exist_ok=True)
        return storage_emulator(folder, port, log)
    return bigquery_emulator(project, folder, log, port)


if __name__ == "__main__":
    main(*sys.argv[1:])
