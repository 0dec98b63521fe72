"""Serves a release: loads a new one beside the old, checks it, then swaps in one assignment."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic
from typing import Any, Literal

import msgspec

from services.predict_api.metrics import Metrics
from services.predict_api.problems import NotReady
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.release_check import ReleaseCheck
from services.predict_api.serving.release_loader import find_damage, load_release
from shared.errors import Rejected, Unavailable
from shared.modeling.registry import Release, current_release, releases_before
from shared.ports import ObjectStore
from shared.storage.first_start import FirstStart, load_first_start

log = logging.getLogger(__name__)

Severity = Literal["warning", "critical"]
Alert = Callable[[Severity, str, Mapping[str, Any]], None]  # as `Notifier.send_alert`

POLL_INTERVAL = 30.0  # seconds between checks of the pointer
FILE_CHECK_INTERVAL = 600.0  # seconds between checks of the served files
FIRST_POLL_INTERVAL = 1.0  # while nothing is released yet
MAX_EARLIER_RELEASES = 24  # releases that are tried where the newest is refused: those of a week and more


def no_alert(_severity: Severity, _title: str, _detail: Mapping[str, Any]) -> None:
    """Send no alert."""


@dataclass(frozen=True)
class ReleaseSwap:
    """The last swap, and which newer release was refused and why."""

    seconds: float = 0.0
    release_check: ReleaseCheck | None = None
    refused_release: str | None = None
    refused: str | None = None  # its number, and why

    def to_dict(self) -> dict[str, Any]:
        """Return it for readers."""
        return {"seconds": round(self.seconds, 3), "trial": msgspec.to_builtins(self.release_check)}


@dataclass
class ReleaseManager:
    """Holds exactly one release.

    One that does not load or answers wrongly is refused: the one that is served stays, and where none is
    served yet, the newest earlier one that is complete is served. A refused release is tried again at
    every check, so that it is served once its files are complete.

    `store_forecasts` is called before a release is served, `on_released` once it is, `alert` when one is
    refused or served without a challenger.
    """

    objects: ObjectStore
    metrics: Metrics = field(default_factory=lambda: Metrics("0"))
    timer: Callable[[], float] = monotonic
    store_forecasts: Callable[[Forecaster], None] = lambda _forecaster: None
    on_released: Callable[[], None] = lambda: None
    alert: Alert = no_alert
    last_swap: ReleaseSwap = field(default_factory=ReleaseSwap, init=False)
    _served: Forecaster | None = field(default=None, init=False)
    damaged_files: Mapping[str, str] = field(default_factory=dict, init=False)  # of what is served, and why
    _checked_at: float = field(default=float("-inf"), init=False)
    _reported_release: str = field(default="", init=False)  # the release refused last: reported once
    _polled_at: float = field(default=float("-inf"), init=False)
    _load_lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    @property
    def served_forecaster(self) -> Forecaster | None:
        """Return what is served now, without waiting for the first release or reading the store."""
        return self._served

    def wait_for_forecaster(self) -> Forecaster | None:
        """Return what is served.

        Callers wait for the first release; later checks of the pointer never delay an answer.
        """
        if self._served is None:
            self._load_first()
        elif self._is_poll_due(POLL_INTERVAL):
            self._polled_at = self.timer()
            threading.Thread(target=self.poll, name="release", daemon=True).start()
        return self._served

    def require_forecaster(self) -> Forecaster:
        """Return what is served; raises NotReady."""
        forecaster = self.wait_for_forecaster()
        if forecaster is None:
            raise NotReady(self.last_swap.refused, self._load_first_start())
        return forecaster

    def _load_first_start(self) -> FirstStart | None:
        try:
            return load_first_start(self.objects)
        except Unavailable:  # the answer is the same, without its reason
            return None

    def _load_first(self) -> None:
        with self._load_lock:  # a caller that waited finds it loaded
            if self._served is None and self._is_poll_due(
                POLL_INTERVAL if self.last_swap.refused else FIRST_POLL_INTERVAL
            ):
                self.poll()

    def _is_poll_due(self, after: float) -> bool:
        return self.timer() - self._polled_at > after

    def poll(self) -> None:
        """Serve the newest release where there is one; one that cannot be served is reported once."""
        try:
            self.serve_newest()
            self._check_files()
        except Rejected as error:
            log.debug("the newest release is still refused: %s", error)
        except Unavailable as error:
            log.warning("the newest release cannot be read now; the one before is served: %s", error)
        except Exception:  # whatever a release does to its loading, the one before answers
            log.exception("bug in loading the newest release; the one before stays")

    def serve_newest(self) -> None:
        """Serve the newest release; raises what loading or checking it raises.

        Then the one that is served stays, or an earlier one takes its place.
        """
        with self._load_lock:
            self._polled_at = self.timer()
            release = current_release(self.objects)
            if release is None or not release.models or self._is_served(release):
                return
            try:
                self._load_and_swap(release)
            except Unavailable:
                raise
            except Exception as error:
                if self._served is None:
                    self._serve_earlier(release)
                self._report_refusal(release, error)
                raise

    def _serve_earlier(self, refused: Release) -> None:
        """Serve the newest complete release before a refused one, if any."""
        earlier = (one for one in releases_before(self.objects, refused.number) if one.models)
        for release in islice(earlier, MAX_EARLIER_RELEASES):
            try:
                self._load_and_swap(release)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a release does to its loading
                log.warning("release %s is refused too: %s", release.id, error)
            else:
                return

    def _check_files(self) -> None:
        """Report served files that are damaged; the copy in memory keeps serving."""
        with self._load_lock:
            if self._served is None or self.timer() - self._checked_at <= FILE_CHECK_INTERVAL:
                return
            self._checked_at = self.timer()
            found = find_damage(self.objects, self._served.release)
            if found and found != self.damaged_files:
                log.error("files of release %s are damaged: %s", self._served.release.id, found)
                self.alert("critical", "files of the served release are damaged", found)
            self.damaged_files = found

    def _load_and_swap(self, release: Release) -> None:
        began = self.timer()
        new, release_check = load_release(self.objects, release, self._served)
        self.store_forecasts(new)
        self._served, self.last_swap = new, ReleaseSwap(self.timer() - began, release_check)
        self._checked_at = self.timer()  # its files were read just now
        self.metrics.increment("swaps", "served")
        self.on_released()
        log.info("serving release %s", release.id, extra={"fields": self.last_swap.to_dict()})
        if new.left_out:
            self.alert("warning", "challenger left out", {"release": release.id, **new.left_out})

    def _report_refusal(self, release: Release, error: Exception) -> None:
        self.last_swap = replace(self.last_swap, refused_release=release.id, refused=f"{release.id}: {error}")
        self.metrics.increment("swaps", "refused")
        if self._reported_release != release.id:
            self._reported_release = release.id
            serving = self._served.release.id if self._served else None
            log.error("release %s is refused: %s", release.id, error, exc_info=error.__cause__)
            self.alert(
                "critical", "release refused", {"release": release.id, "why": str(error), "serving": serving}
            )

    def _is_served(self, release: Release) -> bool:
        """A number only ever rises: a lower one is current where the served one's pointer is damaged."""
        return self._served is not None and self._served.release.number >= release.number
