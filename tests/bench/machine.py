"""The machine that figures were measured on, and how much memory this process took."""

import os
import platform
import resource
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("duckdb", "httpx", "msgspec", "numpy", "pandas", "polars", "pydantic", "sqlglot")
_STATUS = Path("/proc/self/status")


def facts() -> dict[str, Any]:
    """Return cores, system, Python, libraries, load average and date."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def peak_memory_mb() -> float:
    """Return the most memory this process held, in MB.

    Linux hands a child its parent's `ru_maxrss`, so there the process's own high-water mark is read.
    """
    if _STATUS.exists():
        return int(_line(_STATUS.read_text().splitlines(), "VmHWM").split()[0]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    named = known.read_text().splitlines() if known.exists() else []
    return _line(named, "model name") or platform.processor() or platform.machine()


def _line(lines: Sequence[str], name: str) -> str:
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
