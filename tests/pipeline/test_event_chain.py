"""From a tick to a deployed model: which events a run announces, and where its id stands."""

from datetime import UTC, datetime

import pytest

from shared.messaging.events import DataCollected, DataValidated, Event, FeaturesCreated, ModelDeployed
from shared.modeling.registry import current_release
from shared.storage import snapshot, staging
from tests.pipeline.machine import Machine, machine, outside
from tests.pipeline.worlds import day, small_world, without_pitches

CHAIN = ["data.collected", "data.validated", "data.loaded", "features.created"]


@pytest.fixture(scope="module")
def deployed(lent: Machine) -> Machine:
    """A machine on which day nine has deployed the first models."""
    lent.live(9)
    return lent


def of(events: list[Event], kind: type) -> Event:
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def test_deploying_tick_gives_five_events(deployed: Machine):
    assert deployed.topics("daily-9") == [*CHAIN, "model.deployed"]


def test_events_carry_the_ticks_run_id(deployed: Machine):
    assert {event.run_id for event in deployed.rooms.list_events("daily-9")} == {"daily-9"}
    assert len({event.event_id for event in deployed.rooms.list_events("daily-9")}) == 6


@pytest.mark.parametrize("table", ["games_historical", "statcast_pitches", "rosters_historical"])
def test_run_id_stands_on_rows(deployed: Machine, table: str):
    sql = f"select distinct run_id from mlb_historical_data.{table} order by run_id"
    assert deployed.rooms.ports.warehouse.query_rows(sql)["run_id"].to_list() == ["backfill", "daily-9"]


def test_run_id_stands_on_manifest_and_report(deployed: Machine):
    events, objects = deployed.rooms.list_events("daily-9"), deployed.rooms.ports.objects
    manifest = staging.read_struct(objects, of(events, DataCollected).manifest, staging.Manifest)
    report = staging.read_struct(objects, of(events, DataValidated).report, staging.Report)
    assert (manifest.run_id, report.run_id) == ("daily-9", "daily-9")


def test_run_id_stands_on_snapshot_and_release(deployed: Machine):
    events, objects = deployed.rooms.list_events("daily-9"), deployed.rooms.ports.objects
    created, release = of(events, FeaturesCreated), current_release(objects)
    assert snapshot.load_snapshot(created.snapshot, objects).run_id == "daily-9"
    assert (release.run_id, release.object) == ("daily-9", of(events, ModelDeployed).release)


def test_leak_proof_is_told(deployed: Machine):
    created = of(deployed.rooms.list_events("daily-9"), FeaturesCreated)
    assert (created.rows_sampled > 0, created.mismatches) == (True, 0)


def test_backfill_wakes_no_trainer(deployed: Machine):
    assert deployed.topics("backfill") == CHAIN


def test_frozen_tick_gives_four_events_and_the_reason(home, ten_days):
    with machine(home, ten_days, deployment_disabled=True) as frozen:
        assert frozen.live(9) == CHAIN
        reasons = {target["reason"] for target in frozen.rooms.read_status("trainer")["targets"].values()}
        assert reasons == {"deployment is disabled in the settings"}


def test_repeated_tick_announces_nothing(deployed: Machine):
    assert deployed.live(9, "again") == []
    answer = deployed.rooms.read_status("collector")
    assert (answer["status"], answer["reason"], answer["run_id"]) == ("skipped", "all_data_exists", "again")


def test_off_season_announces_nothing_once_the_days_that_were_missed_stand(home, ten_days):
    with machine(home, ten_days) as held:
        ten_days.bodies.now = datetime(2026, 12, 24, 6, tzinfo=UTC)
        held.rooms.run_tick("late", None, None, "daily")
        assert held.topics("late")[:4] == CHAIN
        assert held.rows("games_historical")["game_date"].unique().sort()[-1] == day(10)
        for run_id in ("confirms", "winter"):
            held.rooms.run_tick(run_id, None, None, "daily")
            assert held.topics(run_id) == []
        assert held.rooms.read_status("collector")["reason"] == "off_season"


@pytest.fixture(scope="module")
def pitchless(tmp_path_factory):
    folder, world = (
        tmp_path_factory.mktemp("pitchless"),
        small_world(1, 1).with_changed_games("pitchless", without_pitches),
    )
    with outside(folder / "outside", world) as around, machine(folder / "home", around) as held:
        held.collect("poor", 1, 1)
        yield held


def test_retries_end_after_three_rounds(pitchless: Machine):
    assert pitchless.topics("poor") == ["data.collected", "data.retry"] * 3 + ["data.collected"]
    assert [event.attempt for event in pitchless.rooms.list_events("poor")] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_hopeless_batch_is_a_dead_letter_with_an_alert(pitchless: Machine):
    (reason,) = pitchless.reasons()
    assert "grade F after 3 re-collections" in reason
    assert pitchless.alerts()[-1]["title"] == "delivery became a dead letter"


def test_hopeless_batch_loads_nothing(pitchless: Machine):
    assert pitchless.rows("games_historical").is_empty()
