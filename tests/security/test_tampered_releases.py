"""What somebody does to a release's files is not served, stops nobody, and is reported."""

import re
import time
from collections.abc import Callable

import msgspec
import pytest

from services.predict_api.app import create_app
from services.predict_api.serving import release_manager as shelves
from services.predict_api.serving.release_check import ReleaseRefused
from services.predict_api.serving.release_manager import ReleaseManager
from shared.errors import ObjectCorrupted
from shared.modeling import registry
from shared.modeling.model import Model
from shared.modeling.registry import ModelRef, Release
from tests.fakes import InMemoryObjectStore, RecordingNotifier
from tests.patience import PATIENCE
from tests.unit.services.predict_api.release_store import NOW, TOMORROW, fill

Rot = Callable[[InMemoryObjectStore, Release], str]

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


@pytest.fixture
def objects() -> InMemoryObjectStore:
    return InMemoryObjectStore()


def manifest_name(ref: ModelRef) -> str:
    return f"models/{ref.target}/{ref.version}/manifest.json"


def rewritten(objects: InMemoryObjectStore, ref: ModelRef, **changes: object) -> bytes:
    """Put other words into a manifest and return its bytes."""
    manifest = registry.load_manifest(objects, ref.target, ref.version)
    data = msgspec.json.encode(msgspec.structs.replace(manifest, **changes), order="sorted")
    objects.overwrite(manifest_name(ref), data)
    return data


def pointed(objects: InMemoryObjectStore, models: dict[str, ModelRef], number: int | None = None) -> str:
    """Write the pointer of a further release as a hand would, without what `publish_release` refuses."""
    current = registry.current_release(objects)
    release = msgspec.to_builtins(current) | {"number": number or current.number + 1, "models": models}
    name = f"release/pointer/{release['number']:06d}.json"
    objects.write_once(name, msgspec.json.encode(release, enc_hook=str))
    return name


def rotten(objects: InMemoryObjectStore, name: str) -> str:
    objects.overwrite(name, objects.read_bytes(name)[:-1] + b"!")
    return name


def served(objects: InMemoryObjectStore) -> ReleaseManager:
    shelf = ReleaseManager(objects)
    shelf.poll()
    return shelf


# -- manifests


@pytest.mark.parametrize(
    "changes", [{"margin": None}, {"max_count": 9}, {"decision": "said otherwise"}, {"libraries": {}}]
)
def test_manifest_that_was_rewritten_is_refused(objects, changes) -> None:
    fill(objects)
    shelf = served(objects)
    ref = fill(objects, "run-2", shift=0.5).models["home_win"]
    if changes == {"margin": None}:
        margin = registry.load_manifest(objects, "home_win", ref.version).margin
        changes = {"margin": msgspec.structs.replace(margin, intercept=3.0)}
    rewritten(objects, ref, **changes)
    with pytest.raises(ObjectCorrupted, match=r"manifest\.json: expected SHA-256"):
        shelf.serve_newest()
    assert shelf.require_forecaster().release.number == 1


def test_reference_names_its_manifests_hash(objects) -> None:
    for ref in fill(objects).models.values():
        assert ref.manifest_sha256 == registry.sha256_hex(objects.read_bytes(manifest_name(ref)))


def test_release_of_an_earlier_version_is_served(objects) -> None:
    """References did not know their manifests' hashes: such stores still open."""
    release = fill(objects)
    pointer = msgspec.json.decode(objects.read_bytes(release.object))
    for ref in pointer["models"].values():
        del ref["manifest_sha256"]
    objects.overwrite(release.object, msgspec.json.encode(pointer))
    assert served(objects).require_forecaster().release.models["home_win"].manifest_sha256 is None


@pytest.mark.parametrize(
    "changes", [{"target": "batter_hits"}, {"version": "9.9.9"}, {"artifact_sha256": "0" * 64}]
)
def test_manifest_of_another_model_is_refused_even_without_its_hash(objects, changes) -> None:
    ref = fill(objects).models["home_win"]
    rewritten(objects, ref, **changes)
    with pytest.raises(ObjectCorrupted, match="expected the manifest of home_win"):
        registry.load_model(objects, msgspec.structs.replace(ref, manifest_sha256=None))


def test_rollback_trusts_the_hash_of_the_release_not_the_file(objects) -> None:
    old = fill(objects).models["home_win"]
    fill(objects, "run-2", shift=0.5)
    rewritten(objects, old, decision="said otherwise")
    with pytest.raises(ObjectCorrupted, match=r"manifest\.json: expected SHA-256"):
        registry.rollback_model(objects, "home_win", old.version, NOW)


# -- targets


def test_target_that_names_anothers_model_is_not_served(objects) -> None:
    release = fill(objects)
    swapped = {**release.models, "home_win": release.models["batter_hits"]}
    name = pointed(objects, swapped)
    shelf = served(objects)
    assert shelf.require_forecaster().release.number == 1
    assert "expected a model of home_win, got one of batter_hits" in registry.damaged_pointers(objects)[name]


def test_target_that_names_anothers_model_is_not_published(objects) -> None:
    models = fill(objects).models
    with pytest.raises(ValueError, match="expected a model of home_win"):
        registry.publish_release(
            objects,
            snapshot=None,
            models={"home_win": models["batter_hits"]},
            run_id="r",
            now=NOW,
            reason="swap",
        )


def test_reference_to_anothers_files_is_refused(objects) -> None:
    """A reference may lie about its target: then its manifest does not fit."""
    fill(objects)
    shelf = served(objects)
    models = registry.current_release(objects).models
    lie = msgspec.structs.replace(models["batter_hits"], target="home_win")
    pointed(objects, {**models, "home_win": lie})
    with pytest.raises(ObjectCorrupted):
        shelf.serve_newest()
    assert shelf.require_forecaster().release.number == 1


def test_means_beyond_a_distribution_are_refused(objects, monkeypatch) -> None:
    fill(objects)
    shelf = served(objects)
    fill(objects, "run-2", shift=0.5)
    predict = Model.predict_mean
    monkeypatch.setattr(Model, "predict_mean", lambda model, rows: predict(model, rows) + 30)
    with pytest.raises((ReleaseRefused, ValueError)):
        shelf.serve_newest()
    assert shelf.require_forecaster().release.number == 1


# -- pointers

RUBBISH: list[tuple[str, bytes]] = [
    ("000002.json", b"{}"),
    ("000002.json", b"\x00" * 100),
    ("999999.json", b"rubbish"),
    ("1000000.json", b"rubbish"),
    ("zzz.json", b"rubbish"),
    ("000002.json.bak", b"rubbish"),
]


@pytest.mark.parametrize(("name", "data"), RUBBISH)
def test_rubbish_pointer_blocks_nobody(objects, name: str, data: bytes) -> None:
    fill(objects)
    objects.write_once(registry.POINTERS + name, data)
    assert served(objects).require_forecaster().release.number == 1
    newer = fill(objects, "run-2", shift=0.5)
    assert registry.current_release(objects) == newer
    assert served(objects).require_forecaster().release == newer
    assert registry.POINTERS + name in registry.damaged_pointers(objects)


def test_rubbish_before_the_first_release_blocks_nobody(objects) -> None:
    objects.write_once("release/pointer/000001.json", b"rubbish")
    assert fill(objects).number == 2
    assert served(objects).require_forecaster().release.number == 2


def test_pointer_of_another_number_is_rubbish(objects) -> None:
    first = fill(objects)
    objects.write_once("release/pointer/000009.json", objects.read_bytes(first.object))
    assert registry.current_release(objects) == first
    assert "it says 1" in registry.damaged_pointers(objects)["release/pointer/000009.json"]


def test_releases_beyond_a_million_are_in_order(objects) -> None:
    fill(objects)
    for number in (999_999, 1_000_000):
        pointed(objects, registry.current_release(objects).models, number)
    assert registry.current_release(objects).number == 1_000_000
    assert [one.number for one in registry.release_history(objects)] == [1, 999_999, 1_000_000]


def test_served_release_stays_when_its_pointer_is_damaged(objects) -> None:
    fill(objects)
    second = fill(objects, "run-2", shift=0.5)
    shelf = served(objects)
    objects.overwrite(second.object, b"rubbish")
    shelf.poll()
    assert shelf.require_forecaster().release == second


# -- releases that are damaged before anybody serves them


def swapped(objects: InMemoryObjectStore, release: Release) -> str:
    """Put one target's model in another's place; names inside and all hashes fit."""
    other = objects.read_bytes(release.models["batter_hits"].object)
    ref = release.models["home_win"]
    objects.overwrite(ref.object, other)
    hits = registry.load_manifest(objects, "batter_hits", release.models["batter_hits"].version)
    data = rewritten(
        objects, ref, artifact_sha256=registry.sha256_hex(other), features=hits.features,
        features_sha256=hits.features_sha256, family=hits.family, max_count=hits.max_count, trials=hits.trials,
    )  # fmt: skip
    lie = msgspec.structs.replace(
        ref, sha256=registry.sha256_hex(other), manifest_sha256=registry.sha256_hex(data)
    )
    pointer = msgspec.to_builtins(release) | {"models": {**release.models, "home_win": lie}}
    objects.overwrite(release.object, msgspec.json.encode(pointer, enc_hook=str))
    return "home_win"


BEFORE_SERVED: dict[str, tuple[Rot, str]] = {
    "model": (
        lambda objects, release: rotten(objects, release.models["home_win"].object),
        "`hankstank models rollback home_win 1.0.0`",
    ),
    "snapshot": (lambda objects, release: rotten(objects, release.snapshot), "`hankstank rebuild`"),
    "table": (
        lambda objects, release: rotten(
            objects,
            next(n for n in objects.list_names(release.snapshot.rpartition("/")[0]) if "/people-" in n),
        ),
        "`hankstank rebuild`",
    ),
    "swapped": (swapped, "`hankstank models rollback"),
}


@pytest.mark.parametrize("what", BEFORE_SERVED)
def test_cold_start_serves_the_release_before_a_damaged_one(objects, what: str) -> None:
    damage, remedy = BEFORE_SERVED[what]
    first = fill(objects)
    damage(objects, fill(objects, "run-2", shift=0.5))
    client = create_app(objects, lambda: NOW).test_client()
    game = client.post("/predict/game", json=GAME)
    assert (game.status_code, game.json["release"]) == (200, first.id)
    health = client.get("/health").json
    assert health["release"] == first.id
    assert health["degraded"] == ["Release 000002 is refused, release 000001 is served."]
    result = client.get("/status").json
    assert (result["state"], result["degraded"]) == ("refused", health["degraded"])
    assert remedy in result["refused"]


def test_cold_start_passes_over_every_damaged_release(objects) -> None:
    people = RecordingNotifier()
    fill(objects)
    for number in (2, 3):
        rotten(objects, fill(objects, f"run-{number}", shift=number / 10).models["home_win"].object)
    shelf = ReleaseManager(objects, alert=people.send_alert)
    assert shelf.require_forecaster().release.number == 1
    ((_, title, detail),) = people.alerts
    assert (title, detail["release"], detail["serving"]) == ("release refused", "000003", "000001")


def test_release_that_is_whole_again_takes_its_place(objects) -> None:
    fill(objects)
    ref = fill(objects, "run-2", shift=0.5).models["home_win"]
    whole = objects.read_bytes(ref.object)
    rotten(objects, ref.object)
    shelf = served(objects)
    assert shelf.require_forecaster().release.number == 1
    objects.overwrite(ref.object, whole)
    shelf.poll()
    assert (shelf.require_forecaster().release.number, shelf.last_swap.refused) == (2, None)


def test_only_release_that_is_damaged_is_named_with_the_way_out(objects, caplog) -> None:
    rotten(objects, fill(objects).snapshot)
    client = create_app(objects, lambda: NOW).test_client()
    for path in ("/readyz", f"/slate/{TOMORROW}"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "release 000001: the snapshot is damaged" in answer.json["detail"]
        assert "`hankstank rebuild`" in answer.json["detail"]
    assert client.get("/health").json["degraded"] == [
        "Release 000001 is refused, no other release can be served."
    ]
    assert [record.levelname for record in caplog.records if "is refused" in record.message] == ["ERROR"]
    assert "Traceback" not in caplog.text


# -- files that rot while they are served


ROT: dict[str, Rot] = {
    "model": lambda objects, release: rotten(objects, release.models["home_win"].object),
    "manifest": lambda objects, release: rotten(objects, manifest_name(release.models["home_win"])),
    "snapshot": lambda objects, release: rotten(objects, release.snapshot),
    "table": lambda objects, _: rotten(
        objects, next(n for n in objects.list_names("snapshot/") if "/people-" in n)
    ),
    "pointer": lambda objects, release: rotten(objects, release.object),
}


@pytest.mark.parametrize("what", ROT)
def test_files_that_rot_are_reported_once_and_served_on(objects, what: str) -> None:
    people, now = RecordingNotifier(), [0.0]
    release = fill(objects)
    shelf = ReleaseManager(objects, timer=lambda: now[0], alert=people.send_alert)
    shelf.poll()
    ROT[what](objects, release)
    for _ in range(3):
        now[0] += shelves.FILE_CHECK_INTERVAL + 1
        shelf.poll()
    assert shelf.require_forecaster().release == release
    assert len(shelf.damaged_files) == 1
    assert [title for _, title, _ in people.alerts] == ["files of the served release are damaged"]


def test_damage_is_told_where_people_look_and_goes_with_it(objects, monkeypatch) -> None:
    monkeypatch.setattr(shelves, "POLL_INTERVAL", -1.0)
    monkeypatch.setattr(shelves, "FILE_CHECK_INTERVAL", -1.0)
    release = fill(objects)
    client = create_app(objects, lambda: NOW).test_client()
    before = client.post("/predict/game", json=GAME).json["predictions"]
    name = release.models["home_win"].object
    whole = objects.read_bytes(name)
    objects.overwrite(name, b"rubbish")
    wait_until(
        lambda: any("Damaged" in one and "home_win" in one for one in client.get("/status").json["messages"])
    )
    assert re.search(r"hankstank_release_files_damaged\{.*\} 1\n", client.get("/metrics").text)
    assert client.post("/predict/game", json=GAME).json["predictions"] == before
    objects.overwrite(name, whole)
    wait_until(lambda: not any("Damaged" in one for one in client.get("/status").json["messages"]))


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
