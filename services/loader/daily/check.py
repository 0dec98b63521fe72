"""The check of a day: counts what exists, measures the objectives, and has made again what is missing."""

from datetime import date, datetime

import msgspec

from services.loader.daily.objectives import Evidence, measure_objectives
from services.loader.daily.outputs import count_outputs
from services.loader.forecasts import load_and_score
from shared.messaging.events import Event
from shared.ports import Ports
from shared.storage import healing_ledger
from shared.storage.daily_outputs import load_daily_outputs, save_daily_outputs


def check_day(ports: Ports, today: date, now: datetime) -> list[Event]:
    """Count and store what each day has; return the events that make missing things again.

    Forecasts that are stored and not loaded yet, today's among them, are loaded first.
    """
    load_and_score(ports, [today])
    outputs = count_outputs(ports, load_daily_outputs(ports.objects), today, now)
    ledger = healing_ledger.load_ledger(ports.objects)
    objectives = measure_objectives(Evidence(ports, outputs.days, ledger, now))
    save_daily_outputs(ports.objects, msgspec.structs.replace(outputs, objectives=objectives))
    return []
