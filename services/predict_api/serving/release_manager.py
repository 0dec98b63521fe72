"""The release that is served: loaded whole beside the one before, tried, then swapped in one assignment."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic
from typing import Any, Literal

import msgspec

from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.release_check import Trial
from services.predict_api.serving.release_loader import damaged, loaded
from services.predict_api.web.metrics import Metrics
from services.predict_api.web.problems import NotReady
from shared.errors import Rejected, Unavailable
from shared.modeling.registry import Release, current_release, releases_before
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

Severity = Literal["warning", "critical"]
Alert = Callable[[Severity, str, Mapping[str, Any]], None]  # as `Notifier.alert`

LOOK_AGAIN_AFTER = 30.0  # seconds between looks at the pointer
CHECK_AGAIN_AFTER = 600.0  # seconds between looks at the files of what is served
LOOK_SOON = 1.0  # while nothing is released yet
MOST_EARLIER = 24  # releases that are tried where the newest is refused: those of a week and more


def untold(_severity: Severity, _title: str, _detail: Mapping[str, Any]) -> None:
    """Alert nobody."""


@dataclass(frozen=True)
class Swap:
    """How the last release came to be served, and which newer one was refused and why."""

    seconds: float = 0.0
    trial: Trial | None = None
    refused_release: str | None = None
    refused: str | None = None  # its number, and why

    def told(self) -> dict[str, Any]:
        """Return it for readers."""
        return {"seconds": round(self.seconds, 3), "trial": msgspec.to_builtins(self.trial)}


@dataclass
class Shelf:
    """Holds exactly one release.

    One that does not load or answers wrongly is refused: the one that is served stays, and where none is
    served yet, the newest earlier one that is whole takes its place. A refused release is tried again at
    every look, so that it is served once its files are whole.

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
    _reported: str = field(default="", init=False)  # the release refused last: reported once
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
            raise NotReady(self.last_swap.refused)
        return forecaster

    def _look_first(self) -> None:
        with self._loading:  # whoever comes while it is loaded finds it loaded
            if self._current is None and self._is_due(
                LOOK_AGAIN_AFTER if self.last_swap.refused else LOOK_SOON
            ):
                self.look()

    def _is_due(self, after: float) -> bool:
        return self.timer() - self._looked_at > after

    def look(self) -> None:
        """Serve the newest release where there is one; one that cannot be served is reported once."""
        try:
            self.refresh()
            self._check_files()
        except Rejected as error:
            log.debug("the newest release is still refused: %s", error)
        except Unavailable as error:
            log.warning("the newest release cannot be read now; the one before stays: %s", error)
        except Exception:  # whatever a release does to its loading, the one before answers
            log.exception("bug in loading the newest release; the one before stays")

    def refresh(self) -> None:
        """Serve the newest release; raises what loading or trying it raises.

        Then the one that is served stays, or an earlier one takes its place.
        """
        with self._loading:
            self._looked_at = self.timer()
            release = current_release(self.objects)
            if release is None or not release.models or self._serves(release):
                return
            try:
                self._swap(release)
            except Unavailable:
                raise
            except Exception as error:
                if self._current is None:
                    self._serve_earlier(release)
                self._report_refusal(release, error)
                raise

    def _serve_earlier(self, refused: Release) -> None:
        """Serve the newest release before a refused one that is whole; none where there is none."""
        earlier = (one for one in releases_before(self.objects, refused.number) if one.models)
        for release in islice(earlier, MOST_EARLIER):
            try:
                self._swap(release)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a release does to its loading
                log.warning("release %s is refused too: %s", release.id, error)
            else:
                return

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
        new, trial = loaded(self.objects, release, self._current)
        self.store(new)
        self._current, self.last_swap = new, Swap(self.timer() - began, trial)
        self._checked_at = self.timer()  # its files were read just now
        self.metrics.count("swaps", "served")
        self.settle()
        log.info("serving release %s", release.id, extra={"fields": self.last_swap.told()})
        if new.left_out:
            self.alert("warning", "challenger left out", {"release": release.id, **new.left_out})

    def _report_refusal(self, release: Release, error: Exception) -> None:
        self.last_swap = replace(self.last_swap, refused_release=release.id, refused=f"{release.id}: {error}")
        self.metrics.count("swaps", "refused")
        if self._reported != release.id:
            self._reported = release.id
            serving = self._current.release.id if self._current else None
            log.error("release %s is refused: %s", release.id, error, exc_info=error.__cause__)
            self.alert(
                "critical", "release refused", {"release": release.id, "why": str(error), "serving": serving}
            )

    def _serves(self, release: Release) -> bool:
        """A number only ever rises: a lower one is current where the served one's pointer is damaged."""
        return self._current is not None and self._current.release.number >= release.number
