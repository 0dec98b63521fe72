"""data.loaded to features.created: states and rows brought level with what the warehouse holds, proved."""

import logging
from datetime import date, datetime, timedelta

from services.features import publish, warehouse
from services.features.inputs import Inputs, chain, first_dirty
from services.features.rebuild import Rebuild
from shared.events import DataLoaded, FeaturesCreated
from shared.ports import Ports
from shared.states import States

log = logging.getLogger(__name__)

WIDE = timedelta(days=31)  # a month is recomputed well within the ten minutes that a push may take


def is_wide(event: DataLoaded) -> bool:
    """Return whether what was loaded may have a long way to the present: all of it is recomputed."""
    return event.occurred_at.date() - min(event.dates, default=event.occurred_at.date()) > WIDE


def step(event: DataLoaded, ports: Ports, now: datetime) -> list[FeaturesCreated]:
    """Recompute from the first day whose inputs changed, publish a snapshot, announce it.

    What was loaded is read from the warehouse, not from the event: whatever the order or number of
    deliveries, the same games leave the same tables; where nothing changed, the same snapshot is announced.

    Raises:
        LeakFound: sampled rows change once the future is removed; nothing is published.
    """
    warehouse.ensure(ports.warehouse)
    inputs = chain(warehouse.ask(ports.warehouse, "day_inputs", game_types=warehouse.GAME_TYPES))
    known = warehouse.ask(ports.warehouse, "known_days")
    dirty = first_dirty(inputs, known)
    states = _states_before(ports, inputs, dirty, event.dates)
    rebuild = Rebuild(ports, inputs, event.run_id, now)
    if dirty is not None:
        rebuild.clear([day for day in known["as_of"] if day >= dirty and day not in inputs.hashes])
        states = rebuild.run(states, [day for day in inputs.hashes if day >= dirty])
    standing = publish.publish(ports, states, inputs.tip, rebuild.done)
    log.info("features as of %s, %d days recomputed", standing.as_of, len(rebuild.done.days))
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


def _states_before(ports: Ports, inputs: Inputs, dirty: date | None, asked: tuple[date, ...]) -> States:
    """Return the states to go on from: the last snapshot's where they fit, else from the warehouse."""
    if not inputs.hashes:
        return States.none(min(asked, default=date(1970, 1, 2)))
    first = dirty or inputs.days[-1] + timedelta(days=1)
    if first <= inputs.days[0]:  # a snapshot of nothing may be of another day
        return States.none(inputs.days[0])
    known = publish.standing_states(ports.objects, inputs.before(first))
    return known or warehouse.states_before(ports.warehouse, first)
