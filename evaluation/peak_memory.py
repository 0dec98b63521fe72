"""Peak memory of a process and its children, with shared pages counted once."""

import os
import resource
import sys
from math import fsum
from pathlib import Path
from threading import Event, Thread
from typing import Self

_PROCESSES = Path("/proc")
_SAMPLE_SECONDS = 0.25


class PeakMemory:
    """Peak memory of this process and its descendants together while the context is open, in MB.

    On Linux it is the sum of the processes' proportional set sizes. Elsewhere `megabytes` is the sum of the
    peaks of this process and of its largest child, over their whole lives.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._stopped = Event()
        self._sampler = Thread(target=self._sample_until_stopped, daemon=True)

    def __enter__(self) -> Self:
        """Start sampling."""
        self.sample_memory()
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop sampling, after a last sample."""
        self._stopped.set()
        self._sampler.join()
        self.sample_memory()

    def sample_memory(self) -> None:
        """Update the peak by the memory used now."""
        used_mb = process_tree_mb(os.getpid()) if _PROCESSES.exists() else _max_rss_mb()
        self.megabytes = max(self.megabytes, used_mb)

    def _sample_until_stopped(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.sample_memory()


def process_tree_mb(process: int) -> float:
    """Return the memory of a process and its descendants in MB; 0 for one that has ended."""
    folder = _PROCESSES / str(process)
    try:
        share = next(line for line in (folder / "smaps_rollup").read_text().splitlines() if "Pss:" in line)
        children = [int(pid) for task in folder.glob("task/*/children") for pid in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0.0
    return int(share.split()[1]) * 1024 / 1e6 + fsum(map(process_tree_mb, children))


def _max_rss_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes elsewhere
    max_rss = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(max_rss) * unit / 1e6
