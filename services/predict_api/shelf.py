"""The release that is served: loaded whole beside the old one, tried, then swapped in one assignment."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

import msgspec

from services.predict_api.forecaster import Forecaster
from services.predict_api.loading import damaged, loaded
from services.predict_api.metrics import Metrics
from services.predict_api.problems import NotReady
from services.predict_api.trial import Trial
from shared.errors import Rejected, Unavailable
from shared.ports import ObjectStore
from shared.registry import Release, current_release

log = logging.getLogger(__name__)

Severity = Literal["warning", "critical"]
Alert = Callable[[Severity, str, Mapping[str, Any]], None]  # as `Notifier.alert`

LOOK_AGAIN_AFTER = 30.0  # seconds between looks at the pointer
CHECK_AGAIN_AFTER = 600.0  # seconds between looks at the files of what is served
LOOK_SOON = 1.0  # while nothing is served yet


def untold(_severity: Severity, _title: str, _detail: Mapping[str, Any]) -> None:
    """Alert nobody."""


@dataclass(frozen=True)
class Swap:
    """How the last release came to be served, and why a newer one was refused."""

    seconds: float = 0.0
    trial: Trial | None = None
    refused: str | None = None

    def told(self) -> dict[str, Any]:
        """Return it for readers."""
        return {"seconds": round(self.seconds, 3), "trial": msgspec.to_builtins(self.trial)}


@dataclass
class Shelf:
    """Holds exactly one release; one that does not load or answers wrongly leaves the old one standing.

    `store` is called before a release is served, `settle` once it is, `alert` when one is refused or served
    without a challenger.
    """

    objects: ObjectStore
    metrics: Metrics = field(default_factory=lambda: Metrics("0"))
    timer: Callable[[], float] = monotonic
    store: Callable[[Forecaster], None] = lambda _forecaster: None
    settle: Callable[[], None] = lambda: None
    alert: Alert = untold
    last_swap: Swap = field(default_factory=Swap, init=False)
    _current: Forecaster | None = field(default=None, init=False)
    damage: Mapping[str, str] = field(default_factory=dict, init=False)  # of what is served, and why
    _checked_at: float = field(default=float("-inf"), init=False)
    _told_of: str = field(default="", init=False)  # the release refused last, told of once
    _looked_at: float = field(default=float("-inf"), init=False)
    _loading: threading.RLock = field(default_factory=threading.RLock, init=False)

    @property
    def served(self) -> Forecaster | None:
        """Return what is served now, without waiting for the first release or reading the store."""
        return self._current

    def current(self) -> Forecaster | None:
        """Return what is served.

        Callers wait for the first release; later looks at the pointer never hold up an answer.
        """
        if self._current is None:
            self._look_first()
        elif self._is_due(LOOK_AGAIN_AFTER):
            self._looked_at = self.timer()
            threading.Thread(target=self.look, name="release", daemon=True).start()
        return self._current

    def ready(self) -> Forecaster:
        """Return what is served; raises NotReady."""
        forecaster = self.current()
        if forecaster is None:
            raise NotReady
        return forecaster

    def _look_first(self) -> None:
        with self._loading:  # whoever comes while it is loaded finds it loaded
            if self._current is None and self._is_due(LOOK_SOON):
                self.look()

    def _is_due(self, after: float) -> bool:
        return self.timer() - self._looked_at > after

    def look(self) -> None:
        """Serve the newest release where there is one; one that cannot be served is told in the log."""
        try:
            self.refresh()
            self._check_files()
        except Rejected:
            log.exception("the newest release is refused; the old one keeps serving")
        except Unavailable as error:
            log.warning("the newest release cannot be read now; the old one keeps serving: %s", error)
        except Exception:  # whatever a release does to its loading, the old one answers
            log.exception("bug in loading the newest release; the old one keeps serving")

    def refresh(self) -> None:
        """Serve the newest release; raises what loading or trying it raises: the old one then stays."""
        with self._loading:
            self._looked_at = self.timer()
            release = current_release(self.objects)
            if release is None or not release.models or self._serves(release):
                return
            self._swap(release)

    def _check_files(self) -> None:
        """Report files of what is served that are damaged by now; what is in memory keeps serving."""
        with self._loading:
            if self._current is None or self.timer() - self._checked_at <= CHECK_AGAIN_AFTER:
                return
            self._checked_at = self.timer()
            found = damaged(self.objects, self._current.release)
            if found and found != self.damage:
                log.error("files of release %s are damaged: %s", self._current.release.id, found)
                self.alert("critical", "files of the served release are damaged", found)
            self.damage = found

    def _swap(self, release: Release) -> None:
        began = self.timer()
        try:
            new, trial = loaded(self.objects, release, self._current)
        except Unavailable:
            raise
        except Exception as error:
            self._refused(release, error)
            raise
        self.store(new)
        self._current, self.last_swap = new, Swap(self.timer() - began, trial)
        self._checked_at = self.timer()  # its files were read just now
        self.metrics.count("swaps", "served")
        self.settle()
        log.info("serving release %s", release.id, extra={"fields": self.last_swap.told()})
        if new.left_out:
            self.alert("warning", "challenger left out", {"release": release.id, **new.left_out})

    def _refused(self, release: Release, error: Exception) -> None:
        self.last_swap = Swap(self.last_swap.seconds, self.last_swap.trial, f"{release.id}: {error}")
        self.metrics.count("swaps", "refused")
        if self._told_of != release.id:
            self._told_of = release.id
            serving = self._current.release.id if self._current else None
            self.alert(
                "critical", "release refused", {"release": release.id, "why": str(error), "serving": serving}
            )

    def _serves(self, release: Release) -> bool:
        """A number only ever rises: a lower one is current where the served one's pointer is damaged."""
        return self._current is not None and self._current.release.number >= release.number
