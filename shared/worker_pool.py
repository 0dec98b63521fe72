"""Processes that share work: begun anew, deaf to Ctrl-C, and ended with the one who lends them out."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any


@contextmanager
def worker_pool(
    workers: int, begin: Callable[..., object] | None = None, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """Lend so many processes, each of which begins with `begin(*told)`; call it from the main thread.

    Ctrl-C reaches a terminal's whole group: they leave it to the lender. Where he fails or is interrupted
    they are ended at once, whatever they are at.
    """
    spawn = get_context("spawn")  # a fork would hold the locks of threads that it has not
    with _ignore_interrupts():
        lent = ProcessPoolExecutor(workers, spawn, begin, arguments)
        for _ in range(workers):
            lent.submit(int)  # begins a process, and what is ignored then stays so in it
    try:
        yield lent
    except BaseException:
        with _ignore_interrupts():
            for process in active_children():
                process.terminate()
            lent.shutdown(cancel_futures=True)
        raise
    lent.shutdown()


@contextmanager
def _ignore_interrupts() -> Iterator[None]:
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
