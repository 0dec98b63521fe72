"""What a release is served without, and who is told: broken challengers, older snapshots, refusals."""

from collections.abc import Callable

import polars as pl
import pytest

from services.predict_api.app import create_app
from services.predict_api.mlb.quality_flags import FLAG_TEXTS, QualityFlag
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.serving.response_builder import build_game_answer
from services.predict_api.serving.snapshot_compat import upgrade_tables
from shared.modeling import registry
from shared.modeling.model import Model
from shared.modeling.registry import Release
from shared.sports.mlb.states import BATTER
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore, RecordingNotifier
from tests.unit.services.predict_api.release_store import AS_OF, NOW, TOMORROW, fill, tables
from tests.unit.services.predict_api.serving.test_release_check import challenger

Break = Callable[[InMemoryObjectStore, str], None]


def lost(objects: InMemoryObjectStore, name: str) -> None:
    objects.delete(name)


def tampered(objects: InMemoryObjectStore, name: str) -> None:
    objects.overwrite(name, b"not a model")


def offered(objects: InMemoryObjectStore) -> Release:
    """Release a challenger beside production."""
    challengers = {"home_win": challenger(objects)}
    return registry.publish_release(
        objects, snapshot=None, models=None, run_id="r", now=NOW, reason="challenge", challengers=challengers
    )


@pytest.fixture
def people() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture
def shelf(objects: InMemoryObjectStore, people: RecordingNotifier) -> ReleaseManager:
    return ReleaseManager(objects, alert=people.send_alert)


@pytest.mark.parametrize("broken", [lost, tampered])
def test_a_broken_challenger_is_left_out(
    objects: InMemoryObjectStore, shelf: ReleaseManager, people: RecordingNotifier, broken: Break
) -> None:
    release = offered(objects)
    broken(objects, release.challengers["home_win"].object)
    served = shelf.require_forecaster()
    assert (served.release.number, served.challengers, [*served.left_out]) == (
        release.number,
        {},
        ["home_win"],
    )
    assert [title for _, title, _ in people.alerts] == ["challenger left out"]


def test_a_challenger_that_does_not_answer_is_left_out(
    objects: InMemoryObjectStore, shelf: ReleaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict, bad = Model.predict_mean, offered(objects).challengers["home_win"].version

    def answers(model: Model, rows: pl.DataFrame) -> object:
        return predict(model, rows) if model.manifest.version != bad else 1 / 0

    monkeypatch.setattr(Model, "predict_mean", answers)
    assert shelf.require_forecaster().left_out == {"home_win": f"{bad}: division by zero"}


def test_a_challenger_left_out_is_told_where_people_look(objects: InMemoryObjectStore) -> None:
    lost(objects, offered(objects).challengers["home_win"].object)
    client = create_app(objects, lambda: NOW).test_client()
    result = client.get("/status").json
    assert any("a challenger is broken: home_win" in one for one in result["messages"])
    assert "hankstank_challengers_left_out" in client.get("/metrics").text


def test_a_refused_release_rings_once(
    objects: InMemoryObjectStore, shelf: ReleaseManager, people: RecordingNotifier
) -> None:
    shelf.require_forecaster()
    tampered(objects, fill(objects, "run-2", shift=0.5).models["home_win"].object)
    shelf.poll()
    shelf.poll()
    assert [(severity, title) for severity, title, _ in people.alerts] == [("critical", "release refused")]
    assert people.alerts[0][2]["serving"] == "000001"


def test_a_release_that_trips_a_bug_is_refused(
    objects: InMemoryObjectStore, shelf: ReleaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.require_forecaster()
    fill(objects, "run-2", shift=0.5)
    monkeypatch.setattr("services.predict_api.serving.release_loader.check_release", lambda *_asked: 1 / 0)
    shelf.poll()
    assert shelf.require_forecaster().release.id == "000001"
    assert shelf.last_swap.refused.startswith("000002: ZeroDivisionError: division by zero")


def test_a_snapshot_of_an_earlier_version_is_served(
    objects: InMemoryObjectStore, shelf: ReleaseManager
) -> None:
    known = tables()
    del known["umpire_states"]
    known["batter_states"] = known["batter_states"].drop("strikeout_expected_vs_left")
    name = snapshot.save_snapshot(Snapshot(AS_OF, "earlier", known), objects)
    registry.publish_release(objects, snapshot=name, models={}, run_id="r", now=NOW, reason="test")
    served = shelf.require_forecaster()
    assert served.outdated_tables == ("batter_states", "umpire_states")
    card = next(iter(served.forecast_day(TOMORROW).values()))
    flags = build_game_answer(served, card, card.home_win, reasons=False).flags
    assert FLAG_TEXTS[QualityFlag.OLDER_SNAPSHOT] in flags


def test_what_an_earlier_version_counted_in_part_is_not_known() -> None:
    row = {"as_of": [AS_OF], "batter_id": [7], "season": [2026]} | {
        name: [2.0] for name in BATTER.column_names
    }
    whole = {**tables(), "batter_states": pl.DataFrame(row)}
    earlier = {**whole, "batter_states": whole["batter_states"].drop("walk_expected_vs_left")}
    read = upgrade_tables(earlier)[0]["batter_states"]
    zeros = [name for name in BATTER.column_names if read[name][0] == 0]
    assert zeros == ["walk_vs_left", "walk_trials_vs_left", "walk_expected_vs_left"]


def test_place_at_zero_of_an_earlier_snapshot_is_unknown():
    places = pl.DataFrame({"last_latitude": [0.0, 40.0], "last_longitude": [0.0, 0.0]})
    earlier = {**tables(), "club_states": places}
    read = upgrade_tables(earlier)[0]["club_states"]
    assert read.select("last_latitude", "last_longitude").rows() == [(None, None), (40.0, 0.0)]
