"""Pages of days that are over: scores, hits and misses, players' lines, and the way back to earlier days."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.pages.result_views import day_strip
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api import release_store
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, NOW, TOMORROW
from tests.unit.services.predict_api.result_day import lines, result, scored, store_results, store_season


@pytest.fixture
def after() -> FlaskClient:
    """A client that knows a day which was forecast, and one before it which was not."""
    objects = InMemoryObjectStore()
    release_store.fill(objects)
    create_app(objects, lambda: NOW).test_client().get("/readyz")
    store_results(objects, AS_OF, games=(result(AS_OF, 77, away_score=9),), lines=lines(77), forecasts=())
    missed = scored("batter_hits", 2, BOS_BATTERS[0], interval_80=(0, 1), hit=False)
    store_results(objects, TOMORROW, forecasts=(scored("home_win", 1), missed))
    later = NOW + timedelta(days=1)
    name = snapshot.save_snapshot(Snapshot(TOMORROW, "run-2", release_store.tables()), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="run-2", now=later, reason="test")
    return create_app(objects, lambda: later).test_client()


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_slate_of_a_past_day_has_scores_and_hits(after: FlaskClient) -> None:
    text = page(after, f"/day/{TOMORROW}")
    assert "Final · favourite won" in text
    assert "5 " in text
    assert "exp." in text


def test_slate_of_a_day_that_was_not_forecast_has_scores(after: FlaskClient) -> None:
    text = page(after, f"/day/{AS_OF}")
    assert "not forecast" in text
    assert "BOS 9 NYY 5 Final" in text


def test_strip_reaches_back_and_ahead(after: FlaskClient) -> None:
    markup = after.get("/").text
    assert [f"/day/{AS_OF + timedelta(days=n)}" for n in range(3)] == re.findall(
        r'<a href="(/day/[^"]+)"(?: aria-current="page")?(?: class="far")?>\w{3} ', markup
    )


def test_strip_has_ways_to_earlier_and_later_days() -> None:
    days = [AS_OF + timedelta(days=n) for n in range(20)]
    strip = day_strip(days, days[10])
    assert (strip.days, strip.earlier, strip.later) == (days[7:14], days[6], days[14])
    assert strip.near == {days[9], days[10], days[11]}


@pytest.mark.parametrize(
    ("number", "first", "earlier", "later"), [(0, 0, False, True), (19, 13, True, False)]
)
def test_strip_ends_with_the_known_days(number: int, first: int, earlier: bool, later: bool) -> None:
    days = [AS_OF + timedelta(days=n) for n in range(20)]
    strip = day_strip(days, days[number])
    assert (strip.days, bool(strip.earlier), bool(strip.later)) == (days[first : first + 7], earlier, later)
    assert days[number] in strip.near


def test_strip_of_a_day_without_games_has_its_neighbours() -> None:
    days = [AS_OF + timedelta(days=2 * n) for n in range(9)]
    strip = day_strip(days, AS_OF + timedelta(days=7))
    assert {AS_OF + timedelta(days=6), AS_OF + timedelta(days=8)} <= strip.near


def test_strip_without_days_is_empty() -> None:
    assert day_strip([], AS_OF).days == []


def test_past_game_has_result_and_lines(after: FlaskClient) -> None:
    text = page(after, f"/game/1?day={TOMORROW}")
    assert "BOS 3 at NYY 5" in text
    assert "Final · favourite won · the winner was given 60 %" in text
    assert "BOS batters" in text
    assert "Player 1101" in text
    assert "2 outside the range, 1.1" in text


def test_past_game_is_found_without_its_day(after: FlaskClient) -> None:
    assert "BOS 3 at NYY 5" in page(after, "/game/1")


def test_past_game_that_was_not_forecast_has_result_and_lines(after: FlaskClient) -> None:
    text = page(after, f"/game/77?day={AS_OF}")
    assert "No forecast of this game was stored before it." in text
    assert "BOS 9 at NYY 5" in text
    assert "BOS pitchers" in text


def test_player_has_last_forecasts_and_what_they_did(after: FlaskClient) -> None:
    text = page(after, f"/player/{BOS_BATTERS[0]}")
    assert "Last forecasts and what they did" in text
    assert "May 2 NYY 2 outside the range, 1.1" in text


def test_record_begins_in_plain_words(after: FlaskClient) -> None:
    text = page(after, "/record").replace("\u00a0", " ")
    assert "Last 7 days 2026-04-26 to 2026-05-02 2 of 2 favourites won (100 %)." in text
    assert "16 of 18 counts were inside their 80 % range (89 %)." in text
    assert text.index("favourites won") < text.index("By month")


def test_record_has_gains_by_statistic_and_by_line_ups() -> None:
    objects = InMemoryObjectStore()
    release_store.fill(objects)
    store_season(objects, AS_OF, 2)
    text = create_app(objects, lambda: NOW).test_client().get("/record").text
    assert 'aria-label="Last 14 days by line-ups"' in text
    # One home win a day: guessed as a coin flip, then with 1.5 of 2: gains .1823 and -.2231, mean -.0204, and
    # each .2027 from it: error √(2 · .20273²) / 2 = .1434.
    cells = "<td>0.5108</td><td>0.4904</td><td>-0.0204 ± 0.1434</td></tr>"
    assert f"<td>projected</td><td>2</td>{cells}" in text


def test_record_without_scores_says_so() -> None:
    objects = InMemoryObjectStore()
    release_store.fill(objects)
    client = create_app(objects, lambda: NOW).test_client()
    assert page(client, "/record").count("No forecast was scored in these days.") == 5
