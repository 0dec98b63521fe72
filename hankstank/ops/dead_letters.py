"""Lists, replays and drops dead letters on this machine's queue or a project's Pub/Sub."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hankstank.local.game_source import stored_source
from hankstank.local.machine import LocalPipeline
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import UserError
from shared.messaging.dead_letters import DeadLetter
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import Clock, create_object_store, utc_now
from shared.runtime.settings import Settings

if TYPE_CHECKING:
    from shared.adapters.gcp.dead_letters import PubSubDeadLetters

DROPPED = "dropped-letters.jsonl"


def list_dead_letters(settings: Settings) -> list[DeadLetter]:
    """Return every letter, oldest first."""
    store = _pubsub_letters(settings) if settings.project else _local_queue(settings)
    return store.list_dead_letters()


def find_dead_letter(settings: Settings, number: int) -> DeadLetter:
    """Return one letter; raises UserError with the known ids."""
    with _translate_key_error():
        if settings.project:
            return _pubsub_letters(settings).find_dead_letter(str(number))
        return _local_queue(settings).find_dead_letter(number)


def replay_dead_letter(home: Path, number: int, data: Path) -> dict[str, Any]:
    """Deliver a letter again, run every step that follows, and return the result; Pub/Sub has it later.

    Requests of the collector go to the source of the stores; `data` is the folder of real seasons.
    """
    settings = Settings(home=home)
    with _translate_key_error():
        if settings.project:
            return _republish_letter(settings, number)
        find_dead_letter(settings, number)  # fail before starting a simulator for an unknown letter
        with stored_source(settings, data) as stored:
            return _redeliver_letter(stored, number)


def drop_dead_letter(settings: Settings, number: int, *, for_real: bool) -> dict[str, Any]:
    """Delete a letter of this machine and log it; without `for_real` only return what would go."""
    if settings.project:
        where = "acknowledge it as docs/runbook.md says under dead-letters"
        raise UserError(f"letters of {settings.project} are in Pub/Sub: {where}")
    bus = _local_queue(settings)
    with _translate_key_error():
        letter = bus.find_dead_letter(number)
    details = {"run_id": letter.run_id, "subscription": letter.subscription, "reason": letter.reason}
    if not for_real:
        return {
            "would_drop": number,
            **details,
            "to_do_so": f"hankstank dead-letters drop {number} --yes",
        }
    line = {"dropped_at": utc_now(), "id": number, **details, "body": letter.body.decode(errors="replace")}
    with (settings.home / DROPPED).open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    bus.drop_dead_letter(number)
    return {"dropped": number, **details, "logged_in": str(settings.home / DROPPED)}


def _republish_letter(settings: Settings, number: int) -> dict[str, Any]:
    letter = _pubsub_letters(settings).replay_dead_letter(str(number))
    return {"replayed": number, "run_id": letter.run_id, "published": letter.topic, "lane": letter.lane}


def _redeliver_letter(settings: Settings, number: int) -> dict[str, Any]:
    _local_queue(settings).find_dead_letter(number)  # before creating stores in a folder without any
    with LocalPipeline(settings, stored_world_clock(create_object_store(settings))) as machine:
        letter = machine.replay_dead_letter(number)
        failed_again = [
            one.id for one in machine.dead_letters() if int(one.id) > number and one.run_id == letter.run_id
        ]
        return {"replayed": number, "run_id": letter.run_id, "failed_again": failed_again}


def stored_world_clock(objects: ObjectStore) -> Clock:
    """Return the clock of the stores' data source: simulated stores continue at their own time."""
    return lambda: read_world(objects).current_time(utc_now)


def _pubsub_letters(settings: Settings) -> "PubSubDeadLetters":
    # Imported here: on one machine no Google library is loaded.
    from shared.adapters.gcp.dead_letters import PubSubDeadLetters  # noqa: PLC0415

    return PubSubDeadLetters(settings.project)


def _local_queue(settings: Settings) -> LocalBus:
    if not settings.home.is_dir():
        raise UserError(f"{settings.home}: no stores here: `hankstank run` makes them, --home names others")
    return LocalBus(settings.home / "queue.sqlite")


@contextmanager
def _translate_key_error() -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise UserError(error.args[0]) from None
