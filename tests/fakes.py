"""Worlds without disk or network for tests; the in-memory store passes the same contract as the real ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from shared.errors import ObjectConflict, ObjectCorrupted, ObjectMissing, Unavailable
from shared.messaging.events import Event
from shared.ports import EventBus, Notifier, ObjectStore, Ports, Warehouse
from shared.runtime.settings import Settings
from shared.storage.object_names import check_name, folder_of_prefix


class InMemoryObjectStore:
    """An ObjectStore in a dictionary; `corrupt` spoils an object so that reading it is refused."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._corrupted: set[str] = set()
        self._lock = Lock()

    def write_once(self, name: str, data: bytes) -> None:
        if not self.create_if_absent(name, data) and self.read_bytes(name) != data:
            raise ObjectConflict(f"{name}: already holds other bytes")

    def create_if_absent(self, name: str, data: bytes) -> bool:
        with self._lock:
            if check_name(name) in self._objects:
                return False
            self._objects[name] = data
            return True

    def overwrite(self, name: str, data: bytes) -> None:
        with self._lock:
            self._objects[check_name(name)] = data
            self._corrupted.discard(name)

    def read_bytes(self, name: str) -> bytes:
        if check_name(name) not in self._objects:
            raise ObjectMissing(f"{name}: no such object")
        if name in self._corrupted:
            raise ObjectCorrupted(f"{name}: the bytes are not the bytes that were written")
        return self._objects[name]

    def exists(self, name: str) -> bool:
        return check_name(name) in self._objects

    def list_names(self, prefix: str) -> list[str]:
        folder_of_prefix(prefix)
        return sorted(name for name in list(self._objects) if name.startswith(prefix))

    def delete(self, name: str) -> None:
        with self._lock:
            self._objects.pop(check_name(name), None)

    def corrupt(self, name: str) -> None:
        self._corrupted.add(name)


@dataclass
class RecordingNotifier:
    """Remembers every alert as (severity, title, detail) and every message as (title, text, html)."""

    alerts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    messages: list[tuple[str, str, str | None]] = field(default_factory=list)

    def send_alert(self, severity: str, title: str, detail: Mapping[str, Any]) -> None:
        self.alerts.append((severity, title, dict(detail)))

    def send_message(self, title: str, text: str, html: str | None = None) -> None:
        self.messages.append((title, text, html))

    def wait_until_sent(self, seconds: float) -> bool:
        return True


@dataclass
class RecordingBus:
    """Remembers what was published and of dead letters; with `down` it refuses both."""

    down: bool = False
    published: list[Event] = field(default_factory=list)
    dead_letters: list[tuple[bytes, str, str]] = field(default_factory=list)

    def publish(self, event: Event) -> None:
        self._refuse_when_down()
        self.published.append(event)

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        self._refuse_when_down()
        self.dead_letters.append((body, reason, subscription))

    def _refuse_when_down(self) -> None:
        if self.down:
            raise Unavailable("the bus is down")


def ports(
    warehouse: Warehouse,
    objects: ObjectStore | None = None,
    bus: EventBus | None = None,
    notifier: Notifier | None = None,
    **settings: Any,
) -> Ports:
    """Return ports with a fake wherever none is given; `settings` are fields of Settings."""
    return Ports(
        objects=objects if objects is not None else InMemoryObjectStore(),
        warehouse=warehouse,
        bus=bus if bus is not None else RecordingBus(),
        notifier=notifier if notifier is not None else RecordingNotifier(),
        settings=Settings(**settings),
    )
