"""The shell around every step: decode, step, publish, answer. Pub/Sub reads only the status."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Literal

from shared.errors import Rejected, StillWorking, Unavailable
from shared.messaging import envelope
from shared.ports import Ports, Step

log = logging.getLogger(__name__)

DONE = "done"
_PARKED, _WORKING = "parked: ", "working: "
BUG_PATIENCE = 5  # deliveries before an unexpected error is parked like a rejected one


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bus is told: 200 done or parked, 503 come again, 500 a bug."""

    status: int
    text: str

    @property
    def outcome(self) -> Literal["done", "parked", "working", "unavailable", "bug"]:
        """Return in one word what came of the delivery."""
        if self.status == 200:
            return "parked" if self.text.startswith(_PARKED) else "done"
        if self.status == 503:
            return "working" if self.text.startswith(_WORKING) else "unavailable"
        return "bug"


def handle(body: bytes, step: Step, ports: Ports, clock: Callable[[], datetime]) -> Answer:
    """Answer one push body, and log one line that says what came of it and how long it took, in seconds."""
    started = monotonic()
    answer = _answered(body, step, ports, clock)
    told = {"outcome": answer.outcome, "status": answer.status, "seconds": round(monotonic() - started, 3)}
    log.info("delivery", extra={"fields": {**told, "attempt": envelope.postmark(body).attempt}})
    return answer


def _answered(body: bytes, step: Step, ports: Ports, clock: Callable[[], datetime]) -> Answer:
    """Run `step` on one push body and publish what it returns.

    Rejected is parked and acknowledged; Unavailable is answered 503; anything else is a bug: 500, and
    parked from the fifth delivery on. A result that cannot be announced is answered 503: redelivery
    finds the work done and announces it.
    """
    try:
        delivery = envelope.delivery(body)
        facts = list(step(delivery.event, ports, clock()))
        for fact in facts:
            ports.bus.publish(fact)
    except Rejected as error:
        return _park(body, error, ports)
    except StillWorking as error:
        return Answer(503, f"{_WORKING}{error}")
    except Unavailable as error:
        log.warning("unavailable: %s", error)
        return Answer(503, str(error))
    except Exception as error:
        log.exception("bug")
        patient = envelope.postmark(body).attempt < BUG_PATIENCE
        return Answer(500, f"{type(error).__name__}: {error}") if patient else _park(body, error, ports)
    return Answer(200, DONE)


def _park(body: bytes, error: Exception, ports: Ports) -> Answer:
    reason = f"{type(error).__name__}: {error}"
    log.error("parked: %s", reason)
    try:
        ports.bus.park(body, reason, envelope.postmark(body).subscription)
    except Exception as failure:  # a delivery that is neither parked nor refused would be lost
        log.exception("could not park")
        return Answer(503, f"could not park {reason!r}: {failure}")
    ports.notifier.alert("critical", "delivery parked", {"reason": reason})
    return Answer(200, f"{_PARKED}{reason}")
