"""What hosts call: a push answered in time, and a job for work that may outlast a push.

A push whose work runs as a job is answered "come again" until the job is done, so that a job that dies
is started anew by the next delivery.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, NoReturn

from shared.errors import Rejected, StillWorking, TokenRefused, Unavailable
from shared.messaging import envelope
from shared.messaging.delivery import DONE, Answer, handle
from shared.messaging.events import Event
from shared.messaging.lease import Lease, Standing
from shared.messaging.topology import Lane, lane_of
from shared.ports import JobRunner, Ports, Step
from shared.runtime import ports_factory
from shared.runtime.data_world import read_world

log = logging.getLogger(__name__)

LONGEST_JOB = timedelta(minutes=65)  # a little more than the timeout of the jobs in rooms.json
OutlivesPush = Callable[[Any], bool]


def entry_point(
    step: Step, *, told_in: str | None = None, outlives_push: OutlivesPush = lambda _event: False
) -> Callable[[Any], tuple[str, int]]:
    """Return the plain HTTP function for a step; its world is built on the first push.

    `told_in` names the object in which the step says what it did: the text of a good answer.
    `outlives_push` tells the events that are worked on in a job, where the deployment has one. A GET is
    answered 200: the host is alive.
    """

    @cache
    def host() -> _Host:
        return _host(step, outlives_push)

    def answer(request: Any) -> tuple[str, int]:
        if request.method == "GET":
            return "waiting for pushes\n", HTTPStatus.OK
        try:
            told = host().answer(request.get_data(), request.headers)
        except TokenRefused as refusal:
            return str(refusal), HTTPStatus.UNAUTHORIZED
        except Unavailable as error:  # who sent the push cannot be told now
            return str(error), HTTPStatus.SERVICE_UNAVAILABLE
        said = host().said(told_in) if told.text == DONE and told_in else None
        return told.text if said is None else said, told.status

    return answer


def run_job(step: Step) -> NoReturn:
    """Work on the push body that the settings hold, and exit 0 when it is done or parked."""
    body = ports_factory.settings().job_body.encode()
    host = _host(step, lambda _event: False)
    with ports_factory.delivery_log(body):
        answer = host.work(body)
        lease = host.lease(body, envelope.delivery(body).event)
        (lease.finish if answer.status == HTTPStatus.OK else lease.give_up)()
    sys.exit(answer.status != HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class _Host:
    step: Step
    outlives_push: OutlivesPush
    gate: Callable[[str | None], None]
    jobs: JobRunner | None
    ports: Callable[[Lane], Ports]

    def answer(self, body: bytes, headers: Any) -> Answer:
        """Answer one push; raises TokenRefused for one that is not from our bus."""
        self.gate(headers.get("Authorization"))
        with ports_factory.delivery_log(body, headers):
            return self.work(body)

    def work(self, body: bytes) -> Answer:
        """Do the step, or have it done in a job."""

        def step(event: Event, ports: Ports, now: datetime) -> Iterable[Event]:
            if self.jobs and self.outlives_push(event):
                return _done_in_a_job(self.jobs, self.lease(body, event), body)
            return self.step(event, ports, now)

        answer = handle(body, step, self._ports(body), self._now)
        if answer.text == DONE:
            self._tell()
        return answer

    def lease(self, body: bytes, event: Event) -> Lease:
        """Return the lease on an event's work."""
        delivery = envelope.postmark(body).message_id
        return Lease(self._ports(body).objects, event.event_id, delivery, ports_factory.utc_now, LONGEST_JOB)

    def _tell(self) -> None:
        """Log what the room says of itself, for those who read logs instead of objects."""
        said = self.said(f"status/{self.step.__module__.split('.')[1]}.json")
        if said is not None:
            log.info("status", extra={"fields": {"told": json.loads(said)}})

    def said(self, name: str) -> str | None:
        """Return a status object as it stands; None where it cannot be read, which spoils no work done."""
        try:
            said = self.ports("live").objects.get(name).decode()
            json.loads(said)
        except (Rejected, Unavailable, ValueError) as error:
            log.warning("%s cannot be told: %s", name, error)
            return None
        return said

    def _ports(self, body: bytes) -> Ports:
        return self.ports(lane_of(envelope.postmark(body).subscription))

    def _now(self) -> datetime:
        return read_world(self.ports("live").objects).time(ports_factory.utc_now)


def _host(step: Step, outlives_push: OutlivesPush) -> _Host:
    settings = ports_factory.settings()
    ports_factory.configure_logging(settings, step.__module__)

    @cache
    def ports(lane: Lane) -> Ports:
        return ports_factory.build(settings, lane=lane)

    return _Host(
        step, outlives_push, ports_factory.push_gate(settings), ports_factory.job_runner(settings), ports
    )


def _done_in_a_job(jobs: JobRunner, lease: Lease, body: bytes) -> list[Event]:
    """Return nothing to announce once the job is done: it announced what it did by itself."""
    if lease.standing() is Standing.DONE:
        return []
    if lease.take():
        try:
            jobs.start(body)
        except BaseException:
            lease.give_up()
            raise
    raise StillWorking("its job is running: come again")
