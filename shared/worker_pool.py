"""A pool of spawned worker processes that ignore Ctrl-C and end with their parent."""

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
    """Yield a pool of processes that each start with `begin(*arguments)`; call it from the main thread.

    Ctrl-C reaches a terminal's whole process group; the workers ignore it. If the parent fails or is
    interrupted, they are terminated at once.
    """
    spawn = get_context("spawn")  # a fork would copy locks of threads that it does not have
    with _ignore_interrupts():
        executor = ProcessPoolExecutor(workers, spawn, begin, arguments)
        for _ in range(workers):
            executor.submit(int)  # starts a process, which inherits the ignored signal
    try:
        yield executor
    except BaseException:
        with _ignore_interrupts():
            for process in active_children():
                process.terminate()
            executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


@contextmanager
def _ignore_interrupts() -> Iterator[None]:
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
