"""The release that is served: loaded whole beside the old one, then swapped in one assignment."""

import logging
import threading
from collections.abc import Callable
from time import monotonic

from services.predict_api.forecaster import Forecaster
from shared.errors import Rejected, Unavailable
from shared.model import Model
from shared.ports import ObjectStore
from shared.registry import ModelRef, Release, current_release, load_model
from shared.snapshot import load
from shared.world import read_world

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = 30.0  # seconds between looks at the pointer


class Shelf:
    """Holds exactly one release. A release that does not load leaves the old one standing."""

    def __init__(self, objects: ObjectStore, timer: Callable[[], float] = monotonic) -> None:
        self._objects, self._timer = objects, timer
        self._loading = threading.Lock()
        self._looked_at = float("-inf")
        self._current: Forecaster | None = None

    def current(self) -> Forecaster | None:
        """Return what is served, after a look at the pointer if the last one is half a minute old."""
        if self._timer() - self._looked_at > LOOK_AGAIN_AFTER:
            try:
                self.refresh()
            except (Rejected, Unavailable):
                log.exception("the newest release does not load; the old one keeps serving")
        return self._current

    def refresh(self) -> None:
        """Serve the newest release. Raises what loading it raises; the old one keeps serving then."""
        with self._loading:
            self._looked_at = self._timer()
            release = current_release(self._objects)
            if release is None or not release.models or self._serves(release):
                return
            self._current = self._load(release)
            log.info("serving release %s", release.id)

    def _serves(self, release: Release) -> bool:
        return self._current is not None and self._current.release.number == release.number

    def _load(self, release: Release) -> Forecaster:
        models = {target: self._model(ref) for target, ref in release.models.items()}
        snapshot, world = load(release.snapshot, self._objects), read_world(self._objects)
        return Forecaster(release, snapshot, models, world.label)

    def _model(self, ref: ModelRef) -> Model:
        if self._current and self._current.release.models.get(ref.target) == ref:
            return self._current.models[ref.target]
        return Model.load(*load_model(self._objects, ref))
