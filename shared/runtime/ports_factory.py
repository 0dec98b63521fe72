"""The composition root: creates ports and adapters from settings."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from os import environ
from typing import Any

from shared.errors import InvalidSetting, Rejected, TokenRefused, Unavailable
from shared.messaging import envelope
from shared.messaging.topology import Lane
from shared.notifications.ledger import SendLedger
from shared.notifications.outbox import Outbox, TargetSender
from shared.notifications.targets import Target, parse_targets
from shared.ports import JobRunner, Notifier, ObjectStore, Ports
from shared.runtime.data_world import read_world
from shared.runtime.settings import SM_PREFIX, Settings

# Adapters are imported where they are created: each deployment loads only its own.
# ruff: noqa: PLC0415

log = logging.getLogger(__name__)

TARGETS_WITHIN_S = 5.0  # how long a service's first push waits for the targets in Secret Manager
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time, UTC: the clock that entry points pass down."""
    return datetime.now(UTC)


def load_settings() -> Settings:
    """Return this deployment's settings; secret addresses (`sm://…`) are replaced by their secrets.

    API keys are not resolved here, as they may change while the API runs, nor are the targets of
    notifications, which stop no service.
    """
    read = Settings()
    texts = {name: value for name, value in read if isinstance(value, str) and name != "api_keys"}
    named = {name: resolved for name, value in texts.items() if (resolved := resolve_setting(value)) != value}
    return read.model_copy(update=named) if named else read


def resolve_setting(value: str, deadline_s: float = 30.0) -> str:
    """Return the secret if the value is a secret's address (`sm://…`), else the value."""
    if not value.startswith(SM_PREFIX):
        return value
    from shared.adapters.gcp.secrets import resolve_secret

    return resolve_secret(value, deadline=deadline_s)


def create_object_store(settings: Settings) -> ObjectStore:
    """Return the object store alone: enough for the API and the read-only commands."""
    if settings.project:
        from shared.adapters.gcp.cloud_storage import CloudStorageStore

        return CloudStorageStore(settings.project, settings.buckets)
    from shared.adapters.local.folder_store import FolderStore

    return FolderStore(settings.home / "objects")


def create_notifier(settings: Settings, clock: Clock = utc_now) -> Notifier:
    """Return the notifier; `clock` gives the time of alerts and of what was sent.

    Raises InvalidSetting for a target that cannot be used on one machine. In a project alerts also reach
    Cloud Monitoring, so there unusable targets are logged, and stop no service.
    """
    if settings.project:
        from shared.adapters.gcp.notifier import LogNotifier

        try:
            return LogNotifier(_create_outbox(settings, clock, LogNotifier().record_failure))
        except (InvalidSetting, Rejected, Unavailable, ImportError) as error:
            log.error("no notifications are sent: %s", error)  # noqa: TRY400 - the alerts matter
            return LogNotifier()
    from shared.adapters.local.notifier import LocalNotifier

    record_failure = LocalNotifier(settings.home, clock).record_failure
    return LocalNotifier(settings.home, clock, _create_outbox(settings, clock, record_failure))


def create_target_senders(settings: Settings) -> list[TargetSender]:
    """Return a sender for each target in the settings.

    Raises InvalidSetting for a target that cannot be used, Rejected and Unavailable where the targets are in
    Secret Manager and cannot be read.
    """
    try:
        targets = parse_targets(resolve_setting(settings.notify.get_secret_value(), TARGETS_WITHIN_S))
    except ValueError as error:
        raise InvalidSetting(f"HANKSTANK_NOTIFY: {error}") from None
    if not targets:
        return []
    from shared.adapters.apprise.channel import AppriseChannel

    return [TargetSender(AppriseChannel(target)) for target in targets]


def _create_outbox(settings: Settings, clock: Clock, on_failure: Callable[[Target, str], None]) -> Outbox:
    senders = create_target_senders(settings)
    if not senders:
        return Outbox()
    objects = create_object_store(settings)

    def describe_source() -> str:
        try:
            return f"Data: {read_world(objects).label}"
        except (Rejected, Unavailable) as error:
            return f"Data: unknown ({error})"

    return Outbox(senders, SendLedger(objects, clock), describe_source, on_failure)


def create_ports(settings: Settings, clock: Clock = utc_now, lane: Lane = "live") -> Ports:
    """Return the ports for `settings`; `clock` is for timers and timestamps."""
    return (_cloud_ports if settings.project else _local_ports)(settings, clock, lane)


def _local_ports(settings: Settings, clock: Clock, lane: Lane) -> Ports:
    from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
    from shared.adapters.local.durable_queue import LocalBus

    return Ports(
        objects=create_object_store(settings),
        warehouse=DuckDbWarehouse(settings.home / "warehouse.duckdb", clock=clock),
        bus=LocalBus(settings.home / "queue.sqlite", lane, clock=clock),
        notifier=create_notifier(settings, clock),
        settings=settings,
        lane=lane,
    )


def _cloud_ports(settings: Settings, clock: Clock, lane: Lane) -> Ports:
    from shared.adapters.gcp.bigquery_warehouse import BigQueryWarehouse
    from shared.adapters.gcp.pubsub_bus import PubSubBus

    return Ports(
        objects=create_object_store(settings),
        warehouse=BigQueryWarehouse(
            settings.project,
            settings.bigquery_location,
            settings.bytes_billed_cap,
            environ.get("K_SERVICE") or environ.get("CLOUD_RUN_JOB", "console"),
            clock,
        ),
        bus=PubSubBus(settings.project, lane),
        notifier=create_notifier(settings, clock),
        settings=settings,
        lane=lane,
    )


def create_push_check(settings: Settings) -> Callable[[str | None], None]:
    """Return the check of a push's Authorization header; it raises TokenRefused.

    On one machine and with the Pub/Sub emulator, which signs nothing, everybody on loopback may push.
    A deployment without a push sender in its settings refuses every push.
    """
    if not settings.in_cloud:
        return lambda _header: None
    if not (settings.push_service_account and settings.push_audience):
        return _refuse_push
    from shared.adapters.gcp.push_token import verify_behind_iam, verify_push

    check = verify_behind_iam if settings.pushes_checked_by_iam else verify_push
    return lambda header: check(header, settings.push_audience, settings.push_service_account)


def _refuse_push(_header: str | None) -> None:
    message = (
        "expected HANKSTANK_PUSH_SERVICE_ACCOUNT and HANKSTANK_PUSH_AUDIENCE to be set: every push is refused"
    )
    raise TokenRefused(message)


def create_job_runner(settings: Settings) -> JobRunner | None:
    """Return what starts this service's job: a Cloud Run job by its resource name, or a module in a child."""
    if not settings.run_job:
        return None
    if settings.run_job.startswith("projects/"):
        from shared.adapters.gcp.cloud_run_job import CloudRunJob

        return CloudRunJob(settings.run_job)
    from shared.adapters.local.child_job import ChildProcessJob

    return ChildProcessJob(settings.run_job)


def configure_logging(settings: Settings, service: str) -> None:
    """Write logs as JSON lines for Cloud Logging if the settings name a project; `service` is a label."""
    if settings.project:
        from shared.adapters.gcp.cloud_logging import configure_json_logging

        configure_json_logging(service)


def delivery_log_context(
    body: bytes, headers: Mapping[str, Any] | None = None
) -> AbstractContextManager[None]:
    """Label log lines inside the context with the delivery's run, topic, subscription and trace."""
    if not environ.get("HANKSTANK_PROJECT"):
        return nullcontext()
    from shared.adapters.gcp.cloud_logging import delivery_context

    return delivery_context(envelope.parse_metadata(body), headers or {})
