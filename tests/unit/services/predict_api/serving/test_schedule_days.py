"""A day without games says why: called off, a day off, the off-season, or a schedule that is not known yet."""

from datetime import date, timedelta

import msgspec
import polars as pl
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.coverage import KnownSchedule, SeasonDates
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api import release_store
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, DOUBLEHEADER_DAY, NOW, TOMORROW

DAY_OFF, RAINED_OUT, LAST_LISTED = (TOMORROW + timedelta(days=n) for n in (2, 3, 5))
KNOWN_UNTIL = LAST_LISTED + timedelta(days=3)  # the last of the days asked for have no games
BEYOND = KNOWN_UNTIL + timedelta(days=1)
LATE_DAY_OFF = KNOWN_UNTIL
CHRISTMAS, NEW_YEAR = date(2026, 12, 25), date(2026, 1, 1)
FIRST_COVERED = date(2026, 4, 10)  # the stores begin after the season did
OTHER_SEASON, BEFORE_THE_STORES = date(2024, 5, 1), date(2026, 4, 1)
COVERED = f"the stores cover {FIRST_COVERED} to {AS_OF}"
SEASON = SeasonDates(2026, regular=(date(2026, 3, 25), date(2026, 9, 27)))
WHY = {
    DAY_OFF: ("day_off", "a day off"),
    RAINED_OUT: ("called_off", "called off: BOS at NYY (Postponed)"),
    LATE_DAY_OFF: ("day_off", "a day off"),
    BEYOND: ("not_known", f"not known yet: it is known until {KNOWN_UNTIL}"),
    CHRISTMAS: ("off_season", "it is the off-season"),
    NEW_YEAR: ("off_season", "it is the off-season"),
    OTHER_SEASON: ("not_covered", COVERED),
    BEFORE_THE_STORES: ("not_covered", COVERED),
}


@pytest.fixture
def objects() -> InMemoryObjectStore:
    """A store whose schedule has days off and a game called off."""
    objects = InMemoryObjectStore()
    release = release_store.fill(objects)
    later = [release_store.game_row(4, RAINED_OUT, 1), release_store.game_row(5, LAST_LISTED, 1)]
    later[0] |= {"status": "Other", "detailed_state": "Postponed"}
    tables = release_store.tables()
    tables["schedule"] = pl.concat([tables["schedule"], pl.DataFrame(later)])
    known = msgspec.to_builtins(KnownSchedule(KNOWN_UNTIL, (SEASON,), covered=((FIRST_COVERED, AS_OF),)))
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-2", tables, status={"schedule": known}), objects)
    registry.publish_release(
        objects, snapshot=name, models=release.models, run_id="run-2", now=NOW, reason="test"
    )
    return objects


@pytest.fixture
def client(objects: InMemoryObjectStore) -> FlaskClient:
    return create_app(objects, lambda: NOW).test_client()


@pytest.mark.parametrize(("day", "kind", "words"), [(day, *why) for day, why in WHY.items()])
def test_a_slate_says_why(client: FlaskClient, day: date, kind: str, words: str) -> None:
    answer = client.get(f"/slate/{day}").json
    assert (answer["kind"], answer["games"]) == (kind, [])
    assert words in answer["message"]
    assert answer["schedule_known_until"] == str(KNOWN_UNTIL)


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
    assert answer.json["schedule_known_until"] == str(KNOWN_UNTIL)


def test_a_batch_says_why_as_a_single_question_does(client: FlaskClient) -> None:
    requested = {"player_id": BOS_BATTERS[0], "game_date": str(BEYOND)}
    single = client.post("/predict/player", json=requested).json
    assert single["kind"] == "not_known"
    assert client.post("/predict/batch", json={"questions": [requested]}).json["answers"] == [single]


def test_a_covered_day_without_stored_forecasts_is_no_off_season(client: FlaskClient) -> None:
    answer = client.get(f"/slate/{FIRST_COVERED}")
    assert answer.status_code == 409
    assert f"results are known up to {AS_OF}" in answer.json["detail"]


def test_a_snapshot_that_does_not_say_what_is_covered_knows_its_seasons() -> None:
    earlier = KnownSchedule(KNOWN_UNTIL, (SEASON,))
    assert earlier.absence_reason(OTHER_SEASON) == "not_covered"
    assert earlier.absence_reason(BEFORE_THE_STORES) == "day_off"
    assert KnownSchedule().absence_reason(OTHER_SEASON) == "not_known"


def test_a_day_with_games_says_how_many(client: FlaskClient) -> None:
    answer = client.get(f"/slate/{DOUBLEHEADER_DAY}").json
    assert (answer["kind"], answer["message"]) == ("games", f"2 games on {DOUBLEHEADER_DAY}.")


def test_a_question_about_a_day_without_games_stores_nothing(
    client: FlaskClient, objects: InMemoryObjectStore
) -> None:
    client.get(f"/slate/{BEYOND}")
    assert not objects.list_names(f"forecasts/{BEYOND}/")
