"""Backfills a stand-in's world in a process of its own, that a test may limit or that ends at a chosen write.

python -m tests.pipeline.backfill_process HOME URL LAST [--die-at N] [--largest-file BYTES] [--limit N]: prints
the result as JSON, and how many writes it made.
"""

import argparse
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hankstank.local import backfill
from hankstank.local import machine as local_machine
from hankstank.local.backfill import BackfillOptions
from hankstank.local.run_plan import tick_time
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.errors import Unavailable
from tests.pipeline.worlds import SEASON, day

WRITES = (
    (FolderStore, "create_if_absent"),
    (FolderStore, "overwrite"),
    (DuckDbWarehouse, "merge_rows"),
    (LocalBus, "publish"),
)
made = 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("url")
    parser.add_argument("last", type=int)
    parser.add_argument("--die-at", type=int, default=0)
    parser.add_argument("--largest-file", type=int, default=0)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    if options.largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.largest_file, options.largest_file))
        local_machine.MAX_WAIT = 0.2
    for kind, name in WRITES:
        setattr(kind, name, counted(getattr(kind, name), options.die_at))
    for name in ("MLB_API_URL", "SAVANT_URL", "WEATHER_URL"):
        os.environ[f"HANKSTANK_{name}"] = options.url
    request = BackfillOptions((SEASON,), Path(), options.home, limit=options.limit)
    try:
        result = backfill.run_backfill(request, lambda _: None, lambda: tick_time(day(options.last)))
    except Unavailable as error:
        sys.exit(str(error))
    sys.stdout.write(msgspec.json.encode({"result": result, "writes": made}).decode())


def counted(write: Callable[..., Any], die_at: int) -> Callable[..., Any]:
    """Count a write, and end the process as a power cut would, before the write or right after it."""

    def counting(*arguments: Any, **named: Any) -> Any:
        global made  # noqa: PLW0603
        made += 1
        if die_at and made >= die_at and die_at % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        written = write(*arguments, **named)
        if die_at and made >= die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return written

    return counting


if __name__ == "__main__":
    main()
