"""Lists, retries and drops loads that the warehouse refused."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from hankstank import suggestions
from hankstank.local.game_source import stored_source
from hankstank.local.machine import LocalPipeline
from hankstank.local.stores import objects_of
from hankstank.ops.dead_letters import stored_world_clock
from services.loader.step import FailedLoad
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import UserError
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.events import DataValidated, Event, Grade
from shared.ports import ObjectStore
from shared.runtime.settings import Settings
from shared.storage.staging import Report, read_struct

FOLDER = "parked/"
_SUBSCRIPTION = "data.validated--loader"


@dataclass(frozen=True, slots=True)
class FailedLoadGroup:
    """One load, by run and attempt, with every reason it was refused for."""

    id: str
    objects: tuple[str, ...]
    load: FailedLoad
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that commands show."""
        return {
            "load": self.id,
            "dates": self.load.dates,
            "rows": sum(dataset.rows for dataset in self.load.accepted),
            "reasons": self.reasons,
        }


def find_failed_loads(objects: ObjectStore) -> list[FailedLoadGroup]:
    """Return the failed loads, by run."""
    found = []
    names = objects.list_names(FOLDER)
    for load, group in groupby(names, lambda name: name.removeprefix(FOLDER).rpartition("/")[0]):
        members = tuple(group)
        loads = [read_struct(objects, name, FailedLoad) for name in members]
        reasons = tuple(dict.fromkeys(one.reason for one in loads))
        found.append(FailedLoadGroup(load, members, loads[-1], reasons))
    return found


def list_failed_loads(home: Path) -> list[dict[str, Any]]:
    """Return the fields of all failed loads."""
    return [one.to_dict() for one in find_failed_loads(objects_of(home))]


def describe_failed_load(home: Path, load: str) -> dict[str, Any]:
    """Return one failed load with its report and the rows by table."""
    one = _find_failed_load(objects_of(home), load)
    rows = {dataset.table: dataset.rows for dataset in one.load.accepted}
    return {**one.to_dict(), "report": one.load.report, "tables": rows}


def retry_failed_load(home: Path, load: str, data: Path) -> dict[str, Any]:
    """Load a failed batch again and run every step that follows; on success it leaves the list.

    Requests of the collector go to the source of the stores; `data` is the folder of real seasons.
    """
    objects, settings = objects_of(home), _local_settings(home)
    one = _find_failed_load(objects, load)
    with (
        stored_source(settings, data) as reached,
        LocalPipeline(reached, stored_world_clock(objects)) as machine,
    ):
        before = machine.dead_letters()
        dead_letter = next((letter for letter in before if carries_load(letter, one)), None)
        event = _event_of(dead_letter) if dead_letter else _recreate_event(objects, one, machine)
        machine.publish(event, dead_letter.lane if dead_letter else "live")
        known = {letter.id for letter in before}
        failed_again = [letter for letter in machine.dead_letters() if letter.id not in known]
    if not failed_again:
        _delete_failed_load(objects, settings, one)
    return {
        "load": one.id,
        "loaded": not failed_again,
        "failed_again": [letter.reason for letter in failed_again],
    }


def drop_failed_load(home: Path, load: str) -> dict[str, Any]:
    """Delete a failed load and its dead letter."""
    objects, settings = objects_of(home), _local_settings(home)
    one = _find_failed_load(objects, load)
    _delete_failed_load(objects, settings, one)
    days = one.load.dates
    collect_command = f"hankstank collect --from {days[0]} --to {days[-1]}" if days else ""
    return {"dropped": one.id, "dates": days, "to_collect_again": collect_command}


def carries_load(letter: DeadLetter, one: FailedLoadGroup) -> bool:
    """Return whether an unreplayed dead letter is about this load."""
    if letter.replayed_at is not None or letter.subscription != _SUBSCRIPTION:
        return False
    return _event_of(letter).input_object == one.load.report


def _find_failed_load(objects: ObjectStore, load: str) -> FailedLoadGroup:
    known = {one.id: one for one in find_failed_loads(objects)}
    fits = [known[load]] if load in known else [one for name, one in known.items() if name.startswith(load)]
    if len(fits) != 1:
        raise UserError(f"no single failed load is called {load!r}{suggestions.suggest_names(load, known)}")
    return fits[0]


def _event_of(letter: DeadLetter) -> Event:
    return envelope.parse_delivery(letter.body).event


def _recreate_event(objects: ObjectStore, one: FailedLoadGroup, machine: LocalPipeline) -> DataValidated:
    """Return the event that the load failed on, from its report."""
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


def _delete_failed_load(objects: ObjectStore, settings: Settings, one: FailedLoadGroup) -> None:
    bus = LocalBus(settings.home / "queue.sqlite")
    for letter in bus.list_dead_letters():
        if carries_load(letter, one):
            bus.drop_dead_letter(int(letter.id))
    for name in one.objects:
        objects.delete(name)


def _local_settings(home: Path) -> Settings:
    settings = Settings(home=home)
    if settings.project:
        raise UserError(f"on {settings.project} replay the dead letter: `hankstank dead-letters replay`")
    return settings
