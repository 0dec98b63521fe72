"""What the live service of a home is doing: what runs now, what is next, and how each schedule last ended."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from hankstank.live.ledger import Ledger, ScheduleState, load_ledger
from hankstank.live.schedules import Schedule, load_schedules
from hankstank.live.service import LOCK_FOLDER
from hankstank.local.stores import objects_of
from shared.adapters.local.run_lock import lock_holder
from shared.errors import UserError
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import Clock, utc_now


def read_live_status(home: Path, clock: Clock = utc_now) -> dict[str, Any]:
    """Return the service's process (None: it does not run), its present job, and each schedule's state.

    Raises UserError for a home where the service never ran.
    """
    world = read_world(objects_of(home))
    ledger = load_ledger(home)
    if ledger is None:
        raise UserError(f"{home}: `hankstank live` never ran here: --home names another folder")
    holder = lock_holder(home / LOCK_FOLDER)
    now = world.current_time(clock)
    rows = [
        _schedule_row(
            schedule, ledger.schedules.get(name) or ScheduleState(now), now, is_running=bool(holder)
        )
        for name, schedule in load_schedules().items()
    ]
    return {
        "world": world.label,
        "now": now,
        "process": holder,
        "job": _present_job(ledger) if holder else None,
        "next": min(rows, key=lambda row: row["next"])["name"],
        "schedules": rows,
    }


def _present_job(ledger: Ledger) -> dict[str, Any] | None:
    for state in ledger.schedules.values():
        if state.pending and state.pending.is_interrupted:
            return {"run_id": state.pending.run_id, "started_at": state.pending.started_at}
    return None


def _schedule_row(
    schedule: Schedule, state: ScheduleState, now: datetime, *, is_running: bool
) -> dict[str, Any]:
    pending = state.pending
    due_again = (pending.retry_at or now) if pending else schedule.next_after(max(state.through, now))
    last: Mapping[str, Any] | None = msgspec.to_builtins(state.last) if state.last else None
    return {
        "name": schedule.name,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "state": _state_word(state, is_running=is_running),
        "next": due_again,
        "failures": pending.failures if pending else 0,
        "last": last,
    }


def _state_word(state: ScheduleState, *, is_running: bool) -> str:
    if state.pending is None:
        return "waiting"
    if state.pending.is_interrupted:
        return "running" if is_running else "interrupted"
    return "failed, tried again" if state.pending.failures else "due"
