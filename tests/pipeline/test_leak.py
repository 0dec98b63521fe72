"""A planted leak is caught by the build itself: nothing is published, and people are told."""

from datetime import timedelta

import polars as pl
import pytest

from services.features.mlb import build
from tests.pipeline.machine import Machine


@pytest.fixture
def leaking(known: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which every state includes the day of the games it is to forecast."""
    honest = build._by_day

    def a_day_early(rows: pl.DataFrame) -> dict:
        return honest(rows.with_columns(pl.col("completed_date") - timedelta(days=1)))

    monkeypatch.setattr(build, "_by_day", a_day_early)
    known.collect("leaking", 9, 10)
    return known


def test_planted_leak_publishes_nothing(leaking: Machine):
    assert leaking.topics("leaking") == ["data.collected", "data.validated", "data.loaded"]
    snapshots = leaking.rooms.ports.objects.list_names("snapshot/")
    assert {name.split("/")[2] for name in snapshots} == {"backfill"}
    (reason,) = leaking.reasons()
    assert "sampled rows leak" in reason
    assert [alert["title"] for alert in leaking.alerts()] == [
        "features know the future",
        "delivery became a dead letter",
    ]
