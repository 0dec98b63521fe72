"""The server of `hankstank serve`: the prediction API behind granian."""

import json
import os
import sys
import threading
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from hankstank.local import listening
from hankstank.local.stores import objects_of
from hankstank.terminal import print_note
from services.predict_api.web.api_keys import load_keys
from shared.errors import Rejected, UserError
from shared.modeling import registry
from shared.runtime.settings import Settings
from shared.runtime.start import API_BACKLOG, API_HEAD, API_HEADERS_WITHIN, API_PATIENCE, api_connections
from shared.storage.first_start import load_first_start


def serve_api(home: Path, host: str, port: int, workers: int, print_address: bool) -> None:
    """Serve the stores in `home`; `print_address` prints the address as JSON and stops when stdin closes.

    Raises UserError without stores or with keys that admit nobody, PortTaken if another program listens on
    the port.
    """
    _check_stores(home)
    _check_keys(Settings(home=home))
    with listening.claimed_port(host, port) as claimed:
        _run_server(home, host, claimed, workers, print_address)


def _check_stores(home: Path) -> None:
    """Raise UserError for a folder without stores; print a note if it has no release yet."""
    objects = objects_of(home)
    if objects.list_names(registry.POINTERS):
        return
    if load_first_start(objects):
        return
    if not objects.list_names("status/"):  # written by every service after its first delivery
        raise UserError(f"{home}: no stores here: `hankstank run` makes them, --home names others")
    print_note(f"{home}: no release yet: forecasts get status 503 until `hankstank run` publishes one")


def _check_keys(settings: Settings) -> None:
    """Raise UserError if the keys are unreadable or all revoked: every client would get 401."""
    source = settings.api_keys.strip()
    if not source or settings.api_auth == "iam":
        return
    advice = "`hankstank keys create NAME` makes a file of keys; without HANKSTANK_API_KEYS no key is needed"
    try:
        keys, errors = load_keys(source)
    except Rejected as error:
        raise UserError(f"HANKSTANK_API_KEYS: {error}: {advice}") from None
    if errors:
        raise UserError(f"HANKSTANK_API_KEYS: {'; '.join(errors)}: fix or remove it")
    if not settings.api_open_loopback and all(key.is_revoked for key in keys):
        raise UserError(f"HANKSTANK_API_KEYS: expected a valid key, got none: {advice}")


def _run_server(home: Path, host: str, port: int, workers: int, print_address: bool) -> None:
    os.environ["HANKSTANK_HOME"] = str(home)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a forecast is too small for several threads
    server = Granian(
        "services.predict_api.main:create",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,  # with HTTP/2 granian closes no idle connections
        workers=workers,
        backlog=API_BACKLOG,
        backpressure=api_connections(),
        workers_kill_timeout=API_PATIENCE,
        http1_settings=HTTP1Settings(header_read_timeout=API_HEADERS_WITHIN, max_buffer_size=API_HEAD),
        factory=True,
        websockets=False,
        log_enabled=not print_address,
    )
    if print_address:
        server.on_startup(lambda: sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n"))
        server.on_startup(sys.stdout.flush)
        threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve()


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not sys.stdin: a worker forked meanwhile would wait for its lock
        pass
    os.kill(os.getpid(), 15)
