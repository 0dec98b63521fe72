"""A release that is served is out of the garbage collector's sight, and one that was is let go."""

import gc
import weakref

from services.predict_api.serving.gc_tuning import freeze_release
from services.predict_api.serving.release_manager import ReleaseManager
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import fill


class Ring:
    """Something that only the collector can let go."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_served_is_not_walked_again() -> None:
    try:
        freeze_release()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_what_was_served_is_let_go() -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    try:
        freeze_release()
        del ring
        freeze_release()
        assert gone() is None
    finally:
        gc.unfreeze()


def test_settles_when_a_release_begins_to_be_served(objects: InMemoryObjectStore) -> None:
    settled: list[int] = []
    shelf = ReleaseManager(objects, on_released=lambda: settled.append(1))
    shelf.require_forecaster()
    fill(objects, "run-2")
    shelf.serve_newest()
    shelf.serve_newest()
    assert len(settled) == 2
