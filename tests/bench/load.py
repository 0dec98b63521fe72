"""Load generators: wrk for as many requests as fit, autocannon for a fixed rate."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
HERE = Path(__file__).parent
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What a run saw: requests a second, latencies in milliseconds, answers that were no 2xx."""

    per_second: float
    p50: float
    p99: float
    errors: int


def is_here() -> bool:
    """Return whether wrk is installed."""
    return shutil.which("wrk") is not None


def has_fixed_rate() -> bool:
    """Return whether autocannon can be loaded: NODE_PATH names where it is installed."""
    node = shutil.which("node")
    asked = [node or "node", "-e", "require('autocannon')"]
    return node is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


def closed(url: str, script: str, seconds: int, body: str) -> Load:
    """Ask as fast as answers come; `script` is a Lua file beside this one, `body` what it sends."""
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(HERE / script), url]
    told = subprocess.run(
        words, env={**os.environ, "BODY": body}, capture_output=True, text=True, check=True
    ).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
        _milliseconds(re.search(r"\s50%\s+(\S+)", told)[1]),
        _milliseconds(re.search(r"\s99%\s+(\S+)", told)[1]),
        int(failed[1]) if failed else 0,
    )


def fixed(url: str, seconds: int, body: str, rate: int = 1000) -> Load:
    """Ask `rate` times a second, each time for another line."""
    words = ["node", str(HERE / "fixed_rate.cjs"), url, str(rate), str(seconds), body]
    told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return Load(told["average"], told["p50"], told["p99"], told["errors"])


def _milliseconds(told: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", told).groups()
    return float(number) * _UNITS[unit]
