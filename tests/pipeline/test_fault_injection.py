"""A few disturbed runs of a short week change nothing; a load that forgets to delete is found at once."""

from dataclasses import replace

import polars as pl
import pytest

from hankstank.dev.fault_injection import api, machine
from hankstank.dev.fault_injection.baseline import Baseline
from hankstank.dev.fault_injection.run import FaultHarness, FaultPlan
from hankstank.dev.fault_injection.scenario import ScenarioWeek, SimulatedSources
from hankstank.dev.fault_injection.schedule import Fault
from services.loader import forecasts
from services.predict_api.serving.forecast_log import ForecastLog
from shared.storage import merge
from shared.storage.tables import get_table

LEAGUE, DAYS = 7, 2
PLANS = [*[FaultPlan(days=1)] * 5, FaultPlan()]  # a run each: one day costs half of two
ENOUGH = 50  # runs in which a planted bug must be found
FOUND = {  # schedules that once failed, shrunk
    "day collected late lacked its standings": [Fault(1, "source.get", 1, "source.empty_list")],
    "clock put back held every delivery up": [Fault(1, "clock.timers", 3, "clock.timers_back")],
    "torn snapshot stopped every later day": [Fault(1, "objects.put", 1, "store.torn_snapshot")],
    "a replayed letter's report was spoilt in its turn": [
        Fault(2, "objects.get", 13, "store.corrupted_read"),
        Fault(2, "warehouse.merge", 13, "warehouse.disk_full", 2),
        Fault(2, "objects.get", 56, "store.corrupted_read"),
    ],
    "a batch was lost that alone had what was owed": [
        Fault(1, "source.get", 11, "source.not_found"),
        Fault(1, "bus.publish", 2, "bus.unsure"),
        Fault(1, "objects.put", 56, "store.torn_file"),
    ],
    "a tick tried again after the clock was put back forgot a day": [
        Fault(1, "clock.now", 2, "clock.back"),
        Fault(1, "clock.now", 4, "clock.back"),
        Fault(1, "warehouse.ensure", 2, "warehouse.locked", 4),
    ],
}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """A short week, lived undisturbed."""
    finished_run = Baseline(tmp_path_factory.mktemp("week"), ScenarioWeek(LEAGUE, DAYS))
    finished_run.ensure_built()
    return finished_run


@pytest.fixture(scope="module")
def stage(baseline: Baseline) -> FaultHarness:
    return FaultHarness(baseline, SimulatedSources(baseline.week, baseline.rendered_folder), FaultPlan())


@pytest.mark.parametrize(("seed", "plan"), list(enumerate(PLANS)))
def test_disturbed_run_ends_as_an_undisturbed_one(stage: FaultHarness, seed: int, plan: FaultPlan):
    assert replace(stage, plan=plan).run_seed(seed).wrong == ()


@pytest.mark.real
@pytest.mark.parametrize("faults", FOUND.values(), ids=FOUND)
def test_what_was_found_stays_mended(stage: FaultHarness, faults: list[Fault]):
    outcome = stage.run_faults(0, faults)
    assert (len(outcome.hits), outcome.wrong) == (sum(fault.times for fault in faults), ())


@pytest.fixture
def forgets_to_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is loaded be merged by key, and rows stay that the newer version of a game lacks."""
    proper = merge.merge_statements

    def statements(table):
        right = proper(table)
        if table.dataset != "mlb_historical_data":
            return right
        return replace(right, delete_vanished=f"{right.delete_vanished} and false")

    monkeypatch.setattr(merge, "merge_statements", statements)


def test_merge_that_deletes_nothing_is_found(stage: FaultHarness, forgets_to_delete: None):
    corrections = replace(stage, plan=FaultPlan(kinds=("book",)))
    assert "different tables plate_appearances" in corrections.run_seed(0).wrong


@pytest.fixture
def remembers_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forecasts be kept in memory once they are answered, and be written by the next flush only."""
    monkeypatch.setattr(ForecastLog, "store_next_days", lambda *_: None)
    monkeypatch.setattr(
        ForecastLog,
        "store_forecasts",
        lambda log, forecaster, day: log._unstored.update({(forecaster.cache_key, day): forecaster}),
    )
    monkeypatch.setattr(api.recording, "step", lambda *_: [])
    monkeypatch.setattr(machine, "record", lambda *_: [])


def test_answer_that_is_lost_with_its_process_is_found(stage: FaultHarness, remembers_answers: None):
    death = Fault(1, "api.answer", 1, "death.after_answering")
    wrong = replace(stage, plan=FaultPlan(days=1)).run_faults(1, [death]).wrong
    assert any("and not stored" in one for one in wrong), wrong


def test_forecasts_that_nobody_stores_are_found(stage: FaultHarness, remembers_answers: None):
    without_api = 0
    wrong = replace(stage, plan=FaultPlan(days=1)).run_faults(without_api, []).wrong
    assert any(one.endswith("are not stored") for one in wrong), wrong


def test_forecasts_that_no_load_reads_are_found(stage: FaultHarness, monkeypatch: pytest.MonkeyPatch):
    nothing = pl.DataFrame(schema=get_table("forecasts").schema), 0
    monkeypatch.setattr(forecasts, "read_forecasts", lambda *_: nothing)
    wrong = replace(stage, plan=FaultPlan()).run_faults(1, []).wrong
    assert any("are stored and not loaded" in one for one in wrong), wrong


def test_loader_that_loads_no_forecasts_is_found(stage: FaultHarness, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(forecasts, "load_and_score", lambda *_: forecasts.ForecastLoadReport(0, 0, 0))
    wrong = replace(stage, plan=FaultPlan()).run_faults(1, []).wrong
    assert any(one.startswith("different graded") for one in wrong), wrong


@pytest.mark.real
def test_merge_that_deletes_nothing_is_found_by_any_faults(stage: FaultHarness, forgets_to_delete: None):
    outcomes = (stage.run_seed(seed) for seed in range(ENOUGH))
    found = next(outcome for outcome in outcomes if outcome.wrong)
    assert "different tables plate_appearances" in found.wrong
