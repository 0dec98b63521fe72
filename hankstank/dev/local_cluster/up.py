"""Bring a town up and take it down: all of it or nothing, and nothing that is not its own."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from hankstank.dev.local_cluster import process_specs, processes
from hankstank.dev.local_cluster.cluster import PUBSUB, Resident, Town, running, standing
from hankstank.dev.local_cluster.process_specs import Choice
from hankstank.dev.local_cluster.stores import furnish, lay_topics
from hankstank.local import simulator_process
from shared.adapters.local.run_lock import run_lock
from shared.errors import CannotDo
from shared.runtime.services import rooms

_PATIENCE = 90.0  # seconds for everything to answer, on a machine that is busy
_GLANCE = 0.1
Told = Callable[[str], object]


class DidNotStart(CannotDo):
    """A process of the town ended, or did not answer in time; those that had started were ended."""


def up(choice: Choice, tell: Told = lambda _said: None) -> tuple[Town, bool]:
    """Start a town, or find that it runs already; return it and whether this call started it.

    Raises DidNotStart with the end of the log of what did not, CannotDo when part of a town runs.
    """
    if standing(choice.home):
        return running(choice.home), False
    if (choice.home / "queue.sqlite").exists():
        raise CannotDo(f"{choice.home} holds the stores of one process: name another folder with --home")
    simulator_process.check_data(choice.source, (choice.season,), choice.data)
    with run_lock(choice.home):
        town = process_specs.plan(choice)
        with _whole_or_not_at_all(town):
            _start(town, [name for name in town.residents if name not in rooms()], tell)
            with ThreadPoolExecutor(1) as beside:
                furnished = beside.submit(furnish, town)
                lay_topics(town)
                _start(town, list(rooms()), tell)
                furnished.result()
    return town, True


def down(home: Path) -> list[str]:
    """End what `up` started below `home`, and what those started in turn; return the names of what ran."""
    town = standing(home)
    if town is None:
        return []
    with run_lock(home):
        return _end(town)


def restart(town: Town, name: str) -> None:
    """Start a resident that has ended and wait until it answers."""
    if town.runs(name):
        raise CannotDo(f"{name} runs: nothing to restart")
    town.start(name)
    _wait_for([town.residents[name]], town)
    if name == PUBSUB:
        lay_topics(town)


def _end(town: Town) -> list[str]:
    ran = [name for name in town.residents if town.runs(name)]
    of_rooms = [process for name, process in town.processes.items() if name in rooms()]
    of_others = [process for name, process in town.processes.items() if name not in rooms()]
    processes.end(of_rooms)  # first, so that nobody loses the store under a last write
    processes.end(of_others)
    town.forget()
    return ran


@contextmanager
def _whole_or_not_at_all(town: Town) -> Iterator[None]:
    try:
        yield
    except BaseException:
        _end(town)
        raise


def _start(town: Town, names: Sequence[str], tell: Told) -> None:
    for name in names:
        town.start(name)
    for one in _wait_for([town.residents[name] for name in names], town):
        tell(f"{one.name:<12} {one.address}")


def _wait_for(started: Iterable[Resident], town: Town) -> list[Resident]:
    """Wait until all answer and return them; raises DidNotStart with the last words of one that does not."""
    waiting, deadline = list(started), time.monotonic() + _PATIENCE
    ready: list[Resident] = []
    with httpx.Client(timeout=2, trust_env=False) as client:
        while waiting:
            ready += (answered := [resident for resident in waiting if _answers(resident, client)])
            waiting = [one for one in waiting if one not in answered]
            _check(waiting, town, deadline)
            time.sleep(_GLANCE)
    return ready


def _check(waiting: Sequence[Resident], town: Town, deadline: float) -> None:
    for one in waiting:
        if not town.runs(one.name):
            raise DidNotStart(
                f"{one.name} ended before it answered; the end of {one.log}: {one.last_words()}"
            )
    if waiting and time.monotonic() > deadline:
        one = waiting[0]
        raise DidNotStart(
            f"{one.name} did not answer at {one.address} within {_PATIENCE:.0f} s; "
            f"the end of {one.log}: {one.last_words()}"
        )


def _answers(resident: Resident, client: httpx.Client) -> bool:
    try:
        return client.get(resident.address + resident.health).is_success
    except httpx.RequestError:
        return False
