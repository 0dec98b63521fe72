"""Daily tasks are done by the loader's step."""

from datetime import UTC, datetime, time, timedelta

import msgspec
import polars as pl
import pytest

from services.loader.step import step
from shared.messaging.events import DailyTask
from shared.modeling.forecast_quality import load_quality
from shared.storage.tables import get_table
from tests.unit.services.loader.batches import MONDAY, TUESDAY, game
from tests.unit.services.loader.test_forecasts import forecast

EARLY_TUESDAY = datetime.combine(TUESDAY, time(10), UTC)


def do(task, ports, now=EARLY_TUESDAY):
    return step(DailyTask(run_id=f"{task}-1", occurred_at=now, task=task), ports, now)


def test_grading_scores_the_forecasts_of_yesterday(ports, warehouse):
    warehouse.merge_rows(get_table("games_historical"), pl.DataFrame([game(1)], infer_schema_length=None))
    ports.objects.write_once(f"forecasts/{MONDAY}/api-1.jsonl", msgspec.json.encode(forecast()))
    assert do("grade", ports, EARLY_TUESDAY - timedelta(days=1)) == []  # Sunday is yesterday
    assert warehouse.query_rows("select * from mlb_predictions.grades").is_empty()
    assert do("grade", ports) == []
    assert warehouse.query_rows("select game_pk from mlb_predictions.grades")["game_pk"].to_list() == [1]


def test_grading_measures_the_forecasts_up_to_yesterday(ports):
    do("grade", ports)
    quality = load_quality(ports.objects)
    assert quality is not None
    assert (quality.through, quality.at) == (MONDAY, EARLY_TUESDAY)


@pytest.mark.parametrize("task", ["check", "report"])
def test_task_without_games_publishes_nothing(ports, task):
    assert do(task, ports) == []
