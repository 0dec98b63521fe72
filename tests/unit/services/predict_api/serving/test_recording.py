"""Forecasts that no API stored are made good from their release, and only those."""

from datetime import datetime, timedelta

import pytest

from services.predict_api.app import create_app
from services.predict_api.serving.recording import find_unstored_releases, restore_lost, store_missing
from shared.errors import StoreUnavailable
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.forecast_objects import forecast_object_name, load_day_forecasts
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import AS_OF, DOUBLEHEADER_DAY, NOW, TOMORROW, fill, tables
from tests.unit.services.predict_api.serving.test_release_manager import push

LATER = NOW + timedelta(days=3)


def next_release(objects: InMemoryObjectStore) -> registry.Release:
    """Release the snapshot of the day after, with the standing models."""
    name = snapshot.save_snapshot(Snapshot(TOMORROW, "run-2", tables()), objects)
    return registry.publish_release(
        objects, snapshot=name, models=None, run_id="run-2", now=NOW + timedelta(days=1), reason="test"
    )


def refresh(objects: InMemoryObjectStore, run_id: str, now: datetime) -> registry.Release:
    """Release the snapshot of the same day again, as a refresh of line-ups does."""
    name = snapshot.save_snapshot(Snapshot(AS_OF, run_id, tables()), objects)
    return registry.publish_release(
        objects, snapshot=name, models=None, run_id=run_id, now=now, reason="test"
    )


def numbers(objects: InMemoryObjectStore) -> list[int]:
    return [release.number for release in find_unstored_releases(objects)]


def test_what_nobody_served_is_stored_as_it_would_have_been_answered(objects: InMemoryObjectStore) -> None:
    served = InMemoryObjectStore()
    fill(served)
    create_app(served, lambda: NOW).test_client().get("/readyz")
    assert store_missing(objects, lambda: LATER) == [TOMORROW]
    for day in (TOMORROW, DOUBLEHEADER_DAY):
        (ours,), (theirs,) = load_day_forecasts(objects, day), load_day_forecasts(served, day)
        assert (ours.games, ours.players, ours.made_at) == (theirs.games, theirs.players, NOW)
        assert ours.stored_at == LATER


def test_what_is_stored_is_not_missing(objects: InMemoryObjectStore) -> None:
    assert numbers(objects) == [1]
    store_missing(objects, lambda: NOW)
    assert numbers(objects) == []


def test_a_superseded_release_is_not_missing(objects: InMemoryObjectStore) -> None:
    fill(objects, "run-2", shift=0.5)
    assert numbers(objects) == [2]


def test_each_refresh_after_noon_is_stored_and_each_once(objects: InMemoryObjectStore) -> None:
    for n in (1, 2):
        refresh(objects, f"lineups-{n}", NOW + timedelta(hours=n))
    assert numbers(objects) == [1, 2, 3]
    store_missing(objects, lambda: LATER)
    stored = load_day_forecasts(objects, TOMORROW)
    assert [one.made_at for one in stored] == [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    assert numbers(objects) == []


def test_releases_of_one_run_are_stored_once(objects: InMemoryObjectStore) -> None:
    release = refresh(objects, "weekly-1", NOW + timedelta(hours=1))
    registry.publish_release(
        objects,
        snapshot=None,
        models=None,
        challengers={"home_win": release.models["home_win"]},
        run_id="weekly-1",
        now=NOW + timedelta(hours=2),
        reason="models trained",
    )
    assert numbers(objects) == [1, 3]


def test_refresh_without_change_is_no_release(objects: InMemoryObjectStore) -> None:
    current = registry.current_release(objects)
    refreshed = registry.publish_release(
        objects, snapshot=current.snapshot, models=None, run_id="lineups-1", now=LATER, reason="test"
    )
    store_missing(objects, lambda: LATER)
    assert refreshed == current
    assert len(load_day_forecasts(objects, TOMORROW)) == 1


def test_search_ends_after_stored_releases_in_a_row(objects: InMemoryObjectStore) -> None:
    refresh(objects, "lineups-1", NOW + timedelta(hours=1))
    release = registry.current_release(objects)
    objects.write_once(forecast_object_name(TOMORROW, release.id), b"stored")
    assert find_unstored_releases(objects, 1) == []
    assert [one.number for one in find_unstored_releases(objects, 2)] == [1]


def test_a_release_of_an_earlier_day_is_made_good(objects: InMemoryObjectStore) -> None:
    next_release(objects)
    assert store_missing(objects, lambda: LATER) == [TOMORROW, DOUBLEHEADER_DAY]
    assert load_day_forecasts(objects, TOMORROW)[0].as_of == AS_OF


def test_an_event_makes_good_what_was_missed_while_the_api_was_down(objects: InMemoryObjectStore) -> None:
    next_release(objects)
    client = create_app(objects, lambda: LATER).test_client()
    assert push(client) == 200
    assert numbers(objects) == []


def test_what_earlier_versions_stored_is_enough(objects: InMemoryObjectStore) -> None:
    objects.write_once(f"forecasts/{TOMORROW}/api-000001.jsonl", b"{}")
    assert numbers(objects) == []


def test_a_release_without_models_forecasts_nothing() -> None:
    objects = InMemoryObjectStore()
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-1", tables()), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="run-1", now=NOW, reason="test")
    assert numbers(objects) == []


def test_a_release_whose_models_are_gone_leaves_the_others(objects: InMemoryObjectStore) -> None:
    release = registry.current_release(objects)
    next_release(objects)
    fill(objects, "run-3", shift=0.5)
    objects.delete(release.models["home_win"].object)
    store_missing(objects, lambda: LATER)
    assert numbers(objects) == [2]


def test_a_store_that_fails_is_asked_again(
    objects: InMemoryObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, data: bytes) -> bool:
        raise StoreUnavailable(name)

    monkeypatch.setattr(objects, "create_if_absent", refuse)
    with pytest.raises(StoreUnavailable):
        store_missing(objects, lambda: NOW)


def test_a_day_that_is_stored_in_part_is_missing(
    objects: InMemoryObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = objects.create_if_absent

    def die_on_the_first_day(name: str, data: bytes) -> bool:
        if f"/{TOMORROW}/" in name:
            raise KeyboardInterrupt
        return create(name, data)

    monkeypatch.setattr(objects, "create_if_absent", die_on_the_first_day)
    with pytest.raises(KeyboardInterrupt):
        store_missing(objects, lambda: NOW)
    assert numbers(objects) == [1]


def test_lost_forecasts_of_later_days_are_restored_as_they_were_made(objects: InMemoryObjectStore) -> None:
    store_missing(objects, lambda: NOW)
    lost = forecast_object_name(DOUBLEHEADER_DAY, "000001")
    objects.delete(lost)
    assert numbers(objects) == []
    restore_lost(objects, lambda: NOW)
    (restored,) = load_day_forecasts(objects, DOUBLEHEADER_DAY)
    assert (restored.made_at, restored.release_id) == (NOW, "000001")


def test_lost_forecasts_of_long_ago_are_not_made_by_a_repair(objects: InMemoryObjectStore) -> None:
    restore_lost(objects, lambda: NOW + timedelta(days=9))
    assert load_day_forecasts(objects, TOMORROW) == []
