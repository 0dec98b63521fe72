"""The objectives of the service are measured on the stores; what cannot be measured here says why."""

from datetime import timedelta

import msgspec
import pytest

from services.loader.daily.objectives import Evidence, load_definitions, measure_objectives
from services.loader.daily.outputs import count_outputs
from services.loader.daily.task import run_daily_task
from shared.messaging.events import DailyTask
from shared.storage.batch_log import BatchRecord, record_batch
from shared.storage.daily_outputs import load_daily_outputs
from shared.storage.healing_ledger import HealingLedger, Repair
from tests.unit.services.loader.batches import MONDAY, TUESDAY, row
from tests.unit.services.loader.daily.days import MORNING, WEDNESDAY, empty, merge, store_days

HOUR = timedelta(hours=1)


def measured(ports, *repairs):
    outputs = count_outputs(ports, None, WEDNESDAY, MORNING)
    found = measure_objectives(Evidence(ports, outputs.days, HealingLedger(repairs), MORNING))
    return {one.name: (one.value, one.state) for one in found}


def batch(number: int, grade: str) -> BatchRecord:
    return BatchRecord(
        MORNING - number * HOUR, f"run-{number}", 0, "daily", (MONDAY,), grade, (1,), 10, 0, 1, 0
    )


def test_objectives_are_those_of_the_file_in_its_order(ports):
    assert list(measured(ports)) == [one.name for one in load_definitions()]
    assert len({one.name for one in load_definitions()}) == 10


def test_what_has_no_evidence_is_not_measured(ports):
    assert {name for name, (value, _) in measured(ports).items() if value is not None} == {"interventions"}


@pytest.mark.parametrize(("hours", "state"), [(23, "met"), (25, "missed")])
def test_data_is_as_old_as_the_last_collection(ports, hours, state):
    ports.objects.overwrite("status/collector.json", msgspec.json.encode({"at": MORNING - hours * HOUR}))
    assert measured(ports)["data_age"] == (hours, state)


def test_share_of_features_and_of_complete_outputs(ports):
    store_days(ports)
    empty(ports.warehouse, "game_features_daily", TUESDAY)  # one game of three
    found = measured(ports)
    assert found["features"] == (66.6667, "missed")
    assert found["pipeline"] == (75.0, "missed")  # of twelve due: one lacks features, two days' forecasts
    assert found["brier"] == (None, "not_measured")


def test_winners_are_judged_by_their_scores(ports):
    scores = [(0.6, 1, 0.16), (0.7, 0, 0.49), (0.4, 0, 0.16), (0.8, 1, 0.04)]
    merge(
        ports.warehouse,
        "grades",
        [
            row(
                "grades", forecast_id=f"f{n}", game_pk=n, game_date=MONDAY, target="home_win",
                is_challenger=False, mean=mean, actual=actual, squared_error=error, log_loss=0.5,
            )
            for n, (mean, actual, error) in enumerate(scores)
        ],
    )  # fmt: skip
    found = measured(ports)
    assert (found["accuracy"], found["brier"]) == ((75.0, "met"), (0.2125, "met"))


def test_batches_and_interventions_are_counted(ports):
    for number, grade in enumerate("AAAB"):
        record_batch(ports.objects, batch(number, grade))
    repair = Repair(
        "games 2026-04-06", "games", "lost", "load", "collect", MORNING, MORNING - HOUR, 3, "given_up"
    )
    found = measured(ports, repair)
    assert (found["grade_a"], found["interventions"]) == ((75.0, "missed"), (1.0, "missed"))


def test_check_stores_counts_and_objectives(ports):
    store_days(ports)
    run_daily_task(DailyTask(run_id="check-1", occurred_at=MORNING, task="check"), ports, MORNING)
    outputs = load_daily_outputs(ports.objects)
    assert outputs is not None
    assert {one.day for one in outputs.days if one.is_complete} >= {MONDAY, TUESDAY}
    assert next(one.value for one in outputs.objectives if one.name == "pipeline") == 100
