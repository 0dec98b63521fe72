"""A home that a run might have left: a release with four models, one event waiting, one dead letter."""

import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from services.collector import status
from services.predict_api.app import create_app
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.messaging.envelope import Message, event_attributes, push_body
from shared.messaging.events import DataCollected, Ticked
from shared.runtime.data_world import DataWorld, write_world
from tests.unit.services.predict_api.release_store import AS_OF, NOW, fill

REASON = "ObjectCorrupted: staging/run-1/0/people-0123.parquet: the bytes are not the bytes that were written"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the stores."""
    objects, bus = FolderStore(tmp_path / "objects"), LocalBus(tmp_path / "queue.sqlite")
    fill(objects)
    write_world(objects, DataWorld("two clubs", NOW))
    status.save_status(
        objects, status.CollectorStatus("collected", None, (AS_OF,), (1,), "regular", "run-1", NOW)
    )
    bus.publish(Ticked(run_id="run-2", occurred_at=NOW))
    bus.dead_letter(_collected(), REASON, "data.collected--validator")
    return tmp_path


class Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(home: Path) -> Iterator[str]:
    """The address of an API on the stores."""
    api = create_app(FolderStore(home / "objects"), lambda: NOW)
    with make_server("127.0.0.1", 0, api, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _collected() -> bytes:
    facts = {"dates": (AS_OF,), "season_phase": "regular", "manifest": "staging/run-1/0/m.json", "counts": {}}
    event = DataCollected(run_id="run-1", occurred_at=NOW, **facts)
    told = Message(event.model_dump_json().encode(), event_attributes(event), "1", NOW)
    return push_body(told, "data.collected--validator", 1)
