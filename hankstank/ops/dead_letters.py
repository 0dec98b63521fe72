"""The dead letters of whichever bus the settings name: this machine's queue, or a project's Pub/Sub."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from hankstank.local.machine import OneMachine
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import CannotDo
from shared.messaging.dead_letters import DeadLetter
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import Clock, object_store, utc_now
from shared.runtime.settings import Settings

# The adapter of Pub/Sub is imported where it is asked for: on one machine nothing of Google's is loaded.
# ruff: noqa: PLC0415

DROPPED = "dropped-letters.jsonl"


class Letters(Protocol):
    """Where a bus keeps what could not be delivered."""

    def dead_letters(self) -> list[DeadLetter]:
        """Return every letter, oldest first."""

    def dead_letter(self, number: Any) -> DeadLetter:
        """Return one letter; raises KeyError with the ids there are."""


def listed(settings: Settings) -> list[DeadLetter]:
    """Return every letter, oldest first."""
    return _letters(settings).dead_letters()


def one(settings: Settings, number: int) -> DeadLetter:
    """Return one letter; raises CannotDo with the ids there are."""
    with _known():
        return _letters(settings).dead_letter(str(number) if settings.project else number)


def replay(settings: Settings, number: int) -> dict[str, Any]:
    """Deliver a letter again and say what became of it; on Pub/Sub that is known only later."""
    with _known():
        return (_announce_again if settings.project else _deliver_again)(settings, number)


def drop(settings: Settings, number: int, *, for_real: bool) -> dict[str, Any]:
    """Put a letter of this machine away for good, and write down what it was; else only say what would go."""
    if settings.project:
        where = "acknowledge it as docs/runbook.md says under dead-letters"
        raise CannotDo(f"letters of {settings.project} lie in Pub/Sub: {where}")
    bus = _queue(settings)
    with _known():
        letter = bus.dead_letter(number)
    told = {"run_id": letter.run_id, "subscription": letter.subscription, "reason": letter.reason}
    if not for_real:
        return {"would_drop": number, **told, "to_do_so": f"hankstank dead-letters drop {number} --for-good"}
    line = {"dropped_at": utc_now(), "id": number, **told, "body": letter.body.decode(errors="replace")}
    with (settings.home / DROPPED).open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    bus.drop(number)
    return {"dropped": number, **told, "written_down_in": str(settings.home / DROPPED)}


def _announce_again(settings: Settings, number: int) -> dict[str, Any]:
    from shared.adapters.gcp.dead_letters import PubSubDeadLetters

    letter = PubSubDeadLetters(settings.project).replay(str(number))
    return {"replayed": number, "run_id": letter.run_id, "announced": letter.topic, "lane": letter.lane}


def _deliver_again(settings: Settings, number: int) -> dict[str, Any]:
    _queue(settings).dead_letter(number)  # before a machine is made of a folder that holds none
    with OneMachine(settings, at_the_worlds_time(object_store(settings))) as machine:
        letter = machine.replay(number)
        again = [one.id for one in machine.letters() if int(one.id) > number and one.run_id == letter.run_id]
        return {"replayed": number, "run_id": letter.run_id, "parked_again": again}


def at_the_worlds_time(objects: ObjectStore) -> Clock:
    """Return the clock of the world that filled the stores: what was left there goes on at its time."""
    return lambda: read_world(objects).time(utc_now)


def _letters(settings: Settings) -> Letters:
    if settings.project:
        from shared.adapters.gcp.dead_letters import PubSubDeadLetters

        return PubSubDeadLetters(settings.project)
    return _queue(settings)


def _queue(settings: Settings) -> LocalBus:
    if not settings.home.is_dir():
        raise CannotDo(
            f"{settings.home}: no stores are here: `hankstank run` makes them, --home names others"
        )
    return LocalBus(settings.home / "queue.sqlite")


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise CannotDo(error.args[0]) from None
