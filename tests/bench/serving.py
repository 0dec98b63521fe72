"""Serving: ours beside what people usually write, same model, same question, in one run."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.adapters.local.folder_store import FolderStore
from tests.bench import inside, load
from tests.bench.figures import Figure
from tests.bench.servers.store import parts
from tests.bench.swaps import swapped
from tests.emulators import free_port
from tests.patience import PATIENCE
from tests.unit.services.predict_api.release_store import BOS_STARTER, TOMORROW, fill

log = logging.getLogger(__name__)

SECONDS = 8
IN_TIME = "0.005"  # the histogram's bound of five milliseconds
_NEEDED = ("release", "models", "snapshot", "world.json")
_GRANIAN = ["-m", "granian", "--factory", "--no-ws", "--workers", "2", "--log-level", "error"]
_RSGI = [*_GRANIAN, "--interface", "rsgi", "--http", "1"]
_WSGI = [*_GRANIAN, "--interface", "wsgi", "--blocking-threads", "100"]
_GUNICORN = ["-m", "gunicorn", "--workers", "2", "--log-level", "error"]
_UVICORN = [*_GUNICORN, "--worker-class", "uvicorn_worker.UvicornWorker"]  # alone it leaves Nagle's delay on
SERVERS: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "ours": ([*_RSGI, "services.predict_api.main:create"], ()),
    "FastAPI, uvicorn, our engine": (
        [*_UVICORN, "tests.bench.servers.fastapi_ours:create()"],
        ("fastapi", "gunicorn", "uvicorn_worker"),
    ),
    "Flask, gunicorn, DataFrame, scikit-learn wrapper": (
        [*_GUNICORN, "tests.bench.servers.usual_flask:create()"],
        ("gunicorn", "sklearn"),
    ),
    "an empty Flask route, granian": ([*_WSGI, "tests.bench.servers.empty_flask:create"], ()),
}
HOW = "2 workers each; wrk with 16 connections on the same cores; each question for another line, without reasons"
RIVALS = "HANKSTANK_RIVALS"  # a virtual environment with what the others need, beside ours: pip install <its packages>


def run(home: Path, seconds: int = SECONDS) -> Iterator[Figure]:
    """Measure every server whose packages are here, on a copy of the stores at `home`.

    Ours and the empty route need nothing more. The others' packages stand in a virtual environment of their own:

        python3.11 -m venv build/rivals
        build/rivals/bin/pip install fastapi gunicorn scikit-learn uvicorn-worker
        HANKSTANK_RIVALS=build/rivals python -m tests.bench serving
    """
    if not load.is_here():
        log.warning("serving is not measured: wrk is not installed")
        return
    with TemporaryDirectory() as folder:
        body = stores(home, Path(folder))
        for name, (words, packages) in SERVERS.items():
            python = _python(packages)
            if python is None:
                log.warning(
                    "%s is not measured: %s names no environment with %s", name, RIVALS, ", ".join(packages)
                )
            else:
                yield from _measured(name, [python, *words], Path(folder), body, seconds)


def _python(packages: tuple[str, ...]) -> str | None:
    """Return an interpreter that has the packages: this one, or that of the environment for the others."""
    rivals = Path(os.environ.get(RIVALS, "")) / "bin/python"
    for python in (sys.executable, *([str(rivals.absolute())] if rivals.exists() else [])):
        words = [python, "-c", "".join(f"import {package};" for package in packages)]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return python
    return None


def _measured(name: str, words: list[str], home: Path, body: str, seconds: int) -> Iterator[Figure]:
    with started(words, home):
        pass  # compiles what an image has compiled when it is built
    began = time.perf_counter()
    with started(words, home) as (url, pid):
        ready = time.perf_counter() - began
        _answered(url, body)
        load.closed(url, "uncached.lua", 1, body)  # warm
        one = load.closed(url, "uncached.lua", seconds, body)
        yield from _told(f"{name}: uncached", one)
        before = inside.histogram(url) if name == "ours" else {}
        yield from _told(f"{name}: uncached at {load.RATE:,}/s", load.fixed(url, seconds, body), rate=False)
        if name == "ours":
            within = inside.share(before, inside.histogram(url), IN_TIME)
            what = f"ours: uncached at {load.RATE:,}/s: within 5 ms by its own histogram"
            yield Figure("serving", what, within, "%", HOW, "≥ 99")
            yield from _told(f"{name}: cached", load.closed(url, "cached.lua", seconds, body))
            yield from _swaps(url, home, seconds, body)
        yield Figure("serving", f"{name}: start to ready", ready, "s", HOW, "< 2" if name == "ours" else "")
        yield Figure("serving", f"{name}: memory a worker", _memory_mb(pid), "MB", HOW, "< 400" if name == "ours" else "")  # fmt: skip


def _answered(url: str, body: str) -> None:
    """Raise HTTPError where the question is not answered: figures of refusals would mean nothing."""
    requested = body.replace("LINE", "5.5").encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/predict/player", requested, headers)):
        pass


def _told(what: str, seen: load.Load, *, rate: bool = True) -> Iterator[Figure]:
    if rate:
        yield Figure("serving", what, seen.per_second, "requests/s", HOW)
    yield Figure("serving", f"{what}: p50", seen.p50, "ms", HOW)
    yield Figure("serving", f"{what}: p99", seen.p99, "ms", HOW)
    yield Figure("serving", f"{what}: errors", seen.errors, "", HOW, "0")


def _swaps(url: str, home: Path, seconds: int, body: str) -> Iterator[Figure]:
    """Tell what becomes of answers while releases are swapped, refused and rolled back at 1,000/s."""
    seen = swapped(url, home, body, seconds)
    what = f"ours: {len(seen.served) - 1} swaps, the last a rollback, and a refusal at {load.RATE:,}/s"
    yield Figure("serving", f"{what}: answers", sum(seen.answers.values()), "", HOW)
    yield Figure("serving", f"{what}: errors", seen.errors, "", HOW, "0")
    yield Figure("serving", f"{what}: not as their release says", len(seen.wrong), "", HOW, "0")
    yield Figure("serving", f"{what}: p99", max(one.p99 for one in seen.loads), "ms", HOW)
    yield Figure("serving", "ours: a swap, beside the old release", seen.seconds, "s", HOW)


def stores(home: Path, folder: Path) -> str:
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
    requested = f'{{"player_id": {player}, "game_date": "{day}", "stats": ["strikeouts"]'
    return f'{requested}, "lines": {{"strikeouts": LINE}}, "reasons": false}}'


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _somebody() -> tuple[int, str]:
    release_manager, _ = parts()
    forecaster = release_manager.require_forecaster()
    for day in forecaster.directory.scheduled_days():
        for game in forecaster.directory.games_on(day):
            if game["home_probable_pitcher_id"]:
                return game["home_probable_pitcher_id"], str(day)
    return BOS_STARTER, str(TOMORROW)


@contextmanager
def started(words: list[str], home: Path) -> Iterator[tuple[str, int]]:
    port = free_port()
    where = ["--bind", f"127.0.0.1:{port}"] if "gunicorn" in words else ["--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    settings = {
        "HANKSTANK_HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), sysconfig.get_path("purelib")]),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
    }
    child = subprocess.Popen([*words, *where], env={**os.environ, **settings}, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:  # a worker that is told to end while it begins may not hear it
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait(url: str, seconds: float = PATIENCE) -> None:
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
