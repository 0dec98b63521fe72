"""The outside world goes wrong: what can be asked again is, what cannot is named, and a later tick completes the day."""

import time
from collections.abc import Iterator

import pytest

from hankstank.local import machine as local_machine
from services.collector.http_source import HttpSource
from shared.messaging.events import DataCollected
from shared.storage import staging
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine
from tests.pipeline.worlds import day, small_world

HISTORY = "mlb_historical_data"  # what comes of it is left out: no source has a part in that
FAILING = small_world(2).games_on_date(day(1))[0].game_pk
CHAIN = ["data.collected", "data.validated", "data.loaded"]


def manifest(held: Machine, run_id: str = "first") -> staging.Manifest:
    (collected, *_) = (event for event in held.rooms.list_events(run_id) if isinstance(event, DataCollected))
    return staging.read_struct(held.rooms.ports.objects, collected.manifest, staging.Manifest)


def report(held: Machine) -> staging.Report:
    return staging.read_struct(
        held.rooms.ports.objects, held.rooms.read_status("validator")["report"], staging.Report
    )


def assert_as_if_nothing_happened(held: Machine, undisturbed: Machine) -> None:
    assert_equal_tables(held.rooms.ports.warehouse, undisturbed.rooms.ports.warehouse, HISTORY)
    assert held.reasons() == []


@pytest.fixture(scope="module", autouse=True)
def _featureless(undisturbed: Machine) -> Iterator[None]:
    """Let the chain end in the warehouse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(local_machine.STEPS, "features", lambda *_: [])
        yield


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that hang up after half a second."""
    monkeypatch.setitem(HttpSource.__init__.__kwdefaults__, "timeout", 0.5)


def test_faltering_answers_are_asked_for_again(new: Machine, around: Outside, undisturbed: Machine):
    for kind in ("server_error", "truncated", "cut_off", "empty_object", "malformed", "wrong_content_type"):
        around.goes_wrong("feed/live", kind)
    assert new.collect("first", 1, 1) == CHAIN
    assert around.faults.list_faults() == []
    assert_as_if_nothing_happened(new, undisturbed)


def test_bodies_that_harm_or_deceive_are_asked_for_again(new: Machine, around: Outside, undisturbed: Machine):
    for kind in ("gzip_none", "gzip_truncated", "gzip_bomb", "deep_json"):
        around.goes_wrong("feed/live", kind)
        around.goes_wrong("/schedule", kind)
    assert new.collect("first", 1, 1) == CHAIN
    assert around.faults.list_faults() == []
    assert_as_if_nothing_happened(new, undisturbed)


def test_retry_after_is_waited_out(new: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("feed/live", "too_many_requests", seconds=1)
    started = time.monotonic()
    new.collect("first", 1, 1)
    assert time.monotonic() - started > 1
    assert_as_if_nothing_happened(new, undisturbed)


def test_hanging_answer_is_hung_up_on(hasty: None, new: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("feed/live", "hang", seconds=1.5)
    new.collect("first", 1, 1)
    assert_as_if_nothing_happened(new, undisturbed)


def test_trickling_answer_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, new: Machine, around: Outside, undisturbed: Machine
):
    monkeypatch.setitem(HttpSource.__init__.__kwdefaults__, "deadline", 1.5)
    around.goes_wrong("feed/live", "trickle", seconds=0.05)
    new.collect("first", 1, 1)
    assert around.faults.list_faults() == []
    assert_as_if_nothing_happened(new, undisturbed)


def test_schedule_that_fails_for_long_is_delivered_again(new: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("api/v1/schedule", "server_error", times=12)
    new.collect("first", 1, 1)
    assert_as_if_nothing_happened(new, undisturbed)


def test_schedule_listing_a_game_twice_doubles_nothing(new: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("api/v1/schedule", "duplicated_game", times=0)
    new.collect("first", 1, 1)
    assert_as_if_nothing_happened(new, undisturbed)


def test_empty_schedule_is_no_success(new: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("api/v1/schedule", "empty_list")
    new.collect("nothing", 1, 1)
    assert new.collect("first", 1, 1) == CHAIN
    assert_as_if_nothing_happened(new, undisturbed)


@pytest.fixture(scope="module")
def failing(two_days: Outside, tmp_path_factory: pytest.TempPathFactory):
    """A machine of whose three games one fails for ever, and a later tick, when it fails no more."""
    with machine(tmp_path_factory.mktemp("failing"), two_days) as held:
        two_days.goes_wrong(f"game/{FAILING}/feed/live", "server_error", times=0)
        held.collect("first", 1, 1)
        two_days.recovers()
        yield held


def test_game_that_keeps_failing_leaves_the_others_standing(failing: Machine):
    played = set(failing.rows("plate_appearances")["game_pk"])
    assert played == {game.game_pk for game in small_world(2).games_on_date(day(1))} - {FAILING}


def test_game_that_keeps_failing_is_noted_with_its_request(failing: Machine):
    (failure,) = manifest(failing).failures
    assert (failure.game_pk, failure.request) == (FAILING, f"/api/v1.1/game/{FAILING}/feed/live")
    assert "500" in failure.error


def test_game_that_keeps_failing_ends_as_a_dead_letter(failing: Machine):
    (reason,) = failing.reasons()
    assert f"games {FAILING} of" in reason


def test_later_tick_completes_what_failed(failing: Machine, undisturbed: Machine):
    failing.collect("later", 1, 1)
    warehouses = failing.rooms.ports.warehouse, undisturbed.rooms.ports.warehouse
    assert_equal_tables(*warehouses, HISTORY, apart_from=("raw_object", "raw_sha256"))


@pytest.fixture
def measured(around: Outside, tmp_path):
    with machine(tmp_path / "home", around, statcast_source="savant") as held:
        yield held


def test_savants_new_columns_are_kept_aside_and_told(measured: Machine, around: Outside):
    around.goes_wrong("statcast_search", "unknown_columns")
    assert measured.collect("first", 1, 1) == CHAIN
    sql = (
        "select distinct json_value(extra, '$.moon_phase') as moon from mlb_historical_data.statcast_pitches"
    )
    assert measured.rooms.ports.warehouse.query_rows(sql)["moon"].to_list() == ["waxing"]
    (issue,) = (issue for issue in report(measured).issues if issue.rule == "unknown_columns")
    assert "moon_phase" in issue.message


def test_savant_at_its_cap_is_not_believed(measured: Machine, around: Outside, undisturbed: Machine):
    around.goes_wrong("statcast_search", "over_cap", times=0)
    measured.collect("first", 1, 1)
    assert measured.rows("statcast_pitches").equals(undisturbed.rows("statcast_pitches"))
    assert "25000" in manifest(measured).failures[0].error.replace(",", "")


@pytest.mark.parametrize("kind", ["csv_cut", "lines_lost"])
def test_savant_that_loses_its_end_once_is_asked_again(measured: Machine, around: Outside, kind: str):
    around.goes_wrong("statcast_search", kind)
    assert measured.collect("first", 1, 1) == CHAIN
    assert set(measured.rows("statcast_pitches")["source"]) == {"savant"}
    assert not {"failure", "fallbacks"} & {issue.rule for issue in report(measured).issues}


@pytest.mark.parametrize(("kind", "rule"), [("csv_cut", "failure"), ("lines_lost", "fallbacks")])
def test_savant_that_keeps_losing_its_end_is_not_believed(
    measured: Machine, around: Outside, undisturbed: Machine, kind: str, rule: str
):
    around.goes_wrong("statcast_search", kind, times=0)
    measured.collect("first", 1, 1)
    assert measured.rows("statcast_pitches").height == undisturbed.rows("statcast_pitches").height
    (issue,) = (issue for issue in report(measured).issues if issue.rule == rule)
    assert ("line end" in issue.message) if rule == "failure" else ("as in the feed" in issue.message)
