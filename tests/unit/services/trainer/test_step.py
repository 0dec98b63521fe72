"""New features become at most one release; the same event changes nothing twice."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.trainer import step as room
from services.trainer.fitting import tuning
from services.trainer.notifications import STATUS_OBJECT
from services.trainer.recipes import TUNED_VOICE
from services.trainer.step import LeakCheckFailed, step
from shared.messaging.events import REFRESH_TRIGGERS, REPAIR, FeaturesCreated
from shared.modeling import registry
from shared.modeling.model import Model
from shared.sports.mlb.targets import TARGETS
from tests.fakes import InMemoryObjectStore, RecordingNotifier, ports
from tests.unit.services.trainer.league import league

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAYED = league(days=18, games_a_day=10, signal=0.4)
NAMES = {target.name for target in TARGETS}
FIRST_DAY = PLAYED.last - timedelta(days=2)


def features_created(as_of, **changes):
    fields = {
        "run_id": f"run-{as_of}",
        "occurred_at": NOW,
        "dates": (as_of,),
        "snapshot": f"snapshot/{as_of}/run/manifest.json",
        "as_of": as_of,
        "rows_sampled": 20,
        "mismatches": 0,
        **changes,
    }
    return FeaturesCreated(**fields)


@pytest.fixture(scope="module")
def deployed():
    world = ports(PLAYED)
    return world, step(features_created(FIRST_DAY), world, NOW)


@pytest.fixture
def world(deployed):
    """A world of its own in which the first models are production."""
    objects = InMemoryObjectStore()
    for name in deployed[0].objects.list_names(""):
        objects.write_once(name, deployed[0].objects.read_bytes(name))
    return replace(deployed[0], objects=objects, notifier=RecordingNotifier())


def objects_of(world):
    return {name: world.objects.read_bytes(name) for name in world.objects.list_names("")}


def status(world):
    return json.loads(world.objects.read_bytes(STATUS_OBJECT))


def test_first_training_announces_every_target_at_once(deployed):
    (event,) = deployed[1]
    assert {(model.target, model.version, model.replaced) for model in event.models} == {
        (name, "1.0.0", None) for name in NAMES
    }


def test_announced_release_is_current(deployed):
    world, (event,) = deployed
    current = registry.current_release(world.objects)
    assert (event.release, current.snapshot) == (current.object, f"snapshot/{FIRST_DAY}/run/manifest.json")


def test_announcement_carries_the_run_and_metrics(deployed):
    (event,) = deployed[1]
    assert event.run_id == f"run-{FIRST_DAY}"
    assert all(
        {"log_loss", "naive_log_loss", "gain", "rows"} <= model.metrics.keys() for model in event.models
    )


def test_deployed_models_forecast(deployed):
    world, _ = deployed
    refs = registry.current_release(world.objects).models
    model = Model.from_artifact(*registry.load_model(world.objects, refs["batter_hits"]))
    assert model.predict_mean(PLAYED.batters).mean() == pytest.approx(PLAYED.batters["hits"].mean(), rel=0.1)


def test_signal_beats_naive(deployed):
    (event,) = deployed[1]
    gains = {model.target: model.metrics["gain"] for model in event.models}
    assert min(gains["batter_hits"], gains["pitcher_strikeouts"]) > 0


def test_redelivery_announces_the_same_and_trains_nothing(world, deployed):
    before = objects_of(world)
    silent = replace(world, warehouse=None)
    assert step(features_created(FIRST_DAY), silent, NOW + timedelta(hours=1)) == deployed[1]
    assert objects_of(world) == before


def test_crash_before_the_release_is_repaired_by_redelivery(world, deployed):
    """All is trained again, to the same bytes: others would be refused."""
    before = objects_of(world)
    world.objects.delete("release/pointer/000001.json")
    assert step(features_created(FIRST_DAY), world, NOW) == deployed[1]
    assert objects_of(world) == before


def test_next_day_is_a_patch(world):
    (event,) = step(features_created(FIRST_DAY + timedelta(days=1)), world, NOW)
    assert {(model.version, model.replaced) for model in event.models} == {("1.0.1", "1.0.0")}


def test_next_day_is_incremental(world):
    (event,) = step(features_created(FIRST_DAY + timedelta(days=1)), world, NOW)
    manifests = [registry.load_manifest(world.objects, m.target, m.version) for m in event.models]
    assert {(made.kind, made.trained_on.last_full_build) for made in manifests} == {
        ("incremental", FIRST_DAY)
    }


def test_another_run_on_the_same_days_deploys_nothing(world):
    again = features_created(FIRST_DAY, run_id="asked-by-hand", trigger="manual")
    assert step(again, world, NOW) == []
    assert status(world)["targets"]["batter_hits"]["reason"].startswith("nothing new")


def test_late_event_changes_nothing(world):
    before = objects_of(world)
    assert step(features_created(FIRST_DAY - timedelta(days=1)), world, NOW) == []
    assert objects_of(world) == before


def test_new_models_keep_a_newer_snapshot(world):
    registry.publish_release(
        world.objects, snapshot="snapshot/newer", models=None, run_id="r", now=NOW, reason="features"
    )
    step(features_created(FIRST_DAY + timedelta(days=1)), world, NOW)
    assert registry.current_release(world.objects).snapshot == "snapshot/newer"


def test_rollback_is_respected_by_the_next_build(world):
    step(features_created(FIRST_DAY + timedelta(days=1)), world, NOW)
    registry.rollback_model(world.objects, "batter_hits", "1.0.0", NOW)
    (event,) = step(features_created(FIRST_DAY + timedelta(days=2)), world, NOW)
    hits = next(model for model in event.models if model.target == "batter_hits")
    assert (hits.version, hits.replaced) == ("1.0.2", "1.0.0")


def test_frozen_by_settings_deploys_nothing(world):
    frozen = ports(PLAYED, objects=world.objects, deployment_disabled=True)
    before = registry.current_release(world.objects)
    assert step(features_created(PLAYED.last), frozen, NOW) == []
    assert registry.current_release(world.objects) == before


def test_frozen_says_why_and_still_judges(world):
    frozen = ports(PLAYED, objects=world.objects, deployment_disabled=True)
    step(features_created(PLAYED.last), frozen, NOW)
    result = status(frozen)["targets"]["batter_hits"]
    assert result["reason"] == "deployment is disabled in the settings"
    assert result["metrics"]["log_loss"] > 0


def test_postseason_is_frozen(world):
    october = replace(PLAYED, **{name: with_postseason(name) for name in ("games", "batters", "starters")})
    assert step(features_created(PLAYED.last), replace(world, warehouse=october), NOW) == []
    assert status(world)["targets"]["home_win"]["reason"] == "frozen in the postseason"


def with_postseason(name):
    latest = pl.col("game_date") == PLAYED.last
    return getattr(PLAYED, name).with_columns(
        game_type=pl.when(latest).then(pl.lit("W")).otherwise("game_type")
    )


@pytest.fixture(scope="module")
def after_noise():
    """A world whose formulas are the truth, so that a month's tuning, of short courses, found nothing better."""
    world = ports(league(days=16, games_a_day=10))
    step(features_created(FIRST_DAY), world, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tuning._BOUNDS, "most_rounds", 40)
        step(features_created(PLAYED.last, trigger="monthly"), world, NOW)
    return world.objects


def test_month_changes_no_pool_at_once(after_noise):
    """One more voice has to be judged on games to come."""
    release = registry.current_release(after_noise)
    served, challengers = (
        [registry.load_manifest(after_noise, name, ref.version) for name, ref in refs.items()]
        for refs in (release.models, release.challengers)
    )
    assert not any(voice.name == TUNED_VOICE for made in served for voice in made.voices)
    assert all(made.voices[-1].name == TUNED_VOICE for made in challengers)


@pytest.fixture
def only(monkeypatch):
    """Let a single target be trained."""
    return lambda name: monkeypatch.setattr(
        room, "TARGETS", tuple(target for target in TARGETS if target.name == name)
    )


def test_pool_after_the_formula_is_a_minor_version(only):
    """Two days give the formula alone; two weeks later there is enough for a pool."""
    only("home_win")
    played = league(days=16, games_a_day=30, signal=0.8)
    world = ports(played)
    step(features_created(played.last - timedelta(days=14)), world, NOW)
    (event,) = step(features_created(played.last, trigger="weekly"), world, NOW)
    win = next(model for model in event.models if model.target == "home_win")
    assert (win.version, win.replaced) == ("1.1.0", "1.0.0")
    assert registry.load_manifest(world.objects, "home_win", "1.1.0").form == "pool"


def test_every_variant_with_rows_has_its_own_part(deployed):
    world, _ = deployed
    refs = registry.current_release(world.objects).models
    parts = {
        name: set(registry.load_manifest(world.objects, name, refs[name].version).variants)
        for name in ("pitcher_outs", "batter_walks")
    }
    assert parts["pitcher_outs"] == {"projected", "unknown"}
    assert parts["batter_walks"] == {"projected"}  # without line-ups there are no batters


def test_worse_than_naive_is_not_deployed():
    played = league(days=60)
    turned = pl.col("game_date") > played.last - timedelta(days=12)
    flipped = pl.when(turned).then(-pl.col("margin_home_win")).otherwise(pl.col("margin_home_win"))
    games = played.games.with_columns(margin_home_win=2 * flipped)
    world = ports(replace(played, games=games, batters=played.batters[:0], starters=played.starters[:0]))
    (event,) = step(features_created(played.last), world, NOW)
    assert "home_win" not in {model.target for model in event.models}
    assert world.notifier.alerts[0][1] == "first model of home_win is not better than naive"


def test_spoiled_rows_deploy_nothing(only):
    only("batter_hits")
    played = league(days=12, games_a_day=10, formula=3.0)
    world = ports(played)
    step(features_created(played.last - timedelta(days=1)), world, NOW)
    old = pl.col("game_date") <= played.last - timedelta(days=2)
    hitless = played.batters.with_columns(hits=pl.when(old).then(0).otherwise(pl.col("hits")))
    corrupt = replace(world, warehouse=replace(played, batters=hitless))
    step(features_created(played.last), corrupt, NOW)
    assert status(world)["targets"]["batter_hits"]["reason"].startswith("worse than production")
    assert registry.current_release(world.objects).models["batter_hits"].version == "1.0.0"


def test_two_days_deploy_the_formula_alone():
    young = league(days=2)
    world = ports(young)
    (event,) = step(features_created(young.last), world, NOW)
    manifests = [registry.load_manifest(world.objects, name, "1.0.0") for name in sorted(NAMES)]
    assert len(event.models) == len(NAMES)
    assert {(made.form, made.rounds) for made in manifests} == {("formula", 0)}


def test_no_games_deploy_nothing():
    world = ports(league(days=1))
    assert step(features_created(FIRST_DAY - timedelta(days=60)), world, NOW) == []
    assert status(world)["targets"]["home_win"]["reason"] == "0 rows, expected at least 20"


def test_leaking_features_are_refused(world):
    with pytest.raises(LeakCheckFailed, match="got 2"):
        step(features_created(PLAYED.last, mismatches=2), world, NOW)


def test_status_names_version_release_and_reason(deployed):
    result = status(deployed[0])
    assert (result["deployed"], result["release"]) == (True, "000001")
    assert result["targets"]["home_win"]["version"] == "1.0.0"


@pytest.mark.parametrize("trigger", sorted(REFRESH_TRIGGERS))
def test_refresh_trains_nothing(world, trigger):
    before = objects_of(world)
    assert step(features_created(PLAYED.last, run_id="refresh", trigger=trigger), world, NOW) == []
    assert objects_of(world) == before


def test_repair_trains_only_what_cannot_be_read(world):
    release = registry.current_release(world.objects)
    world.objects.delete(release.models["batter_hits"].object)
    event = features_created(FIRST_DAY, run_id="repair-1", trigger=REPAIR)
    (announced,) = step(event, world, NOW)
    assert [model.target for model in announced.models] == ["batter_hits"]
    repaired = registry.current_release(world.objects)
    registry.load_model(world.objects, repaired.models["batter_hits"])
    assert {name: repaired.models[name] for name in NAMES - {"batter_hits"}} == {
        name: release.models[name] for name in NAMES - {"batter_hits"}
    }


def test_repair_of_whole_models_trains_nothing(world):
    before = objects_of(world)
    assert step(features_created(PLAYED.last, run_id="repair-1", trigger=REPAIR), world, NOW) == []
    assert objects_of(world) == before
