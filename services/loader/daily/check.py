"""The check of a day: counts what exists, measures the objectives, and has made again what is lost."""

from datetime import date, datetime

import msgspec

from services.loader.daily.healing import Healing
from services.loader.daily.journal import load_journal, update_journal
from services.loader.daily.losses import Findings
from services.loader.daily.objectives import Evidence, measure_objectives
from services.loader.daily.outputs import count_outputs
from services.loader.forecasts import load_and_score
from shared.messaging.events import Event
from shared.ports import Ports
from shared.storage import healing_ledger
from shared.storage.daily_outputs import DailyOutputs, load_daily_outputs, save_daily_outputs


def check_day(ports: Ports, today: date, now: datetime) -> list[Event]:
    """Count and store what each day has; return the events that make lost things again.

    Forecasts that are stored and not loaded yet, today's among them, are loaded first. What the loader can
    make again itself is made and counted before the other services build on it.
    """
    load_and_score(ports, [today])
    before, known = load_daily_outputs(ports.objects), load_journal(ports.objects)
    ledger = healing_ledger.load_ledger(ports.objects)
    healing = Healing(ports, ledger, known, now)

    def find(outputs: DailyOutputs) -> Findings:
        return Findings(ports.objects, outputs, before, known, today, now)

    outputs = count_outputs(ports, before, today, now)
    losses = find(outputs).find_losses()
    if healing.repair_here(losses):
        outputs = count_outputs(ports, before, today, now)
        losses = find(outputs).find_losses()
    events = healing.request_repairs(losses)
    ledger = healing.updated_ledger(losses, today)
    healing_ledger.save_ledger(ports.objects, ledger)
    update_journal(ports.objects, known, today)
    objectives = measure_objectives(Evidence(ports, outputs.days, ledger, now))
    save_daily_outputs(ports.objects, msgspec.structs.replace(outputs, objectives=objectives))
    return events
