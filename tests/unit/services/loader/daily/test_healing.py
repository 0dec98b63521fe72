"""Checks have lost things made again: by the loader itself or by events, each a few times at most."""

from datetime import date, timedelta

import msgspec
import pytest

from services.loader.daily.check import check_day
from services.loader.daily.losses import STALE_COLLECTION, STALE_MODEL
from services.loader.step import step
from shared.messaging.events import DailyTask, DataLoaded, DataRetry, Ticked
from shared.modeling import registry
from shared.storage.batch_log import BatchRecord, record_batch
from shared.storage.daily_outputs import load_daily_outputs
from shared.storage.day_results import results_object_name
from shared.storage.forecast_objects import DayForecasts, encode_forecasts, forecast_object_name
from shared.storage.healing_ledger import MAX_TRIES, load_ledger
from tests.unit.services.loader.batches import MONDAY, TUESDAY, Batch, game, line, plays, row
from tests.unit.services.loader.daily.days import (
    DAY,
    EARLY,
    GAMES,
    MORNING,
    WEDNESDAY,
    empty,
    merge,
    store_coverage,
    store_days,
)

HOUR = timedelta(hours=1)


def check(ports, now=MORNING):
    return check_day(ports, WEDNESDAY, now)


def repairs(ports):
    return {one.key: (one.tries, one.outcome) for one in load_ledger(ports.objects).repairs}


@pytest.fixture
def stored(ports, monkeypatch):
    """Days with everything, counted once."""
    monkeypatch.setattr("services.loader.daily.losses._unreadable", lambda _read: "")
    store_days(ports)
    assert check(ports, MORNING - HOUR) == []
    assert repairs(ports) == {}
    return ports


def test_second_check_of_whole_days_does_nothing(stored):
    assert check(stored) == []
    assert repairs(stored) == {}


def stage_monday(ports):
    """Store Monday's games as a batch that the validator accepted."""
    tables = {
        "games_historical": [game(pk) for pk in GAMES[MONDAY]],
        "plate_appearances": [one for pk in GAMES[MONDAY] for one in plays(pk, 3)],
        "player_stats_historical": [line(pk, 100) for pk in GAMES[MONDAY]],
    }
    Batch(tables).validated(ports.objects)


def test_lost_rows_are_loaded_from_their_batch(stored):
    stage_monday(stored)
    empty(stored.warehouse, "plate_appearances", MONDAY)
    (event,) = check(stored)
    assert (event.topic, event.trigger, event.dates, event.rebuild_from) == (
        "data.loaded",
        "repair",
        (MONDAY,),
        None,
    )
    assert repairs(stored) == {f"rows {MONDAY}": (1, "healed")}
    outputs = load_daily_outputs(stored.objects)
    assert outputs is not None
    assert outputs.holes() == []


def test_rows_without_a_batch_are_collected_again(stored):
    empty(stored.warehouse, "statcast_pitches", MONDAY)
    events = check(stored)
    retry = next(event for event in events if isinstance(event, DataRetry))
    assert (retry.dates, retry.trigger, retry.games) == ((MONDAY,), "repair", ())
    assert repairs(stored) == {f"rows {MONDAY}": (1, "trying")}


def test_lost_features_are_built_from_the_first_lost_day(stored):
    empty(stored.warehouse, "umpire_states", TUESDAY)
    empty(stored.warehouse, "game_features_daily", MONDAY)
    (event,) = check(stored)
    assert isinstance(event, DataLoaded)
    assert (event.trigger, event.rebuild_from, event.dates) == ("repair", MONDAY, (MONDAY, TUESDAY))


def test_lost_scores_results_and_rows_of_forecasts_are_made_at_once(stored):
    empty(stored.warehouse, "grades", MONDAY)
    stored.objects.delete(results_object_name(TUESDAY))
    assert check(stored) == []
    assert repairs(stored) == {
        f"grades {MONDAY}": (1, "healed"),
        f"results {TUESDAY}": (1, "healed"),
    }


def test_tries_are_bounded_and_one_alert_follows(stored):
    empty(stored.warehouse, "game_features_daily", MONDAY)
    now, published = MORNING, []
    for _ in range(20):
        published += check(stored, now)
        now += 8 * HOUR
    assert len(published) == MAX_TRIES
    assert len({event.event_id for event in published}) == MAX_TRIES
    assert repairs(stored) == {f"features {MONDAY}": (MAX_TRIES, "given_up")}
    (alert,) = stored.notifier.alerts
    assert alert[:2] == ("critical", f"cannot be made again: features of {MONDAY}")
    assert alert[2]["to do"] == "docs/runbook.md#features"


def test_intervals_between_tries_grow(stored):
    empty(stored.warehouse, "game_features_daily", MONDAY)
    tries = [hours for hours in range(40) if check(stored, MORNING + hours * HOUR)]
    assert tries == [0, 6, 30]


def test_second_check_at_the_same_time_publishes_nothing_new(stored):
    empty(stored.warehouse, "game_features_daily", MONDAY)
    first, second = check(stored), check(stored)
    assert (len(first), second) == (1, [])


def test_what_is_whole_again_is_healed_and_may_be_lost_again(stored):
    stage_monday(stored)
    empty(stored.warehouse, "plate_appearances", MONDAY)
    check(stored)
    empty(stored.warehouse, "plate_appearances", MONDAY)
    check(stored, MORNING + HOUR)
    entries = load_ledger(stored.objects).repairs
    assert [(one.key, one.tries, one.outcome) for one in entries] == [(f"rows {MONDAY}", 1, "healed")] * 2


def test_rows_are_left_to_a_running_backfill(stored):
    empty(stored.warehouse, "statcast_pitches", MONDAY)
    progress = {"job": "b", "phase": "collecting", "at": MORNING, "pid": 1}
    stored.objects.overwrite("backfill/mlb/progress.json", msgspec.json.encode(progress))
    assert check(stored) == []
    stored.objects.overwrite("backfill/mlb/progress.json", msgspec.json.encode(progress | {"phase": "done"}))
    assert check(stored) != []


def test_collection_that_is_late_is_requested(stored):
    stored.objects.overwrite(
        "status/collector.json", msgspec.json.encode({"at": MORNING - STALE_COLLECTION + HOUR})
    )
    assert check(stored) == []
    (event,) = check(stored, MORNING + 2 * HOUR)
    assert isinstance(event, Ticked)
    assert (event.trigger, event.first) == ("daily", None)


def test_collection_that_stays_late_is_no_second_cause_of_alerts(stored):
    late = MORNING - STALE_COLLECTION - HOUR
    stored.objects.overwrite("status/collector.json", msgspec.json.encode({"at": late}))
    for n in range(20):
        check(stored, MORNING + n * 8 * HOUR)
    assert repairs(stored) == {"collection the daily collection": (MAX_TRIES, "given_up")}
    assert stored.notifier.alerts == []


def test_day_that_no_night_has_collected_yet_is_not_lost(stored):
    unplayed = game(4, WEDNESDAY, status="Preview", completed_date=None)
    merge(stored.warehouse, "games_historical", [unplayed])
    assert check_day(stored, WEDNESDAY + DAY, MORNING + DAY) == []
    store_coverage(stored, checked=((date(2026, 4, 1), WEDNESDAY),))
    retry, _features = check_day(stored, WEDNESDAY + DAY, MORNING + DAY + HOUR)
    assert (retry.topic, retry.dates) == ("data.retry", (WEDNESDAY,))


def test_models_are_trained_after_two_weeks_without_training(stored):
    stored.objects.overwrite("status/collector.json", msgspec.json.encode({"at": MORNING}))
    stored.objects.overwrite("status/trainer.json", msgspec.json.encode({"at": MORNING - STALE_MODEL - DAY}))
    (event,) = check(stored)
    assert (event.topic, event.trigger) == ("data.loaded", "weekly")


def test_refused_batch_is_collected_again(stored):
    store_coverage(stored, listed={MONDAY: (1, 2), TUESDAY: (3, 4)}, open_games={TUESDAY: {4: "held"}})
    record_batch(
        stored.objects,
        BatchRecord(MORNING - HOUR, "daily-1", 3, "daily", (MONDAY, TUESDAY), "F", (4,), 9, 0, 1, 0),
    )
    (event,) = check(stored)
    assert (event.topic, event.dates) == ("data.retry", (TUESDAY,))
    assert repairs(stored) == {"batch daily-1": (1, "trying")}


def test_game_that_could_not_be_fetched_is_left_to_the_nights(stored):
    store_coverage(stored, listed={MONDAY: (1, 2), TUESDAY: (3, 4)}, open_games={TUESDAY: {4: "missing"}})
    assert check(stored) == []


@pytest.mark.parametrize("damage", [None, b"{"])
def test_pointer_of_a_release_is_restored(stored, damage):
    release = registry.current_release(stored.objects)
    assert release is not None
    kept = stored.objects.read_bytes(release.object)
    stored.objects.delete(release.object)
    if damage:
        stored.objects.overwrite(release.object, damage)
    assert check(stored) == []
    assert registry.current_release(stored.objects) == release
    assert msgspec.json.decode(kept) == msgspec.json.decode(stored.objects.read_bytes(release.object))
    assert repairs(stored) == {f"release {release.id}": (1, "healed")}


def test_part_of_a_release_that_cannot_be_read_is_made_again(stored, monkeypatch):
    monkeypatch.setattr("services.loader.daily.losses._unreadable", lambda _read: "damaged")
    (event,) = check(stored)
    assert (event.topic, event.trigger, event.rebuild_from) == ("data.loaded", "repair", None)
    assert set(repairs(stored)) == {"model home_win 1.0.0", "snapshot snapshot/2026-03-31/r/manifest-0.json"}


def test_damaged_forecasts_are_deleted_and_made_again(stored):
    name = forecast_object_name(WEDNESDAY, "000002")
    whole = DayForecasts(WEDNESDAY, "000002", TUESDAY, EARLY, EARLY, (), (), ())
    stored.objects.write_once(name, encode_forecasts(whole))
    assert check(stored) == []
    stored.objects.overwrite(name, b"torn")
    (event,) = check(stored, MORNING + HOUR)
    assert (event.topic, event.trigger) == ("data.loaded", "repair")
    assert not stored.objects.exists(name)
    stored.objects.write_once(name, encode_forecasts(whole))
    assert check(stored, MORNING + 2 * HOUR) == []
    assert repairs(stored) == {f"object {name}": (1, "healed")}


def test_damaged_ledger_counts_and_journal_begin_anew(stored):
    for name in ("daily/healing.json", "daily/outputs.json", "daily/journal.json"):
        stored.objects.overwrite(name, b"{")
    assert check(stored) == []
    assert repairs(stored) == {}


def test_step_publishes_what_the_check_returns(stored):
    empty(stored.warehouse, "game_features_daily", MONDAY)
    event = DailyTask(run_id="check-1", occurred_at=MORNING, task="check")
    assert [one.topic for one in step(event, stored, MORNING)] == ["data.loaded"]


def test_rosters_that_were_stored_and_are_lost_are_noticed(stored):
    rosters = [row("rosters_historical", roster_date=MONDAY, team_id=1, player_id=7)]
    batch = Batch({"rosters_historical": rosters}, run_id="run-9")
    batch.validated(stored.objects)
    merge(stored.warehouse, "rosters_historical", rosters)
    assert check(stored) == []
    empty(stored.warehouse, "rosters_historical", MONDAY)
    check(stored, MORNING + HOUR)
    assert repairs(stored) == {f"rows {MONDAY}": (1, "healed")}
