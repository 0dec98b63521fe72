"""The prediction API behind granian on loopback or a given address: what `hankstank serve` starts."""

import json
import os
import sys
import threading
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from hankstank.cli.terminal import print_note
from hankstank.local import listening
from hankstank.ops.queries import objects_of
from services.predict_api.web.api_keys import load_keys
from shared.errors import Rejected, UserError
from shared.modeling import registry
from shared.runtime.settings import Settings
from shared.runtime.start import API_BACKLOG, API_HEAD, API_HEADERS_WITHIN, API_PATIENCE, api_connections


def serve_api(home: Path, host: str, port: int, workers: int, announce: bool) -> None:
    """Serve the stores below `home` until stopped; `announce` prints the address and ends with stdin.

    Raises CannotDo where no stores are or the keys that are set open nothing, PortTaken where another
    program listens on the port.
    """
    _check_stores(home)
    _check_keys(Settings(home=home))
    with listening.claimed_port(host, port) as claimed:
        _run_server(home, host, claimed, workers, announce)


def _check_stores(home: Path) -> None:
    """Raise CannotDo for a folder without stores; note that no release is there yet."""
    objects = objects_of(home)
    if objects.list_names(registry.POINTERS):
        return
    if not objects.list_names("status/"):  # what every service leaves behind after its first piece of work
        raise UserError(f"{home}: no stores are here: `hankstank run` makes them, --home names others")
    print_note(
        f"{home}: no release is published yet: forecasts are answered 503 until `hankstank run` makes one"
    )


def _check_keys(settings: Settings) -> None:
    """Raise CannotDo where keys are set and cannot be read, or none is valid: every caller would get 401."""
    source = settings.api_keys.strip()
    if not source or settings.api_callers == "platform":
        return
    way_out = "`hankstank keys create NAME` makes a file of keys; without HANKSTANK_API_KEYS no key is needed"
    try:
        keys, faults = load_keys(source)
    except Rejected as error:
        raise UserError(f"HANKSTANK_API_KEYS: {error}: {way_out}") from None
    if faults:
        raise UserError(f"HANKSTANK_API_KEYS: {'; '.join(faults)}: mend or remove it")
    if not settings.api_open_loopback and all(key.is_revoked for key in keys):
        raise UserError(f"HANKSTANK_API_KEYS: expected a valid key, got none: {way_out}")


def _run_server(home: Path, host: str, port: int, workers: int, announce: bool) -> None:
    os.environ["HANKSTANK_HOME"] = str(home)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one forecast is too small to share among threads
    server = Granian(
        "services.predict_api.main:create",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,  # HTTP/2 has no deadline for idle connections
        workers=workers,
        backlog=API_BACKLOG,
        backpressure=api_connections(),
        workers_kill_timeout=API_PATIENCE,
        http1_settings=HTTP1Settings(header_read_timeout=API_HEADERS_WITHIN, max_buffer_size=API_HEAD),
        factory=True,
        websockets=False,
        log_enabled=not announce,
    )
    if announce:
        server.on_startup(lambda: sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n"))
        server.on_startup(sys.stdout.flush)
        threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve()


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not sys.stdin: a worker forked meanwhile would wait for its lock
        pass
    os.kill(os.getpid(), 15)
