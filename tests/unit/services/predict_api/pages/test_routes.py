"""Pages read without a script, bring everything from here, and say what is wrong in words."""

import re
import shlex
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.web.auth import AuthConfig
from services.predict_api.web.openapi import ENDPOINTS, Endpoint
from shared.runtime.data_world import DataWorld, write_world
from shared.storage.daily_outputs import (
    OUTPUTS,
    DailyOutputs,
    DayOutputs,
    Objective,
    OutputCount,
    save_daily_outputs,
)
from shared.storage.healing_ledger import HealingLedger, Repair, save_ledger
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import (
    AS_OF,
    BOS_BATTERS,
    BOS_STARTER,
    DOUBLEHEADER_DAY,
    NOBODYS,
    NOW,
    TOMORROW,
)
from tests.unit.services.predict_api.result_day import store_results

PAGES = ("/", f"/day/{TOMORROW}", "/game/1", f"/player/{BOS_STARTER}", "/find?q=player", "/record", "/reports", "/reports/2026-04-15", "/freshness", "/docs")  # fmt: skip
HEAVIEST = 150_000  # bytes of a page with its style and script


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8"), answer.text
    return answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    assert not [link for link in re.findall(r'(?:src|href|action)="([^"]*)"', text) if "//" in link]
    assert not re.search(r"\sstyle=|<script>|\son\w+=", text)  # the content policy would refuse them


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(client: FlaskClient, path: str) -> None:
    more = sum(
        len(client.get(f"/static/{name}").data) for name in ("page.css", "report.css", "line.js", "ball.svg")
    )
    assert len(page(client, path)) + more < HEAVIEST


@pytest.mark.parametrize("path", PAGES)
def test_a_page_carries_the_notices(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    assert "copyrighted by Retrosheet" in text
    assert "MLB Advanced Media" in text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_and_named_pictures(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    assert text.count("<h1>") == 1
    assert all("aria-label=" in svg or "aria-hidden" in svg for svg in re.findall(r"<svg[^>]*>", text))


def test_what_is_simulated_says_so(objects: InMemoryObjectStore) -> None:
    write_world(objects, DataWorld("simulated league, seed 7"))
    client = create_app(objects, lambda: NOW).test_client()
    assert "A simulated league." in page(client, "/")


def test_what_is_real_is_not_called_simulated(client: FlaskClient) -> None:
    assert "A simulated league." not in page(client, "/")


def test_a_game_names_batters_in_order(client: FlaskClient) -> None:
    text = page(client, "/game/1")
    assert [text.index(f"/player/{player}") for player in BOS_BATTERS] == sorted(
        text.index(f"/player/{player}") for player in BOS_BATTERS
    )


GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


def test_a_game_shows_its_first_five_innings_and_its_end(client: FlaskClient) -> None:
    runs = client.post("/predict/game", json=GAME).json["runs"]
    text = page(client, "/game/1")
    for words, chance in (
        ("Level after five innings", runs["first_five"]["tied"]),
        ("Extra innings", runs["extra_innings"]),
        ("Won by one run", runs["one_run_game"]),
    ):
        assert re.search(rf"{words}</th><td>{100 * chance:.0f} %</td>", text)


def test_a_line_may_be_chosen_without_a_script(client: FlaskClient) -> None:
    usual = page(client, f"/player/{BOS_STARTER}")
    chosen = page(client, f"/player/{BOS_STARTER}?strikeouts=2")
    assert 'value="2.0"' in chosen
    assert '<b data-is="push">0.0</b>' in usual
    assert '<b data-is="push">0.0</b>' not in chosen


@pytest.mark.parametrize("line", ["-1", "nan", "inf", "1e9", "<script>", "99"])
def test_a_line_that_is_none_is_passed_over(client: FlaskClient, line: str) -> None:
    assert page(client, f"/player/{BOS_STARTER}?strikeouts={line}") == page(client, f"/player/{BOS_STARTER}")


def test_a_player_without_a_game_is_told_of(client: FlaskClient) -> None:
    text = page(client, f"/player/{NOBODYS}")
    assert f"no game of their club is scheduled; the schedule is known until {DOUBLEHEADER_DAY}" in text


def test_one_player_found_is_shown_at_once(client: FlaskClient) -> None:
    answer = client.get("/find?q=player 1101")
    assert (answer.status_code, answer.location) == (302, "/player/1101")


def test_what_readers_type_is_not_taken_for_markup(client: FlaskClient) -> None:
    assert "<script>alert" not in page(client, "/find?q=<script>alert(1)</script>")


@pytest.mark.parametrize(("path", "status"), [("/game/77", 404), ("/player/77", 404), ("/day/soon", 422), ("/game/x", 422)])  # fmt: skip
def test_a_page_that_is_not_there_says_so_to_people(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    assert "Back to the slate" in answer.text


def test_a_page_for_people_speaks_no_words_of_the_api(client: FlaskClient) -> None:
    text = unescape(client.get("/day/foo").text)
    assert 'Expected a date like 2026-04-15, got "foo".' in text
    assert "errors" not in text


def test_pages_wait_for_a_release() -> None:
    answer = create_app(InMemoryObjectStore(), lambda: NOW).test_client().get("/")
    assert (answer.status_code, "No release with models" in answer.text) == (503, True)


def curls(client: FlaskClient) -> list[list[str]]:
    """Return the words of each command on the page about the API, as a shell reads them."""
    blocks = re.findall(r"<pre[^>]*>(.*?)</pre>", page(client, "/docs"), re.DOTALL)
    return [shlex.split(unescape(block).replace("\\\n", " ")) for block in blocks]


def test_every_example_of_the_api_works(client: FlaskClient, objects: InMemoryObjectStore) -> None:
    store_results(objects, AS_OF)
    commands = curls(client)
    assert len(commands) == len(ENDPOINTS)
    for words in commands:
        url = next(word for word in words if word.startswith("http"))
        body = words[words.index("-d") + 1] if "-d" in words else None
        answer = client.open(url, method="POST" if body else "GET", data=body)
        assert answer.status_code == 200, (words, answer.text)
        if answer.is_json:
            assert not [one for one in answer.json.get("answers", []) if one.get("status")], answer.json


def test_examples_are_there_before_a_release() -> None:
    answer = create_app(InMemoryObjectStore(), lambda: NOW).test_client().get("/docs")
    assert (answer.status_code, answer.text.count("<pre")) == (200, len(ENDPOINTS))


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/no/such/page", "/gmae/1", "/game/1/2", "/favicon.ico", "/predict/gaem"])
def test_a_wrong_address_is_answered_in_html_to_a_browser(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "Back to the slate" in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json", None])
def test_a_wrong_address_is_a_problem_to_a_program(client: FlaskClient, accept: str | None) -> None:
    answer = client.get("/no/such/page", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/no/such/page", "/gmae/1"])
def test_a_wrong_address_needs_no_key(objects: InMemoryObjectStore, path: str) -> None:
    abroad = create_app(objects, lambda: NOW, auth_config=AuthConfig(trust_loopback=False)).test_client()
    assert abroad.get(path, headers={"Accept": BROWSER}).status_code == 404


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.needs_key], ids=lambda one: one.path)
def test_no_route_for_programs_passes_for_a_page(objects: InMemoryObjectStore, endpoint: Endpoint) -> None:
    abroad = create_app(objects, lambda: NOW, auth_config=AuthConfig(trust_loopback=False)).test_client()
    answer = abroad.open(endpoint.path, method=endpoint.method, headers={"Accept": BROWSER})
    assert answer.status_code == 401


def store_counts(objects: InMemoryObjectStore) -> None:
    whole = {name: OutputCount.judge(2, 2) for name in OUTPUTS}
    days = (
        DayOutputs(AS_OF - timedelta(days=1), {name: OutputCount(0, 0, "none_expected") for name in OUTPUTS}, "day_off"),
        DayOutputs(AS_OF, whole | {"grades": OutputCount.judge(40, 0), "lines": OutputCount.judge(2, 1)}),
    )  # fmt: skip
    objectives = (
        Objective("brier", "Brier score", "below", 0.25, "", "mean squared error", 0.2412, "met"),
        Objective(
            "cost", "cost of a month", "below", 50, "$", "the bill", None, "not_measured", "no bill here"
        ),
    )
    save_daily_outputs(objects, DailyOutputs(NOW, days, objectives=objectives))
    repair = Repair(
        f"rows {AS_OF}", f"rows of {AS_OF}", "lost: lines", "load", "collect", NOW, NOW, 3, "given_up"
    )
    save_ledger(objects, HealingLedger((repair,)))


def test_holes_are_seen_in_words_and_symbols(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    assert "What each day must have" not in page(client, "/freshness")
    store_counts(objects)
    text = unescape(page(client, "/freshness"))
    assert f"Something is missing on 1 of 2 days: {AS_OF}." in text
    assert re.search(r'<td class="missing" title="grades: missing, 0 of 40">.*?✗.*?0/40', text)
    assert re.search(r'<td class="partial" title="lines: partial, 1 of 2">.*?◐', text)
    assert "day off" in text
    assert "✓ met" in text
    assert "0.241, below 0.25" in text
    assert "no bill here, below 50 $" in text
    assert re.search(r"rows of .*?lost: lines.*?given up", text)
