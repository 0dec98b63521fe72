"""Serving: ours beside what people usually write, same model, same question, in one run."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from hankstank.api_server import free_port
from shared import registry
from shared.adapters.local.folder_store import FolderStore
from shared.runtime import utc_now
from shared.snapshot import Snapshot, save
from shared.snapshot import load as load_snapshot
from tests.bench import load
from tests.bench.figures import Figure
from tests.bench.servers.store import parts
from tests.unit.predict_api.standing import BOS_STARTER, TOMORROW, fill
from tests.unit.predict_api.test_serving import pushed

SECONDS = 8
SWAPS = 3
_NEEDED = ("release", "models", "snapshot", "world.json")
_GRANIAN = [
    *("-m", "granian", "--factory", "--interface", "wsgi", "--no-ws"),
    *("--workers", "2", "--blocking-threads", "100", "--log-level", "error"),
]
_GUNICORN = ["-m", "gunicorn", "--workers", "2", "--log-level", "error"]
_UVICORN = [*_GUNICORN, "--worker-class", "uvicorn_worker.UvicornWorker"]  # alone it leaves Nagle's delay on
SERVERS: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "ours": ([*_GRANIAN, "services.predict_api.main:create"], ()),
    "FastAPI, uvicorn, our engine": ([*_UVICORN, "tests.bench.servers.fastapi_ours:create()"], ("fastapi",)),
    "Flask, gunicorn, DataFrame, scikit-learn wrapper": (
        [*_GUNICORN, "tests.bench.servers.usual_flask:create()"],
        ("sklearn",),
    ),
    "an empty Flask route, granian": ([*_GRANIAN, "tests.bench.servers.empty_flask:create"], ()),
}
HOW = "2 workers each, the load generator on the same cores; wrk with 16 connections, autocannon at 1,000/s"


def run(home: Path, seconds: int = SECONDS) -> Iterator[Figure]:
    """Measure every server whose packages are here, on a copy of the stores at `home`."""
    if not load.is_here():
        return
    with TemporaryDirectory() as folder:
        body = _stores(home, Path(folder))
        for name, (words, packages) in SERVERS.items():
            if all(find_spec(package) for package in packages):
                yield from _measured(name, words, Path(folder), body, seconds)


def _measured(name: str, words: list[str], home: Path, body: str, seconds: int) -> Iterator[Figure]:
    with _serving(words, home):
        pass  # compiles what an image has compiled when it is built
    began = time.perf_counter()
    with _serving(words, home) as (url, pid):
        ready = time.perf_counter() - began
        load.closed(url, "uncached.lua", 1, body)  # warm
        one = load.closed(url, "uncached.lua", seconds, body)
        yield from _told(f"{name}: uncached", one)
        if load.has_fixed_rate():
            yield from _told(f"{name}: uncached at 1,000/s", load.fixed(url, seconds, body), rate=False)
        if name == "ours":
            yield from _told(f"{name}: cached", load.closed(url, "cached.lua", seconds, body))
            yield from _swaps(url, home, seconds, body)
        yield Figure("serving", f"{name}: start to ready", ready, "s", HOW, "< 2" if name == "ours" else "")
        yield Figure("serving", f"{name}: memory a worker", _memory_mb(pid), "MB", HOW, "< 400" if name == "ours" else "")  # fmt: skip


def _told(what: str, seen: load.Load, *, rate: bool = True) -> Iterator[Figure]:
    if rate:
        yield Figure("serving", what, seen.per_second, "requests/s", HOW)
    yield Figure("serving", f"{what}: p50", seen.p50, "ms", HOW)
    yield Figure("serving", f"{what}: p99", seen.p99, "ms", HOW)
    yield Figure("serving", f"{what}: errors", seen.errors, "", HOW, "0")


def _swaps(url: str, home: Path, seconds: int, body: str) -> Iterator[Figure]:
    """Publish releases and roll back while asked; every answer must be a good one."""
    seen: list[load.Load] = []
    ask = (
        load.fixed
        if load.has_fixed_rate()
        else lambda *asked: load.closed(asked[0], "uncached.lua", *asked[1:])
    )
    asking = threading.Thread(target=lambda: seen.append(ask(url, seconds + 2, body)))
    asking.start()
    objects = FolderStore(home / "objects")
    for number in range(SWAPS):
        release = registry.current_release(objects)
        snapshot = load_snapshot(release.snapshot, objects)
        registry.publish_release(
            objects,
            snapshot=_again(objects, snapshot, number),
            models=None,
            run_id=f"bench-{number}",
            now=utc_now(),
            reason="bench",
        )
        _push(url)
        time.sleep(seconds / (SWAPS + 1))
    asking.join()
    served = msgspec.json.decode(urllib.request.urlopen(f"{url}/status").read())
    yield Figure("serving", f"ours: errors during {SWAPS} swaps under load", seen[0].errors, "", HOW, "0")
    yield Figure("serving", "ours: a swap, beside the old release", served["last_swap"]["seconds"], "s", HOW)


def _again(objects: FolderStore, snapshot: Snapshot, number: int) -> str:
    return save(replace(snapshot, run_id=f"bench-{number}"), objects)


def _push(url: str) -> None:
    for _ in range(4):  # one push reaches one worker: several reach both
        with urllib.request.urlopen(f"{url}/events", data=pushed()):
            pass


def _stores(home: Path, folder: Path) -> str:
    """Copy what serving needs (or make a small store) and return the question that is asked."""
    objects = folder / "objects"
    if (home / "objects" / "release").is_dir():
        for name in _NEEDED:
            part = home / "objects" / name
            (shutil.copytree if part.is_dir() else shutil.copy)(part, _made(objects) / name)
    else:
        fill(FolderStore(objects))
    os.environ["HANKSTANK_HOME"] = str(folder)
    player, day = _somebody()
    asked = f'{{"player_id": {player}, "game_date": "{day}", "stats": ["strikeouts"]'
    return f'{asked}, "lines": {{"strikeouts": LINE}}, "reasons": false}}'


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _somebody() -> tuple[int, str]:
    shelf, _ = parts()
    forecaster = shelf.ready()
    for day in forecaster.directory.days():
        for game in forecaster.directory.games_on(day):
            if game["home_probable_pitcher_id"]:
                return game["home_probable_pitcher_id"], str(day)
    return BOS_STARTER, str(TOMORROW)


@contextmanager
def _serving(words: list[str], home: Path) -> Iterator[tuple[str, int]]:
    port = free_port("127.0.0.1")
    where = ["--bind", f"127.0.0.1:{port}"] if "gunicorn" in words else ["--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    settings = {
        "HANKSTANK_HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path.cwd()),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
    }
    child = subprocess.Popen(
        [sys.executable, *words, *where], env={**os.environ, **settings}, start_new_session=True
    )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait()


def _wait(url: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.02)
    raise TimeoutError(f"{url}: expected an answer within {seconds:.0f} s")


def _memory_mb(pid: int) -> float:
    """Return what the largest process of a server holds in memory, in MB."""
    family = subprocess.run(["ps", "-o", "rss=", "-g", str(pid)], capture_output=True, text=True, check=True)
    return max(int(line) for line in family.stdout.split()) * 1024 / 1e6
