"""Stores as the rooms leave them after two days: two games loaded, their raw bodies, a release, nothing broken."""

from datetime import UTC, datetime
from pathlib import Path

from services.loader.step import step
from services.predict_api.serving.recording import store_missing
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.messaging.delivery import handle_delivery
from shared.messaging.events import DataValidated
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from tests.unit.services.loader.batches import MONDAY, NOW, TUESDAY, Batch, line, whole_game
from tests.unit.services.predict_api.release_store import fill

WORLD = DataWorld("two clubs", datetime(2026, 5, 2, 12, tzinfo=UTC))
OLD = "raw/mlb_stats_api/2026-04-06/1/old.json.zst"
NEEDED = "raw/mlb_stats_api/2026-04-06/2/needed.json.zst"  # Tuesday's game was read from it
NEW = "raw/mlb_stats_api/2026-04-07/2/new.json.zst"
GAMES = (whole_game(1, MONDAY), whole_game(2, TUESDAY, run_id="run-2", raw_object=NEEDED))
UNFIT = Batch({"player_stats_historical": [line(3, 100, hits="many")]}, run_id="run-3", games=(3,))


def stock(home: Path) -> None:
    """Make the stores below `home`."""
    objects = FolderStore(home / "objects")
    fill(objects)
    store_missing(objects, lambda: WORLD.now)
    write_world(objects, WORLD)
    for name in (OLD, NEEDED, NEW):
        objects.write_once(name, name.encode())
    for batch in GAMES:
        load(home, batch)


def load(home: Path, batch: Batch) -> None:
    """Load a batch as the loader's room would: announced when it stands, parked when it cannot."""
    deliver(home, batch.validated(FolderStore(home / "objects")))


def deliver(home: Path, event: DataValidated) -> None:
    """Announce an event and deliver it to the loader alone."""
    ports = create_ports(Settings(home=home))
    bus = LocalBus(home / "queue.sqlite")
    try:
        bus.publish(event)
        bus.run_until_idle({"loader": lambda body: handle_delivery(body, step, ports, lambda: NOW)})
    finally:
        if isinstance(ports.warehouse, DuckDbWarehouse):
            ports.warehouse.close()
