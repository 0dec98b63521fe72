"""The features step: recomputes states and features from the warehouse, checks them, publishes a snapshot."""

import logging
from datetime import date, datetime, timedelta

from services.features import feature_groups, publish, warehouse
from services.features.input_fingerprints import InputFingerprints, first_changed_day, read_fingerprints
from services.features.leak_check import check
from services.features.rebuild import FeatureBuild
from shared.errors import Unavailable
from shared.messaging.events import DataLoaded, FeaturesCreated
from shared.ports import Ports
from shared.sports.mlb.states import States

log = logging.getLogger(__name__)

_WEEK_CHECK_TRIGGERS = {"weekly", "monthly"}
MAX_PUSH_SPAN = timedelta(days=31)  # a month is recomputed well within the ten minutes of a push


def is_long_rebuild(event: DataLoaded) -> bool:
    """Return whether the oldest loaded day is long ago: every day since may be recomputed, in a job."""
    return event.occurred_at.date() - min(event.dates, default=event.occurred_at.date()) > MAX_PUSH_SPAN


def step(event: DataLoaded, ports: Ports, now: datetime) -> list[FeaturesCreated]:
    """Recompute from the first day whose inputs changed, and publish a snapshot.

    Inputs are read from the warehouse, not from the event: the same games give the same tables in whatever
    order and number events are delivered. Where nothing changed, the event names the same snapshot again.
    A build that fails publishes nothing: the last snapshot stays and the status has the reason.

    Raises:
        LeakFound: sampled rows change once the future is removed.
        CriticalGroupMissing: an input or value that every forecast needs is missing.
    """
    try:
        published = _build_and_publish(event, ports, now)
    except Exception as error:
        _report_failure(event, ports, now, error)
        raise
    return [
        FeaturesCreated(
            run_id=event.run_id,
            attempt=event.attempt,
            occurred_at=now,
            dates=published.dates,
            snapshot=published.snapshot,
            as_of=published.as_of,
            rows_sampled=published.rows_sampled,
            mismatches=0,
            trigger=event.trigger,
        )
    ]


def _build_and_publish(event: DataLoaded, ports: Ports, now: datetime) -> publish.PublishedSnapshot:
    warehouse.ensure_tables(ports.warehouse)
    input_coverage = feature_groups.read_input_coverage(ports.warehouse, now.date())
    feature_groups.require_inputs(input_coverage)
    inputs = read_fingerprints(ports.warehouse)
    known = warehouse.query_named(ports.warehouse, "known_days")
    status = publish.last_status(ports.objects)
    missing = status.missing.values() if status else ()
    changed = (first_changed_day(inputs, known), *missing, event.rebuild_from)
    first_changed = min(filter(None, changed), default=None)
    states = _states_before(ports, inputs, first_changed, event.dates)
    rebuild = FeatureBuild(ports, inputs, event.run_id, now)
    if first_changed is not None:
        rebuild.delete_days(
            [day for day in known["as_of"] if day >= first_changed and day not in inputs.hashes]
        )
        states = rebuild.build_days(states, [day for day in inputs.hashes if day >= first_changed])
    _recheck_last_week(event, rebuild, states.as_of, status)
    group_reports = feature_groups.report_groups(
        rebuild.report.counts, input_coverage, rebuild.report.build_seconds
    )
    rebuild.report.without_values = rebuild.report.counts.columns_without_values(input_coverage.newest)
    found = feature_groups.find_problems(group_reports, rebuild.report.missing, rebuild.report.without_values)
    before = (
        feature_groups.find_problems(status.families, status.missing, status.without_values) if status else {}
    )
    feature_groups.send_alerts(ports.notifier, event.run_id, found, before)
    published = publish.publish_snapshot(ports, states, inputs.latest_hash, rebuild.report, group_reports)
    log.info("features as of %s, %d days recomputed", published.as_of, len(rebuild.report.days))
    return published


def _recheck_last_week(
    event: DataLoaded, rebuild: FeatureBuild, as_of: date, status: publish.FeatureStatus | None
) -> None:
    """Recompute the whole last week if the last such check is a week old, or in a weekly or monthly run.

    After a build of more days than a week, such as the first, the next check is due a week later: that build
    has just checked a sample of its days.
    """
    last = status.week_proved_on if status else None
    if last is None or len(rebuild.report.days) > check.WEEK.days:
        rebuild.report.week_proved_on = as_of
    elif as_of - last >= check.WEEK or (event.trigger in _WEEK_CHECK_TRIGGERS and as_of > last):
        rebuild.recheck_week(as_of)
    else:
        rebuild.report.week_proved_on = last


def _report_failure(event: DataLoaded, ports: Ports, now: datetime, error: Exception) -> None:
    if isinstance(error, feature_groups.CriticalGroupMissing):
        detail = {"run_id": event.run_id, "reason": str(error)}
        ports.notifier.send_alert("critical", "features miss a critical family", detail)
    try:
        publish.write_failure(ports.objects, event.run_id, now, error)
    except Unavailable as unwritten:  # the build's own error is the one to raise
        log.warning("%s: expected to record the failed build, got: %s", publish.STATUS_OBJECT, unwritten)


def _states_before(
    ports: Ports, inputs: InputFingerprints, first_changed: date | None, event_dates: tuple[date, ...]
) -> States:
    """Return the states before the build: the last snapshot's if they fit, else the warehouse's."""
    if not inputs.hashes:
        return States.empty(min(event_dates, default=date(1970, 1, 2)))
    first = first_changed or inputs.ordered_days[-1] + timedelta(days=1)
    if first <= inputs.ordered_days[0]:  # a snapshot of nothing may be of another day
        return States.empty(inputs.ordered_days[0])
    known = publish.load_published_states(ports.objects, inputs.hash_before(first))
    return known or warehouse.states_before(ports.warehouse, first)
