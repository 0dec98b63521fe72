"""Training that goes wrong leaves production as it was, says so, and is tried again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import polars as pl
import pytest

from services.trainer import step as room
from services.trainer.dataset import build_sample
from services.trainer.notifications import STATUS_OBJECT
from services.trainer.selection.shadow import SHADOW_GAMES
from shared.errors import StoreUnavailable
from shared.messaging.events import FeaturesCreated
from shared.modeling import registry
from shared.sports.mlb.targets import TARGETS
from tests.fakes import InMemoryObjectStore, RecordingNotifier, ports
from tests.unit.services.trainer.league import GRADED, league

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAYED = league(days=16, games_a_day=10, signal=0.4)
BEFORE = PLAYED.last - timedelta(days=1)
BY_NAME = {target.name: target for target in TARGETS}


@pytest.fixture(autouse=True)
def two_targets(monkeypatch):
    monkeypatch.setattr(room, "TARGETS", (BY_NAME["home_win"], BY_NAME["pitcher_strikeouts"]))


def created(as_of, **changes):
    fields = {"occurred_at": NOW, "dates": (as_of,), "rows_sampled": 20, "mismatches": 0, **changes}
    name = f"snapshot/{as_of}/manifest.json"
    return FeaturesCreated(run_id=f"run-{as_of}", snapshot=name, as_of=as_of, **fields)


@pytest.fixture
def world():
    """A world in which first models are production."""
    world = ports(PLAYED)
    room.step(created(BEFORE), world, NOW)
    return replace(world, notifier=RecordingNotifier())


def production(world):
    return {name: ref.version for name, ref in registry.current_release(world.objects).models.items()}


def titles(world):
    return [title for _, title, _ in world.notifier.alerts]


def result(world, target):
    return json.loads(world.objects.read_bytes(STATUS_OBJECT))["targets"][target]


@pytest.fixture
def without_strikeouts(world):
    """The warehouse answers nonsense about starters alone."""
    bad = PLAYED.starters.with_columns(strikeouts=pl.lit("many"))
    return replace(world, warehouse=replace(PLAYED, starters=bad))


def test_one_failure_leaves_its_production_and_decides_the_others(without_strikeouts):
    room.step(created(PLAYED.last), without_strikeouts, NOW)
    assert production(without_strikeouts) == {"home_win": "1.0.1", "pitcher_strikeouts": "1.0.0"}


def test_failure_is_told(without_strikeouts):
    room.step(created(PLAYED.last), without_strikeouts, NOW)
    assert titles(without_strikeouts) == ["training of pitcher_strikeouts failed"]
    assert result(without_strikeouts, "pitcher_strikeouts")["reason"].startswith("failed, production stays: ")


def test_next_tick_tries_again(world, without_strikeouts):
    room.step(created(BEFORE + timedelta(days=1)), without_strikeouts, NOW)
    room.step(created(PLAYED.last + timedelta(days=1)), world, NOW)
    assert production(world)["pitcher_strikeouts"] == "1.0.1"


def test_unreadable_production_is_replaced(world):
    ref = registry.current_release(world.objects).models["home_win"]
    world.objects.overwrite(ref.object, b"rubbish")
    room.step(created(PLAYED.last), world, NOW)
    assert production(world) == {"home_win": "1.1.0", "pitcher_strikeouts": "1.0.1"}
    assert "production model of home_win is broken" in titles(world)


@pytest.mark.parametrize("spoil", [InMemoryObjectStore.delete, InMemoryObjectStore.corrupt])
def test_lost_or_corrupted_manifest_is_no_reason_to_stop(world, spoil):
    spoil(world.objects, "models/home_win/1.0.0/manifest.json")
    room.step(created(PLAYED.last), world, NOW)
    assert production(world) == {"home_win": "1.1.0", "pitcher_strikeouts": "1.0.1"}


def test_model_of_features_that_are_gone_is_replaced(world):
    gone = BY_NAME["home_win"].features[0]
    shorter = replace(BY_NAME["home_win"], features=BY_NAME["home_win"].features[1:], monotone_increasing=())
    games = PLAYED.games.drop(gone)
    room.TARGETS = (shorter, BY_NAME["pitcher_strikeouts"])
    room.step(created(PLAYED.last), replace(world, warehouse=replace(PLAYED, games=games)), NOW)
    assert f"it reads {gone}" in result(world, "home_win")["reason"]
    assert production(world)["home_win"] == "1.1.0"


def test_frozen_leaves_even_what_is_broken(world):
    registry_ref = registry.current_release(world.objects).models["home_win"]
    world.objects.overwrite(registry_ref.object, b"rubbish")
    frozen = ports(PLAYED, objects=world.objects, deployment_disabled=True)
    assert room.step(created(PLAYED.last), frozen, NOW) == []


class FullDisk(InMemoryObjectStore):
    """A store with room for so many more objects."""

    room = 10**9

    def create_if_absent(self, name, data):
        self.room -= 1
        if self.room < 0:
            raise StoreUnavailable(f"{name}: no space left: free some space and try again")
        return super().create_if_absent(name, data)


@pytest.mark.parametrize("left", [0, 1, 3, 4])
def test_full_disk_leaves_production_and_heals(left):
    world = ports(PLAYED, objects=FullDisk())
    room.step(created(BEFORE), world, NOW)
    before = production(world)
    world.objects.room = left
    with pytest.raises(StoreUnavailable):
        room.step(created(PLAYED.last), world, NOW)
    assert production(world) == before
    assert titles(world)[-1] == "training could not be stored, production stays"
    world.objects.room = 10**9
    room.step(created(PLAYED.last), world, NOW)
    assert set(production(world).values()) == {"1.0.1"}


def challenged(world, gain):
    """Let a deployed model challenge production and be scored on a month of games."""
    objects = world.objects
    artifact, made = registry.load_model(objects, registry.current_release(objects).models["home_win"])
    made = msgspec.structs.replace(made, version="1.1.0", voices=made.voices[:1])
    ref = registry.save_model(objects, "home_win", "1.1.0", artifact, made)
    registry.publish_release(
        objects, snapshot=None, models=None, run_id="r", now=NOW, reason="t", challengers={"home_win": ref}
    )
    theirs = np.random.default_rng(1).normal(0.65, 0.1, SHADOW_GAMES)
    rows = [
        {"model_version": version, "is_challenger": version == "1.1.0", "log_loss": loss, "game_pk": pk}
        for pk, their in enumerate(theirs, start=10_000)
        for version, loss in (("1.0.0", their), ("1.1.0", their - gain))
    ]
    constant = {"target": "home_win", "game_date": BEFORE, "release_id": "000002", "player_id": None}
    scored_forecasts = pl.DataFrame([row | constant for row in rows], schema=GRADED)
    return replace(world, warehouse=replace(PLAYED, scored_forecasts=scored_forecasts))


def test_challenger_no_worse_in_shadow_becomes_production(world):
    (event,) = room.step(created(PLAYED.last), challenged(world, gain=0.02), NOW)
    win = next(model for model in event.models if model.target == "home_win")
    assert (win.version, win.replaced) == ("1.2.0", "1.0.0")
    assert registry.current_release(world.objects).challengers == {}


def test_promoted_challenger_keeps_its_bytes(world):
    room.step(created(PLAYED.last), challenged(world, gain=0.02), NOW)
    manifests = [registry.load_manifest(world.objects, "home_win", v) for v in ("1.1.0", "1.2.0")]
    assert len({made.artifact_sha256 for made in manifests}) == 1
    assert manifests[1].decision.startswith("challenger 1.1.0 no worse than production in shadow")


def test_challenger_clearly_worse_retires_and_production_goes_on(world):
    room.step(created(PLAYED.last), challenged(world, gain=-0.02), NOW)
    assert production(world)["home_win"] == "1.0.1"
    assert registry.current_release(world.objects).challengers == {}


def test_redelivery_of_a_promotion_announces_the_same(world):
    requested = challenged(world, gain=0.02)
    once = room.step(created(PLAYED.last), requested, NOW)
    assert room.step(created(PLAYED.last), requested, NOW) == once


def test_unreadable_challenger_is_dropped(world):
    requested = challenged(world, gain=0.0)
    requested.objects.overwrite("models/home_win/1.1.0/model.ubj", b"rubbish")
    empty = replace(requested, warehouse=PLAYED)
    room.step(created(PLAYED.last), empty, NOW)
    assert registry.current_release(world.objects).challengers == {}


def test_drift_is_told_by_feature(world):
    strange = PLAYED.starters.with_columns(pl.col("starter_strikeout_rate") * 100)
    room.step(created(PLAYED.last), replace(world, warehouse=replace(PLAYED, starters=strange)), NOW)
    assert "starter_strikeout_rate" in world.notifier.alerts[-1][2]["features"]
    assert result(world, "pitcher_strikeouts")["drift"]["starter_strikeout_rate"] > 1


def test_manifests_of_other_versions_are_read(world):
    name = "models/home_win/1.0.0/manifest.json"
    older = json.loads(world.objects.read_bytes(name))
    for later in ("profile", "tree_weight", "voices", "calibration", "variants", "own_rounds"):
        del older[later]
    older |= {"form": "oracle", "hyperparameters": {"depth": 9}, "written_by": "a newer trainer"}
    world.objects.overwrite(name, json.dumps(older).encode())
    pointer = registry.current_release(world.objects).object
    release = json.loads(world.objects.read_bytes(pointer))
    del release["models"]["home_win"]["manifest_sha256"]  # as references were then
    world.objects.overwrite(pointer, json.dumps(release).encode())
    room.step(created(PLAYED.last), world, NOW)
    assert production(world)["home_win"] == "1.0.1"
    assert build_sample(PLAYED.games, BY_NAME["home_win"]).last_day == PLAYED.last
