"""Handles a push: decode the event, run the step, publish its events, respond with a status."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Literal

from shared.errors import JobStillRunning, Rejected, Unavailable
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetterRecord, record_dead_letter
from shared.ports import Ports, Step

log = logging.getLogger(__name__)

DONE = "done"
_DEAD_LETTER, _WORKING = "dead letter: ", "working: "
MAX_BUG_DELIVERIES = 5  # deliveries before an unexpected error becomes a dead letter


@dataclass(frozen=True, slots=True)
class PushResponse:
    """The response to the bus: 200 done or dead letter, 503 retry, 500 a bug."""

    status: int
    text: str

    @property
    def outcome(self) -> Literal["done", "dead_letter", "working", "unavailable", "bug"]:
        """Return the outcome in one word."""
        if self.status == 200:
            return "dead_letter" if self.text.startswith(_DEAD_LETTER) else "done"
        if self.status == 503:
            return "working" if self.text.startswith(_WORKING) else "unavailable"
        return "bug"


def handle_delivery(body: bytes, step: Step, ports: Ports, clock: Callable[[], datetime]) -> PushResponse:
    """Handle one push body; log its outcome and duration in seconds."""
    started = monotonic()
    response = _run_step(body, step, ports, clock)
    details = {
        "outcome": response.outcome,
        "status": response.status,
        "seconds": round(monotonic() - started, 3),
    }
    log.info("delivery", extra={"fields": {**details, "attempt": envelope.parse_metadata(body).attempt}})
    return response


def _run_step(body: bytes, step: Step, ports: Ports, clock: Callable[[], datetime]) -> PushResponse:
    """Run `step` on one push body and publish what it returns.

    Rejected becomes a dead letter and is acknowledged; Unavailable gives 503; anything else is a bug: 500,
    and a dead letter from the fifth delivery on. If an event cannot be published the response is 503: the
    redelivery finds the work done and publishes again.
    """
    try:
        delivery = envelope.parse_delivery(body)
        events = list(step(delivery.event, ports, clock()))  # all of them, before the first is published
        for event in events:
            ports.bus.publish(event)
    except Rejected as error:
        return _dead_letter(body, error, ports, clock())
    except JobStillRunning as error:
        return PushResponse(503, f"{_WORKING}{error}")
    except Unavailable as error:
        log.warning("unavailable: %s", error)
        return PushResponse(503, str(error))
    except Exception as error:
        log.exception("bug")
        if envelope.parse_metadata(body).attempt >= MAX_BUG_DELIVERIES:
            return _dead_letter(body, error, ports, clock())
        return PushResponse(500, f"{type(error).__name__}: {error}")
    return PushResponse(200, DONE)


def _dead_letter(body: bytes, error: Exception, ports: Ports, now: datetime) -> PushResponse:
    reason = f"{type(error).__name__}: {error}"
    log.error("dead letter: %s", reason)
    metadata = envelope.parse_metadata(body)
    try:
        ports.bus.dead_letter(body, reason, metadata.subscription)
    except Exception as failure:  # neither stored nor refused, the delivery would be lost
        log.exception("could not store the dead letter")
        return PushResponse(503, f"could not store the dead letter {reason!r}: {failure}")
    record = DeadLetterRecord(now, metadata.subscription, metadata.run_id, reason)
    record_dead_letter(ports.objects, body, record)
    ports.notifier.send_alert("critical", "delivery became a dead letter", {"reason": reason})
    return PushResponse(200, f"{_DEAD_LETTER}{reason}")
