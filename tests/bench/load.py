"""The load generator: wrk, for as many requests as fit and for a fixed rate.

Of the generators that keep a rate wrk takes the least of the cores it shares with the server: what a garbage-collected
one measures there at a thousand a second is its own pauses.
"""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
RATE = 1000  # requests a second
PATIENCE = "30s"  # what comes late is told by the latencies
HERE = Path(__file__).parent
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What a run saw: requests a second, latencies in milliseconds, answers that were no 2xx or none at all."""

    per_second: float
    p50: float
    p99: float
    errors: int


def is_here() -> bool:
    """Return whether wrk is installed (Debian and Ubuntu: `apt-get install wrk`, macOS: `brew install wrk`)."""
    return shutil.which("wrk") is not None


def closed(url: str, script: str, seconds: int, body: str) -> Load:
    """Ask as fast as answers come; `script` is a Lua file beside this one, `body` what it sends."""
    return _asked(url, script, seconds, BODY=body)


def fixed(url: str, seconds: int, body: str, rate: int = RATE, answers: Path | None = None) -> Load:
    """Ask `rate` times a second, each time for another line; answers are appended to a file, one a line."""
    kept = {"ANSWERS": str(answers)} if answers else {}
    return _asked(url, "fixed_rate.lua", seconds, BODY=body, RATE=str(rate), **kept)


def _asked(url: str, script: str, seconds: int, **result: str) -> Load:
    result["START"] = str(time.monotonic_ns() // 1000)  # no run asks again what one before it asked
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", PATIENCE, "--latency"]
    words += ["-s", str(HERE / script), url]
    seen = subprocess.run(
        words, env={**os.environ, **result}, capture_output=True, text=True, check=True
    ).stdout
    failed = re.findall(r"(?:Non-2xx or 3xx responses:|connect|read|write|timeout) (\d+)", seen)
    return Load(
        float(re.search(r"Requests/sec:\s+([\d.]+)", seen)[1]),
        _milliseconds(re.search(r"\s50%\s+(\S+)", seen)[1]),
        _milliseconds(re.search(r"\s99%\s+(\S+)", seen)[1]),
        sum(map(int, failed)),
    )


def _milliseconds(result: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", result).groups()
    return float(number) * _UNITS[unit]
