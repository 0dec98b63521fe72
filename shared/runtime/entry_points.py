"""Entry points of the services: an HTTP function for pushes, and a job for work that outlasts a push.

A push whose work runs as a job gets status 503 until the job is done, so that the next delivery restarts
a job that died.
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

from shared.errors import JobStillRunning, Rejected, TokenRefused, Unavailable
from shared.messaging import envelope
from shared.messaging.delivery import DONE, PushResponse, handle_delivery
from shared.messaging.events import Event
from shared.messaging.lease import Lease, LeaseState
from shared.messaging.topology import Lane, lane_of
from shared.ports import JobRunner, Ports, Step
from shared.runtime import ports_factory
from shared.runtime.data_world import read_world

log = logging.getLogger(__name__)

SEND_WITHIN_S = 5.0  # a host may stop the process's threads once a push is answered
MAX_JOB_DURATION = timedelta(minutes=65)  # a little more than the timeout of the jobs in services.json
OutlivesPush = Callable[[Any], bool]


def entry_point(
    service: str,
    step: Step,
    *,
    status_object: str | None = None,
    outlives_push: OutlivesPush = lambda _event: False,
) -> Callable[[Any], tuple[str, int]]:
    """Return the plain HTTP function of a service; its ports are created on the first push.

    `status_object` names the object with the step's status, which is the body of a successful response.
    `outlives_push` selects the events that run in a job, if the deployment has one. A GET returns 200 as
    a health check.

    Example:
        collect = entry_point("collector", step, status_object="status/collector.json")
    """

    @cache
    def cached_host() -> _Host:
        return _create_host(service, step, outlives_push)

    def answer_request(request: Any) -> tuple[str, int]:
        if request.method == "GET":
            return "waiting for pushes\n", HTTPStatus.OK
        try:
            response = cached_host().answer_push(request.get_data(), request.headers)
        except TokenRefused as refusal:
            return str(refusal), HTTPStatus.UNAUTHORIZED
        except Unavailable as error:  # the sender cannot be verified now
            return str(error), HTTPStatus.SERVICE_UNAVAILABLE
        status_text = (
            cached_host().read_status(status_object) if response.text == DONE and status_object else None
        )
        return response.text if status_text is None else status_text, response.status

    return answer_request


def run_job(service: str, step: Step) -> NoReturn:
    """Handle the push body in the settings; exit 0 when it is done or a dead letter."""
    body = ports_factory.load_settings().run_job_payload.encode()
    host = _create_host(service, step, lambda _event: False)
    with ports_factory.delivery_log_context(body):
        answer = host.run_step(body)
        lease = host.lease_for(body, envelope.parse_delivery(body).event)
        (lease.mark_done if answer.status == HTTPStatus.OK else lease.release)()
    sys.exit(answer.status != HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class _Host:
    service: str
    step: Step
    outlives_push: OutlivesPush
    gate: Callable[[str | None], None]
    jobs: JobRunner | None
    ports: Callable[[Lane], Ports]

    def answer_push(self, body: bytes, headers: Any) -> PushResponse:
        """Answer one push; raises TokenRefused if it is not from our bus."""
        self.gate(headers.get("Authorization"))
        with ports_factory.delivery_log_context(body, headers):
            answer = self.run_step(body)
            self._ports_for(body).notifier.wait_until_sent(SEND_WITHIN_S)
            return answer

    def run_step(self, body: bytes) -> PushResponse:
        """Run the step here or in a job."""

        def step(event: Event, ports: Ports, now: datetime) -> Iterable[Event]:
            if self.jobs and self.outlives_push(event):
                return _run_as_job(self.jobs, self.lease_for(body, event), body)
            return self.step(event, ports, now)

        answer = handle_delivery(body, step, self._ports_for(body), self._world_time)
        if answer.text == DONE:
            self._log_status()
        return answer

    def lease_for(self, body: bytes, event: Event) -> Lease:
        """Return the lease on an event's work."""
        delivery = envelope.parse_metadata(body).message_id
        return Lease(
            self._ports_for(body).objects, event.event_id, delivery, ports_factory.utc_now, MAX_JOB_DURATION
        )

    def _log_status(self) -> None:
        """Log the service's status, for log-based metrics."""
        status_text = self.read_status(f"status/{self.service}.json")
        if status_text is not None:
            log.info("status", extra={"fields": {"details": json.loads(status_text)}})

    def read_status(self, name: str) -> str | None:
        """Return a status object; None if it cannot be read, which does not fail the delivery."""
        try:
            status_text = self.ports("live").objects.read_bytes(name).decode()
            json.loads(status_text)
        except (Rejected, Unavailable, ValueError) as error:
            log.warning("cannot read %s: %s", name, error)
            return None
        return status_text

    def _ports_for(self, body: bytes) -> Ports:
        return self.ports(lane_of(envelope.parse_metadata(body).subscription))

    def _world_time(self) -> datetime:
        return read_world(self.ports("live").objects).current_time(ports_factory.utc_now)


def _create_host(service: str, step: Step, outlives_push: OutlivesPush) -> _Host:
    settings = ports_factory.load_settings()
    ports_factory.configure_logging(settings, service)

    @cache
    def cached_ports(lane: Lane) -> Ports:
        return ports_factory.create_ports(settings, lane=lane)

    return _Host(
        service,
        step,
        outlives_push,
        ports_factory.create_push_check(settings),
        ports_factory.create_job_runner(settings),
        cached_ports,
    )


def _run_as_job(jobs: JobRunner, lease: Lease, body: bytes) -> list[Event]:
    """Return no events once the job is done: it published its own."""
    if lease.current_state() is LeaseState.DONE:
        return []
    if lease.try_acquire():
        try:
            jobs.start_job(body)
        except BaseException:
            lease.release()
            raise
    raise JobStillRunning("its job is running: retry later")
