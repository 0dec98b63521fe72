"""A day without games says why: called off, a day off, or a schedule that is not known yet."""

from datetime import date, timedelta

import polars as pl
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from shared import registry, snapshot
from shared.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.predict_api import standing
from tests.unit.predict_api.standing import AS_OF, BOS_BATTERS, DOUBLEHEADER_DAY, NOW, TOMORROW

DAY_OFF, RAINED_OUT, LAST_LISTED = (TOMORROW + timedelta(days=n) for n in (2, 3, 5))
BEYOND = LAST_LISTED + timedelta(days=1)
WHY = {
    DAY_OFF: ("day_off", "a day off"),
    RAINED_OUT: ("called_off", "called off: BOS at NYY (Postponed)"),
    BEYOND: ("not_known", f"not known yet: it is known until {LAST_LISTED}"),
}


@pytest.fixture
def client() -> FlaskClient:
    """A client of an API whose schedule has a day off and a game called off."""
    objects = InMemoryObjectStore()
    release = standing.fill(objects)
    later = [standing.game_row(4, RAINED_OUT, 1), standing.game_row(5, LAST_LISTED, 1)]
    later[0] |= {"status": "Other", "detailed_state": "Postponed"}
    tables = standing.tables()
    tables["schedule"] = pl.concat([tables["schedule"], pl.DataFrame(later)])
    name = snapshot.save(Snapshot(AS_OF, "run-2", tables), objects)
    registry.publish_release(
        objects, snapshot=name, models=release.models, run_id="run-2", now=NOW, reason="test"
    )
    return create_app(objects, lambda: NOW).test_client()


@pytest.mark.parametrize(("day", "kind", "words"), [(day, *why) for day, why in WHY.items()])
def test_a_slate_says_why(client: FlaskClient, day: date, kind: str, words: str) -> None:
    answer = client.get(f"/slate/{day}").json
    assert (answer["kind"], answer["games"]) == (kind, [])
    assert words in answer["message"]
    assert answer["schedule_known_until"] == str(LAST_LISTED)


@pytest.mark.parametrize(("day", "kind", "words"), [(day, *why) for day, why in WHY.items()])
def test_a_page_says_why(client: FlaskClient, day: date, kind: str, words: str) -> None:
    assert words in client.get(f"/day/{day}").text, kind


@pytest.mark.parametrize(("day", "kind", "words"), [(day, *why) for day, why in WHY.items()])
@pytest.mark.parametrize("path", ["/predict/game", "/predict/player"])
def test_a_question_is_told_why(client: FlaskClient, path: str, day: date, kind: str, words: str) -> None:
    who = {
        "/predict/game": {"home_team": "NYY", "away_team": "BOS"},
        "/predict/player": {"player_id": BOS_BATTERS[0]},
    }
    answer = client.post(path, json={**who[path], "game_date": str(day)})
    assert (answer.status_code, answer.json["kind"]) == (404, kind)
    assert words in answer.json["detail"]
    assert answer.json["schedule_known_until"] == str(LAST_LISTED)


def test_a_day_with_games_says_how_many(client: FlaskClient) -> None:
    answer = client.get(f"/slate/{DOUBLEHEADER_DAY}").json
    assert (answer["kind"], answer["message"]) == ("games", f"2 games on {DOUBLEHEADER_DAY}.")
