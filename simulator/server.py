"""Serve the simulator on loopback: in a thread for tests, or as a process that ends with its parent."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import FrameType

from flask import Flask

from simulator.app import create_app
from simulator.faults import ActiveFaults, Fault
from simulator.game_record import World
from simulator.http_response import ApiBackend
from simulator.listener import ThreadedServer, create_listener
from simulator.queries import parse_instant
from simulator.recorded import RecordedApiBackend
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore

log = logging.getLogger(__name__)


@contextmanager
def running_simulator(app: Flask) -> Iterator[str]:
    """Serve an application from a thread; yield its base URL."""
    server = create_listener(app)
    thread = Thread(target=server.serve_forever, name="simulator", daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve_world(
    world: World, folder: Path, now: datetime, *, port: int = 0, announce: Callable[[str], object] = log.info
) -> None:
    """Serve a world from a folder until SIGTERM or Ctrl-C; `announce` receives the base URL."""
    backend = WorldApiBackend(SeasonStore(world, folder), now)
    serve_backend(backend, ActiveFaults(), port=port, announce=announce, stays=True)


def serve_backend(
    backend: ApiBackend,
    faults: ActiveFaults,
    *,
    port: int = 0,
    announce: Callable[[str], object] = log.info,
    stays: bool = False,
) -> None:
    """Serve any backend until SIGTERM, Ctrl-C or, unless it `stays`, the end of standard input."""
    server = create_listener(create_app(backend, faults), port=port)
    _stop_on_signals(server)
    if not stays:
        Thread(target=_stop_at_end_of_input, args=[server], daemon=True).start()
    announce(server.url)
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _stop_on_signals(server: ThreadedServer) -> None:
    def shut_down(_signal: int, _frame: FrameType | None) -> None:
        Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, shut_down)


def _stop_at_end_of_input(server: ThreadedServer) -> None:
    """Stop when the parent process ends: its end of the pipe closes then."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.shutdown()


def create_world(name: str, *, seed: int, data: Path | None, seasons: list[int]) -> World:
    """Return a world by name: "league" from a seed, "retrosheet" from a data folder."""
    if name == "league":
        from simulator.league import SimulatedLeague  # noqa: PLC0415 - loads numpy

        return SimulatedLeague(seed, seasons)
    from simulator.retrosheet import RetrosheetWorld  # noqa: PLC0415

    if data is None:
        raise ValueError("a retrosheet world needs --data, the folder that contains mlb/retrosheet")
    return RetrosheetWorld(data, seasons)


def _create_backend(arguments: argparse.Namespace) -> ApiBackend:
    now = parse_instant({"now": arguments.now}, "now")
    if arguments.world == "recorded":
        if arguments.data is None:
            raise ValueError("recorded responses need --data, the folder that contains mlb/statsapi")
        return RecordedApiBackend(arguments.data, now)
    world = create_world(arguments.world, seed=arguments.seed, data=arguments.data, seasons=arguments.season)
    return WorldApiBackend(SeasonStore(world, arguments.folder), now)


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.server", description=__doc__)
    parser.add_argument("--world", choices=("league", "retrosheet", "recorded"), default="league")
    parser.add_argument("--seed", type=int, default=7, help="of the simulated league")
    parser.add_argument("--season", type=int, action="append", help="may be given several times")
    parser.add_argument("--data", type=Path, help="the folder with real seasons and recorded responses")
    parser.add_argument(
        "--folder", type=Path, default=Path("var/simulator"), help="where games and feeds are stored"
    )
    parser.add_argument("--now", default=datetime.now(UTC).isoformat(), help="the simulator's clock")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--stay", action="store_true", help="keep serving when standard input ends")
    parser.add_argument("--faults", type=json.loads, default=[], help="a JSON list of faults")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Serve the simulator as a process; its address is one line of JSON on standard output."""
    options = _argument_parser().parse_args(arguments)
    options.season = options.season or [parse_instant({"now": options.now}, "now").year]
    faults = ActiveFaults([Fault(**fault) for fault in options.faults])
    serve_backend(
        _create_backend(options), faults, port=options.port, announce=_print_url, stays=options.stay
    )


def _print_url(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
