"""data.loaded to features.created: states and rows brought level with what the warehouse holds, proved."""

import logging
from datetime import date, datetime, timedelta

from services.features import feature_groups, publish, warehouse
from services.features.input_fingerprints import Inputs, first_dirty, read
from services.features.leak_check import check
from services.features.rebuild import Rebuild
from shared.errors import Unavailable
from shared.messaging.events import DataLoaded, FeaturesCreated
from shared.ports import Ports
from shared.sports.mlb.states import States

log = logging.getLogger(__name__)

_WHOLE = {"weekly", "monthly"}
WIDE = timedelta(days=31)  # a month is recomputed well within the ten minutes that a push may take


def is_wide(event: DataLoaded) -> bool:
    """Return whether what was loaded may have a long way to the present: all of it is recomputed."""
    return event.occurred_at.date() - min(event.dates, default=event.occurred_at.date()) > WIDE


def step(event: DataLoaded, ports: Ports, now: datetime) -> list[FeaturesCreated]:
    """Recompute from the first day whose inputs changed, publish a snapshot, announce it.

    What was loaded is read from the warehouse, not from the event: whatever the order or number of
    deliveries, the same games leave the same tables; where nothing changed, the same snapshot is announced.
    Where it fails nothing is published, the last snapshot stays and the status says why.

    Raises:
        LeakFound: sampled rows change once the future is removed.
        CriticalFamilyMissing: there is nothing that a forecast could stand on.
    """
    try:
        standing = _built(event, ports, now)
    except Exception as error:
        _say_failed(event, ports, now, error)
        raise
    return [
        FeaturesCreated(
            run_id=event.run_id,
            attempt=event.attempt,
            occurred_at=now,
            dates=standing.dates,
            snapshot=standing.snapshot,
            as_of=standing.as_of,
            rows_sampled=standing.rows_sampled,
            mismatches=0,
            trigger=event.trigger,
        )
    ]


def _built(event: DataLoaded, ports: Ports, now: datetime) -> publish.Standing:
    warehouse.ensure(ports.warehouse)
    reach = feature_groups.seen(ports.warehouse, now.date())
    feature_groups.demand_inputs(reach)
    inputs = read(ports.warehouse)
    known = warehouse.ask(ports.warehouse, "known_days")
    said = publish.last_status(ports.objects)
    missing = said.missing.values() if said else ()
    dirty = min(filter(None, (first_dirty(inputs, known), *missing)), default=None)
    states = _states_before(ports, inputs, dirty, event.dates)
    rebuild = Rebuild(ports, inputs, event.run_id, now)
    if dirty is not None:
        rebuild.clear([day for day in known["as_of"] if day >= dirty and day not in inputs.hashes])
        states = rebuild.run(states, [day for day in inputs.hashes if day >= dirty])
    _prove_week(event, rebuild, states.as_of, said)
    reported = feature_groups.told(rebuild.done.account, reach, rebuild.done.seconds_building)
    standing = publish.publish(ports, states, inputs.tip, rebuild.done, reported)
    feature_groups.alert(ports.notifier, event.run_id, reported, rebuild.done.missing)
    log.info("features as of %s, %d days recomputed", standing.as_of, len(rebuild.done.days))
    return standing


def _prove_week(event: DataLoaded, rebuild: Rebuild, as_of: date, said: publish.Status | None) -> None:
    """Count the last week again as a whole when a week has passed since, or when the weekly run asks.

    A build of more days than a week, such as the first, starts the clock: it just proved a sample of them.
    """
    last = said.week_proved_on if said else None
    if last is None or len(rebuild.done.days) > check.WEEK.days:
        rebuild.done.week_proved_on = as_of
    elif as_of - last >= check.WEEK or (event.trigger in _WHOLE and as_of > last):
        rebuild.prove_week(as_of)
    else:
        rebuild.done.week_proved_on = last


def _say_failed(event: DataLoaded, ports: Ports, now: datetime, error: Exception) -> None:
    if isinstance(error, feature_groups.CriticalFamilyMissing):
        detail = {"run_id": event.run_id, "reason": str(error)}
        ports.notifier.alert("critical", "features miss a critical family", detail)
    try:
        publish.tell_failure(ports.objects, event.run_id, now, error)
    except Unavailable as silenced:
        log.warning("%s cannot say that the build failed: %s", publish.STATUS, silenced)


def _states_before(ports: Ports, inputs: Inputs, dirty: date | None, asked: tuple[date, ...]) -> States:
    """Return the states to go on from: the last snapshot's where they fit, else from the warehouse."""
    if not inputs.hashes:
        return States.none(min(asked, default=date(1970, 1, 2)))
    first = dirty or inputs.days[-1] + timedelta(days=1)
    if first <= inputs.days[0]:  # a snapshot of nothing may be of another day
        return States.none(inputs.days[0])
    known = publish.standing_states(ports.objects, inputs.before(first))
    return known or warehouse.states_before(ports.warehouse, first)
