"""Releases lose nobody's part, models are written once, and the way back is one call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import ObjectConflict, ObjectCorrupted, ObjectMissing
from shared.modeling import registry
from shared.modeling.registry import ModelRef
from tests.fakes import InMemoryObjectStore
from tests.unit.shared.modeling.manifests import manifest

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)


@pytest.fixture
def objects():
    return InMemoryObjectStore()


def saved(objects, version, target="home_win"):
    artifact = f"{target} {version}".encode()
    return registry.save_model(objects, target, version, artifact, manifest(target, version, artifact))


def release(objects, snapshot=None, *refs, now=NOON, run_id="run"):
    models = {ref.target: ref for ref in refs} or None
    return registry.publish_release(
        objects, snapshot=snapshot, models=models, run_id=run_id, now=now, reason="test"
    )


def reign_of(objects, *versions):
    """Make the versions production one after the other, a day each."""
    refs = [saved(objects, version) for version in versions]
    for day, ref in enumerate(refs):
        release(objects, "snapshot/a", ref, now=NOON + timedelta(days=day))


def test_nothing_is_current_before_the_first_release(objects):
    assert registry.current_release(objects) is None


def test_models_need_a_snapshot_to_stand_on(objects):
    with pytest.raises(registry.NoRelease, match="build features"):
        release(objects, None, saved(objects, "1.0.0"))


def test_new_snapshot_keeps_standing_models(objects):
    ref = saved(objects, "1.0.0")
    release(objects, "snapshot/a", ref)
    assert release(objects, "snapshot/b").models == {"home_win": ref}


def test_new_models_keep_the_snapshot_and_other_targets(objects):
    hits, win = saved(objects, "1.0.0", "batter_hits"), saved(objects, "1.0.0")
    release(objects, "snapshot/a", hits)
    now_current = release(objects, None, win)
    assert (now_current.snapshot, set(now_current.models)) == ("snapshot/a", {"batter_hits", "home_win"})


def test_identical_release_is_not_repeated(objects):
    first = release(objects, "snapshot/a", saved(objects, "1.0.0"))
    assert release(objects, "snapshot/a", run_id="again") == first
    assert registry.release_history(objects) == (first,)


def test_racing_publishers_lose_no_part(objects):
    release(objects, "snapshot/0")
    refs = [ModelRef(f"target_{i}", "1.0.0", f"models/target_{i}/1.0.0/model.ubj", "0") for i in range(7)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(release, objects, None, ref) for ref in refs]
        futures.append(pool.submit(release, objects, "snapshot/1"))
        numbers = {future.result().number for future in futures}
    current = registry.current_release(objects)
    assert (current.snapshot, len(current.models), numbers) == ("snapshot/1", 7, set(range(2, 10)))


def test_release_is_named_by_its_number(objects):
    assert release(objects, "snapshot/a").object == "release/pointer/000001.json"


def test_unreadable_release_is_named(objects):
    objects.write_once("release/pointer/000001.json", b"{}")
    damaged = registry.damaged_pointers(objects)["release/pointer/000001.json"]
    assert "000001.json: expected a Release" in damaged


def test_model_comes_back_as_saved(objects):
    artifact, described = registry.load_model(objects, saved(objects, "1.0.0"))
    assert (artifact, described.version) == (b"home_win 1.0.0", "1.0.0")


def test_model_with_other_bytes_is_refused(objects):
    ref = saved(objects, "1.0.0")
    objects.overwrite(ref.object, b"something else")
    with pytest.raises(ObjectCorrupted, match=r"model\.ubj: expected SHA-256"):
        registry.load_model(objects, ref)


def test_version_is_written_once(objects):
    saved(objects, "1.0.0")
    with pytest.raises(ObjectConflict):
        registry.save_model(objects, "home_win", "1.0.0", b"other", manifest("home_win", "1.0.0", b"other"))


def test_first_version_is_one(objects):
    assert registry.next_version(objects, "home_win", "patch") == "1.0.0"


def test_versions_count_up_from_the_newest(objects):
    for version in ("1.0.9", "1.0.10", "1.0.2"):
        saved(objects, version)
    offered = [registry.next_version(objects, "home_win", change) for change in ("patch", "minor")]
    assert offered == ["1.0.11", "1.1.0"]


def test_patch_follows_its_own_line(objects):
    for version in ("1.0.3", "1.1.0"):
        saved(objects, version)
    assert registry.next_version(objects, "home_win", "patch", after="1.0.2") == "1.0.4"


def test_minor_follows_every_line(objects):
    for version in ("1.0.3", "1.1.0"):
        saved(objects, version)
    assert registry.next_version(objects, "home_win", "minor", after="1.0.2") == "1.2.0"


def test_candidates_are_no_versions(objects):
    objects.write_once("models/home_win/candidates/run.json", b"{}")
    assert registry.list_versions(objects, "home_win") == ()


def test_history_says_who_was_production_when(objects):
    reign_of(objects, "1.0.0", "1.0.1")
    first, second = registry.model_history(objects, "home_win")
    assert (first.version, first.until) == ("1.0.0", second.since)
    assert (second.version, second.until) == ("1.0.1", None)


def test_new_snapshot_starts_no_reign(objects):
    reign_of(objects, "1.0.0")
    release(objects, "snapshot/b")
    assert len(registry.model_history(objects, "home_win")) == 1


def test_rollback_is_a_release(objects):
    reign_of(objects, "1.0.0", "1.0.1")
    back = registry.rollback_model(objects, "home_win", "1.0.0", NOON)
    assert back.models["home_win"].version == "1.0.0"
    assert back == registry.current_release(objects)


def test_rolled_back_model_loads(objects):
    reign_of(objects, "1.0.0", "1.0.1")
    ref = registry.rollback_model(objects, "home_win", "1.0.0", NOON).models["home_win"]
    assert registry.load_model(objects, ref)[0] == b"home_win 1.0.0"


def test_rollback_to_unknown_version_lists_the_known(objects):
    reign_of(objects, "1.0.0")
    with pytest.raises(ObjectMissing, match=r"saved: 1\.0\.0"):
        registry.rollback_model(objects, "home_win", "9.9.9", NOON)


def test_prune_keeps_the_newest_production_and_its_predecessors(objects):
    reign_of(objects, *(f"1.0.{patch}" for patch in range(14)))
    for minor in range(1, 13):
        saved(objects, f"1.{minor}.0")
    deleted = registry.prune_models(objects)
    assert [name.split("/")[2] for name in deleted] == ["1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.2.0"]


def test_prune_keeps_the_challenger(objects):
    challenger = saved(objects, "1.0.0")
    reign_of(objects, *(f"1.1.{patch}" for patch in range(12)))
    registry.publish_release(
        objects, snapshot=None, models=None, run_id="r", now=NOON, reason="t",
        challengers={"home_win": challenger},
    )  # fmt: skip
    registry.prune_models(objects)
    assert objects.exists(challenger.object)


def test_prune_keeps_manifests_for_ever(objects):
    reign_of(objects, *(f"1.0.{patch}" for patch in range(12)))
    registry.prune_models(objects)
    assert registry.load_manifest(objects, "home_win", "1.0.0").version == "1.0.0"


def test_pruning_again_deletes_nothing(objects):
    reign_of(objects, *(f"1.0.{patch}" for patch in range(14)))
    registry.prune_models(objects)
    assert registry.prune_models(objects) == ()


def test_first_release_may_have_no_models(objects):
    assert release(objects, "snapshot/a").models == {}
