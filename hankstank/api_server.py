"""The prediction API behind granian on loopback or a given address: what `hankstank serve` starts."""

import json
import os
import socket
import sys
import threading
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from shared.start import API_HEADERS_WITHIN, API_PATIENCE, API_THREADS


def serve(home: Path, host: str, port: int, workers: int, announce: bool) -> None:
    """Serve the stores below `home` until stopped; `announce` prints the address and ends with stdin."""
    os.environ["HANKSTANK_HOME"] = str(home)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one forecast is too small to share among threads
    port = port or free_port(host)
    server = Granian(
        "services.predict_api.main:create",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=API_THREADS,
        workers_kill_timeout=API_PATIENCE,
        http1_settings=HTTP1Settings(header_read_timeout=API_HEADERS_WITHIN),
        factory=True,
        websockets=False,
        log_enabled=not announce,
    )
    if announce:
        server.on_startup(lambda: sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n"))
        server.on_startup(sys.stdout.flush)
        threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve()


def free_port(host: str) -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not sys.stdin: a worker forked meanwhile would wait for its lock
        pass
    os.kill(os.getpid(), 15)
