"""The one place where a world is put together: settings in, ports and entry points out."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.ports import Ports, Step
from shared.service import DONE, handle
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.ports import ObjectStore

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present: the clock that entry points hand down."""
    return datetime.now(UTC)


def object_store(settings: Settings) -> "ObjectStore":
    """Return the object store alone: all that the API and the reading commands need."""
    from shared.adapters.local.folder_store import FolderStore  # noqa: PLC0415 - adapters load when built

    return FolderStore(settings.home / "objects")


def build(settings: Settings, clock: Clock = utc_now) -> Ports:
    """Return the ports of the world that `settings` describe; `clock` is for timers and stamps."""
    from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse  # noqa: PLC0415
    from shared.adapters.local.durable_queue import LocalBus  # noqa: PLC0415
    from shared.adapters.local.notifier import LocalNotifier  # noqa: PLC0415

    return Ports(
        objects=object_store(settings),
        warehouse=DuckDbWarehouse(settings.home / "warehouse.duckdb", clock=clock),
        bus=LocalBus(settings.home / "queue.sqlite", clock=clock),
        notifier=LocalNotifier(settings.home, clock=clock),
        settings=settings,
    )


def entry_point(step: Step, told_in: str | None = None) -> Callable[[Any], tuple[str, int]]:
    """Return the plain HTTP function for a step; its world is built on the first request.

    `told_in` names the object in which the step says what it did: the text of a good answer.
    """

    @cache
    def ports() -> Ports:
        return build(Settings())

    def answer(request: Any) -> tuple[str, int]:
        told = handle(request.get_data(), step, ports(), utc_now)
        if told.text == DONE and told_in:
            return ports().objects.get(told_in).decode(), told.status
        return told.text, told.status

    return answer
