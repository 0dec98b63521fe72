"""The dead letters of whichever bus the settings name: this machine's queue, or a project's Pub/Sub."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from hankstank.local.machine import LocalPipeline
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import UserError
from shared.messaging.dead_letters import DeadLetter
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import Clock, create_object_store, utc_now
from shared.runtime.settings import Settings

# The adapter of Pub/Sub is imported where it is asked for: on one machine nothing of Google's is loaded.
# ruff: noqa: PLC0415

DROPPED = "dropped-letters.jsonl"


class DeadLetterStore(Protocol):
    """Where a bus keeps what could not be delivered."""

    def list_dead_letters(self) -> list[DeadLetter]:
        """Return every letter, oldest first."""

    def find_dead_letter(self, number: Any) -> DeadLetter:
        """Return one letter; raises KeyError with the ids there are."""


def list_dead_letters(settings: Settings) -> list[DeadLetter]:
    """Return every letter, oldest first."""
    return _open_store(settings).list_dead_letters()


def find_dead_letter(settings: Settings, number: int) -> DeadLetter:
    """Return one letter; raises CannotDo with the ids there are."""
    with _translate_key_error():
        return _open_store(settings).find_dead_letter(str(number) if settings.project else number)


def replay_dead_letter(settings: Settings, number: int) -> dict[str, Any]:
    """Deliver a letter again and say what became of it; on Pub/Sub that is known only later."""
    with _translate_key_error():
        return (_republish_letter if settings.project else _redeliver_letter)(settings, number)


def drop_dead_letter(settings: Settings, number: int, *, for_real: bool) -> dict[str, Any]:
    """Put a letter of this machine away for good, and write down what it was; else only say what would go."""
    if settings.project:
        where = "acknowledge it as docs/runbook.md says under dead-letters"
        raise UserError(f"letters of {settings.project} lie in Pub/Sub: {where}")
    bus = _local_queue(settings)
    with _translate_key_error():
        letter = bus.find_dead_letter(number)
    details = {"run_id": letter.run_id, "subscription": letter.subscription, "reason": letter.reason}
    if not for_real:
        return {
            "would_drop": number,
            **details,
            "to_do_so": f"hankstank dead-letters drop {number} --for-good",
        }
    line = {"dropped_at": utc_now(), "id": number, **details, "body": letter.body.decode(errors="replace")}
    with (settings.home / DROPPED).open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    bus.drop_dead_letter(number)
    return {"dropped": number, **details, "written_down_in": str(settings.home / DROPPED)}


def _republish_letter(settings: Settings, number: int) -> dict[str, Any]:
    from shared.adapters.gcp.dead_letters import PubSubDeadLetters

    letter = PubSubDeadLetters(settings.project).replay_dead_letter(str(number))
    return {"replayed": number, "run_id": letter.run_id, "announced": letter.topic, "lane": letter.lane}


def _redeliver_letter(settings: Settings, number: int) -> dict[str, Any]:
    _local_queue(settings).find_dead_letter(number)  # before a machine is made of a folder that holds none
    with LocalPipeline(settings, stored_world_clock(create_object_store(settings))) as machine:
        letter = machine.replay_dead_letter(number)
        failed_again = [
            one.id for one in machine.dead_letters() if int(one.id) > number and one.run_id == letter.run_id
        ]
        return {"replayed": number, "run_id": letter.run_id, "parked_again": failed_again}


def stored_world_clock(objects: ObjectStore) -> Clock:
    """Return the clock of the world that filled the stores: what was left there goes on at its time."""
    return lambda: read_world(objects).current_time(utc_now)


def _open_store(settings: Settings) -> DeadLetterStore:
    if settings.project:
        from shared.adapters.gcp.dead_letters import PubSubDeadLetters

        return PubSubDeadLetters(settings.project)
    return _local_queue(settings)


def _local_queue(settings: Settings) -> LocalBus:
    if not settings.home.is_dir():
        raise UserError(
            f"{settings.home}: no stores are here: `hankstank run` makes them, --home names others"
        )
    return LocalBus(settings.home / "queue.sqlite")


@contextmanager
def _translate_key_error() -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise UserError(error.args[0]) from None
