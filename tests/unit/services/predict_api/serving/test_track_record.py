"""The track record: graded forecasts by month and tenth, a published evaluation, and a player's last games."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from evaluation.published import publish_evaluation
from services.predict_api.app import create_app
from services.predict_api.serving.track_record import EVALUATION_OBJECT
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, NOW, fill

REPORT = {
    "made_at": datetime(2026, 4, 1, tzinfo=UTC),
    "seasons": {"first": 2013, "last": 2016, "history": 2010},
    "notice": "Retrosheet's.",
    "targets": {
        "home_win": {
            "rows": 9717,
            "games": 9717,
            "variants": {
                "confirmed line-ups": {
                    "log_loss": 0.6772,
                    "log_loss_se": 0.001,
                    "calibration": {"slope": 1.01},
                    "reliability": [{"rows": 972, "promised": 0.4, "happened": 0.41, "se": 0.016}],
                }
            },
            "rivals": {
                "closing_line": {
                    "rows": 9000,
                    "log_loss": 0.6755,
                    "ours_minus_theirs": {"log_loss": {"mean": 0.0017, "se": 0.0007}},
                },
                "odds_nobody_has": {"rows": 0},
            },
            "by_season": {"2016": {"log_loss": 0.68}},
            "by_month": {"4": {"log_loss": 0.69}},
        }
    },
}


def record(client: FlaskClient) -> dict[str, object]:
    return client.get("/track-record").json


def test_months_are_summed_up_by_model(client: FlaskClient) -> None:
    (graded,) = record(client)["graded"]
    assert (graded["forecasts"], graded["log_loss"]) == (400, pytest.approx(0.67))
    assert (graded["first_date"], graded["last_date"]) == ("2026-03-01", "2026-04-28")


def test_months_stand_beside_the_home_clubs_share(client: FlaskClient) -> None:
    months = record(client)["by_month"]
    assert [one["month"] for one in months] == ["2026-03-01", "2026-04-01"]
    assert months[0]["naive_log_loss"] == pytest.approx(0.6931, abs=1e-4)


def test_tenths_tell_promise_and_truth(client: FlaskClient) -> None:
    tenths = record(client)["reliability"]["home_win"]
    assert (len(tenths), tenths[0]["error"]) == (10, pytest.approx(0.5 / 40**0.5))


def test_a_record_of_few_games_says_so(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    assert record(client)["is_enough"]
    result = snapshot.load_snapshot(registry.current_release(objects).snapshot, objects)
    few = {**result.tables, "track_record": result.tables["track_record"].head(1)}
    young = standing_on(objects, few)
    assert not record(young)["is_enough"]
    assert "Fewer than 400 games" in young.get("/record").text


def test_an_older_snapshot_has_no_record_and_breaks_nothing(objects: InMemoryObjectStore) -> None:
    result = snapshot.load_snapshot(registry.current_release(objects).snapshot, objects)
    older = {
        name: result.tables[name] for name in result.tables if name not in ("reliability", "recent_games")
    }
    client = standing_on(objects, older)
    assert (record(client)["graded"], client.get(f"/player/{BOS_BATTERS[0]}").status_code) == ([], 200)


def standing_on(objects: InMemoryObjectStore, tables: dict[str, object]) -> FlaskClient:
    name = snapshot.save_snapshot(Snapshot(AS_OF, "other", tables), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="r", now=NOW, reason="test")
    return create_app(objects, lambda: NOW).test_client()


def test_a_published_evaluation_is_told_apart() -> None:
    objects = InMemoryObjectStore()
    fill(objects)
    publish_evaluation(REPORT, objects)
    client = create_app(objects, lambda: NOW).test_client()
    result = record(client)["evaluation"]["targets"]["home_win"]
    assert result["rivals"] == [
        {"name": "closing line", "rows": 9000, "log_loss": 0.6755, "gain": -0.0017, "gain_se": 0.0007}
    ]
    assert "Evaluation on real seasons" in client.get("/record").text


def test_a_spoilt_evaluation_is_passed_over() -> None:
    objects = InMemoryObjectStore()
    fill(objects)
    objects.overwrite(EVALUATION_OBJECT, b"{")
    assert record(create_app(objects, lambda: NOW).test_client())["evaluation"] is None


def test_a_player_is_shown_with_his_last_games(client: FlaskClient) -> None:
    page = client.get(f"/player/{BOS_BATTERS[0]}").text
    assert "3 hits in the last 3 games" in page
    assert page.count("0.90 expected") == 3
    assert "<td>NYY</td>" in page


def test_families_that_are_missing_are_named(objects: InMemoryObjectStore) -> None:
    result = snapshot.load_snapshot(registry.current_release(objects).snapshot, objects)
    status = {"features": {"missing_families": ["weather", "umpires_called"]}, "spoilt": []}
    name = snapshot.save_snapshot(Snapshot(AS_OF, "poor", result.tables, status=status), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="r", now=NOW, reason="test")
    words = create_app(objects, lambda: NOW).test_client().get("/status").json["messages"]
    assert "Forecasts are made without: umpires called, weather." in words
