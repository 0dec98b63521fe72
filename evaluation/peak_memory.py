"""Peak memory of a process and its children, with shared pages counted once."""

from math import fsum
from threading import Event, Thread
from typing import Self

import psutil

_SAMPLE_SECONDS = 0.25


class PeakMemory:
    """Peak memory of this process and its descendants together while the context is open, in MB.

    On Linux it is the sum of the processes' proportional set sizes, elsewhere of their unique ones.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._process = psutil.Process()
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
        tree = (self._process, *self._process.children(recursive=True))
        self.megabytes = max(self.megabytes, fsum(map(_process_mb, tree)))

    def _sample_until_stopped(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.sample_memory()


def _process_mb(process: psutil.Process) -> float:
    """Return the memory of one process in MB; 0 for one that has ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(memory, "pss", memory.uss)) / 1e6
