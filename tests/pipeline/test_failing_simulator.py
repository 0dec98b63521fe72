"""A stand-in that fails is named as such, and the run stops at once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from hankstank.local.pipeline_run import run_plan_days
from hankstank.local.run_plan import RunPlan
from shared.errors import UserError
from shared.runtime.settings import Settings
from simulator.app import create_app
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.pipeline.worlds import day, small_world


class Failing:
    """A world that cannot say who is on a roster."""

    label = "failing world"

    def __getattr__(self, name: str) -> object:
        return getattr(small_world(3), name)

    def get_roster(self, club: int, _on: date, _kind: str) -> Sequence[int]:
        raise KeyError(f"roster of {club}")


def test_run_stops_with_the_standins_own_words(tmp_path: Path) -> None:
    bodies = WorldApiBackend(
        SeasonStore(Failing(), tmp_path / "outside"), datetime.combine(day(1), time(), UTC)
    )
    with running_simulator(create_app(bodies)) as url:
        sources = dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url)
        settings = Settings(home=tmp_path / "home", **sources)
        plan = RunPlan("league", "failing world", (day(1), day(2)), (day(3),))
        with pytest.raises(
            UserError, match=r"^the simulator failed at /api/v1/\S+: KeyError: .roster of \d+"
        ):
            run_plan_days(plan, settings, url, lambda *_: None)
