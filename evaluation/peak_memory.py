"""How much memory a process and its children hold at most, shared pages counted once."""

import os
import resource
import sys
from math import fsum
from pathlib import Path
from threading import Event, Thread
from typing import Self

_PROCESSES = Path("/proc")
_SAMPLE_SECONDS = 0.25  # between looks


class PeakMemory:
    """The most that this process and its descendants held together while the context lasted, in MB.

    Linux tells each process's proportional share of what it holds; elsewhere `megabytes` is the sum of the
    largest that this process and any one child ever held.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._stopped = Event()
        self._sampler = Thread(target=self._sample_until_stopped, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self.sample_memory()
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look a last time."""
        self._stopped.set()
        self._sampler.join()
        self.sample_memory()

    def sample_memory(self) -> None:
        """Take notice of what is held now."""
        used_mb = process_tree_mb(os.getpid()) if _PROCESSES.exists() else _max_rss_mb()
        self.megabytes = max(self.megabytes, used_mb)

    def _sample_until_stopped(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.sample_memory()


def process_tree_mb(process: int) -> float:
    """Return what a process and its descendants hold; one that has ended holds nothing."""
    folder = _PROCESSES / str(process)
    try:
        share = next(line for line in (folder / "smaps_rollup").read_text().splitlines() if "Pss:" in line)
        children = [int(one) for task in folder.glob("task/*/children") for one in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0.0
    return int(share.split()[1]) * 1024 / 1e6 + fsum(map(process_tree_mb, children))


def _max_rss_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    max_rss = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(max_rss) * unit / 1e6
