"""Loads that the loader parked: what was refused and why, loaded again after a fix, or given up."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from hankstank.cli import suggestions
from hankstank.local.game_source import stored_source
from hankstank.local.machine import OneMachine
from hankstank.ops.dead_letters import at_the_worlds_time
from hankstank.ops.queries import objects_of
from services.loader.step import ParkedLoad
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import CannotDo
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.events import DataValidated, Event, Grade
from shared.ports import ObjectStore
from shared.runtime.settings import Settings
from shared.storage.staging import Report, read_struct

FOLDER = "parked/"
_SUBSCRIPTION = "data.validated--loader"


@dataclass(frozen=True, slots=True)
class Parked:
    """One load, by run and attempt; it was parked once for every different reason."""

    id: str
    objects: tuple[str, ...]
    load: ParkedLoad
    reasons: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Return it for readers."""
        return {
            "load": self.id,
            "dates": self.load.dates,
            "rows": sum(dataset.rows for dataset in self.load.accepted),
            "reasons": self.reasons,
        }


def parked(objects: ObjectStore) -> list[Parked]:
    """Return the parked loads, by run."""
    return list(_parked(objects))


def listed(home: Path) -> list[dict[str, Any]]:
    """Return the parked loads for readers."""
    return [one.told() for one in parked(objects_of(home))]


def shown(home: Path, load: str) -> dict[str, Any]:
    """Return one parked load with its report and the tables it would have filled."""
    one = _one(objects_of(home), load)
    rows = {dataset.table: dataset.rows for dataset in one.load.accepted}
    return {**one.told(), "report": one.load.report, "tables": rows}


def replay(home: Path, load: str, data: Path) -> dict[str, Any]:
    """Load a parked batch again, with everything that follows; it leaves the list when it stands.

    What it makes the collector ask for comes from the source of the stores; `data` holds real seasons.
    """
    objects, settings = objects_of(home), _this_machine(home)
    one = _one(objects, load)
    with (
        stored_source(settings, data) as reached,
        OneMachine(reached, at_the_worlds_time(objects)) as machine,
    ):
        before = machine.letters()
        told = next((letter for letter in before if is_of(letter, one)), None)
        event = _event_of(told) if told else _made_anew(objects, one, machine)
        machine.announce(event, told.lane if told else "live")
        known = {letter.id for letter in before}
        again = [letter for letter in machine.letters() if letter.id not in known]
    if not again:
        _forget(objects, settings, one)
    return {"load": one.id, "stands": not again, "parked_again": [letter.reason for letter in again]}


def drop(home: Path, load: str) -> dict[str, Any]:
    """Give a parked load up: it leaves the list, and its dead letter with it."""
    objects, settings = objects_of(home), _this_machine(home)
    one = _one(objects, load)
    _forget(objects, settings, one)
    days = one.load.dates
    again = f"hankstank collect --from {days[0]} --to {days[-1]}" if days else ""
    return {"dropped": one.id, "dates": days, "to_have_them_after_all": again}


def is_of(letter: DeadLetter, one: Parked) -> bool:
    """Return whether a letter that was not replayed carried this load to the loader."""
    if letter.replayed_at is not None or letter.subscription != _SUBSCRIPTION:
        return False
    return _event_of(letter).input_object == one.load.report


def _parked(objects: ObjectStore) -> Iterator[Parked]:
    names = objects.names(FOLDER)
    for load, group in groupby(names, lambda name: name.removeprefix(FOLDER).rpartition("/")[0]):
        members = tuple(group)
        loads = [read_struct(objects, name, ParkedLoad) for name in members]
        yield Parked(load, members, loads[-1], tuple(dict.fromkeys(one.reason for one in loads)))


def _one(objects: ObjectStore, load: str) -> Parked:
    known = {one.id: one for one in _parked(objects)}
    fits = [known[load]] if load in known else [one for name, one in known.items() if name.startswith(load)]
    if len(fits) != 1:
        raise CannotDo(f"no single parked load is called {load!r}{suggestions.near(load, known)}")
    return fits[0]


def _event_of(letter: DeadLetter) -> Event:
    return envelope.delivery(letter.body).event


def _made_anew(objects: ObjectStore, one: Parked, machine: OneMachine) -> DataValidated:
    """Return the announcement that the load was parked on, from its report."""
    report = read_struct(objects, one.load.report, Report)
    return DataValidated(
        run_id=report.run_id,
        attempt=report.attempt,
        occurred_at=machine.clock(),
        dates=report.dates,
        report=one.load.report,
        grade=Grade(report.grade),
        accepted=tuple(dataset.object for dataset in report.accepted),
        trigger="manual",
    )


def _forget(objects: ObjectStore, settings: Settings, one: Parked) -> None:
    bus = LocalBus(settings.home / "queue.sqlite")
    for letter in bus.dead_letters():
        if is_of(letter, one):
            bus.drop(int(letter.id))
    for name in one.objects:
        objects.delete(name)


def _this_machine(home: Path) -> Settings:
    settings = Settings(home=home)
    if settings.project:
        raise CannotDo(f"on {settings.project} replay the dead letter: `hankstank dead-letters replay`")
    return settings
