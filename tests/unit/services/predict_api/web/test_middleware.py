"""What marks every answer, the cache, and hostile input."""

import pytest
from flask.testing import FlaskClient

from tests.unit.services.predict_api.release_store import BOS_BATTERS, BOS_STARTER, DOUBLEHEADER_DAY, TOMORROW

PLAYER = {"player_id": BOS_STARTER, "game_date": str(TOMORROW), "lines": {"strikeouts": 5.5}}
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


def hits(client: FlaskClient) -> int:
    lines = client.get("/metrics").text.splitlines()
    return sum(int(line.split()[-1]) for line in lines if 'cache_total{outcome="hit"' in line)


def test_every_answer_is_marked(client: FlaskClient) -> None:
    for answer in (client.get("/teams"), client.post("/predict/player", json=PLAYER), client.get("/no")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers["X-Request-ID"]) == 16


@pytest.mark.parametrize(
    ("given", "kept"), [("run-7.a", True), ("a\tb", False), ("x" * 65, False), ('"}', False)]
)
def test_a_request_keeps_its_name_if_it_is_one(client: FlaskClient, given: str, kept: bool) -> None:
    result = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (result == given) is kept


def test_the_same_question_is_answered_from_the_cache(client: FlaskClient) -> None:
    first, again = (client.post("/predict/player", json=PLAYER) for _ in range(2))
    assert first.data == again.data
    assert hits(client) == 1


def test_a_question_spelled_otherwise_is_the_same(client: FlaskClient) -> None:
    client.post("/predict/player", json=PLAYER)
    client.post(
        "/predict/player",
        data=f'{{"game_date": "{TOMORROW}", "lines": {{"strikeouts":5.50}}, "player_id": {BOS_STARTER}}}',
    )
    assert hits(client) == 1


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/teams")
    again = client.get("/teams", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_head_has_no_body(client: FlaskClient) -> None:
    answer = client.head("/teams")
    assert (answer.status_code, answer.data) == (200, b"")


def test_a_batch_answers_each_from_one_release(client: FlaskClient) -> None:
    requested = {"questions": [GAME, PLAYER, {**GAME, "game_date": str(DOUBLEHEADER_DAY)}]}
    result = client.post("/predict/batch", json=requested).json["answers"]
    assert [one.get("status") for one in result] == [None, None, 409]
    assert {one["release"] for one in result[:2]} == {"000001"}


def test_a_batch_is_bounded(client: FlaskClient) -> None:
    assert client.post("/predict/batch", json={"questions": [GAME] * 51}).status_code == 422


def test_a_statistic_without_a_model_is_named_and_others_answered(client: FlaskClient) -> None:
    requested = {
        "player_id": BOS_BATTERS[0],
        "game_date": str(TOMORROW),
        "opponent": "NYY",
        "stats": ["hits", "home_runs", "rbis"],
    }
    result = client.post("/predict/player", json=requested).json
    assert set(result["predictions"]) == {"hits", "home_runs"}
    assert result["unavailable"] == {"rbis": "no model of it is released yet"}


def test_runs_are_told_whole(client: FlaskClient) -> None:
    runs = client.post("/predict/game", json=GAME).json["runs"]
    assert [sum(runs[side]) for side in ("home", "away", "total")] == pytest.approx([1, 1, 1], abs=1e-4)
    ahead = sum(runs["margin"]["chances"][1 - runs["margin"]["lowest"] :])
    result = client.post("/predict/game", json=GAME).json["predictions"]["home_win_probability"]
    assert ahead == pytest.approx(result, abs=1e-4)


HOSTILE = [
    b'{"player_id": 1e999}',
    b'{"player_id": NaN}',
    b'{"player_id": ' + b"9" * 5000 + b"}",
    b"[" * 50_000,
    b'{"a":' * 10_000,
    b"\x00" * 100,
    b"\xff\xfe{\x00}\x00",
    '{"player_id": "１００１"}'.encode(),
    b'{"player_id": "1001; drop table forecasts"}',
    b'{"player_id": 1001, "game_date": "../../etc/passwd"}',
    b'{"player_id": 1001, "game_date": 0}',
    b'{"player_id": true, "game_date": "2026-05-02"}',
    b'{"player_id": 1001, "game_date": "2026-05-02", "lines": {"hits": -1}}',
    b'{"player_id": 1001, "game_date": "2026-05-02", "lines": {"hits": Infinity}}',
    b'{"player_id": 1001, "game_date": "2026-05-02", "stats": ["' + b"x" * 60_000 + b'"]}',
    b'{"player_id": 1001, "game_date": "2026-05-02", "__proto__": {}}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_refused_and_not_echoed_at_length(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/predict/player", data=body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert len(answer.data) < 4000


@pytest.mark.parametrize("length", ["-1", "9" * 30, "abc", "１０", "70000", ""])
def test_lengths_that_lie_are_refused(client: FlaskClient, length: str) -> None:
    answer = client.post("/predict/player", data=b"{}", headers={"Content-Length": length})
    assert answer.status_code in (400, 413, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/slate/2026-05-02%00",
        "/slate/20260502",
        "/slate/2026-W18-6",
        "/slate/٢٠٢٦-05-02",
        "/slate/..%2f..%2fetc",
    ],
)
def test_paths_that_are_no_day_are_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_methods_nobody_offers_are_refused(client: FlaskClient, method: str) -> None:
    answer = client.open("/predict/player", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_metrics_do_not_grow_with_what_callers_make_up(client: FlaskClient) -> None:
    for number in range(50):
        client.open(f"/made/up/{number}", method="GET")
        client.open("/teams", method=f"M{number}")
    lines = [line for line in client.get("/metrics").text.splitlines() if "_count{" in line]
    assert len(lines) < 6
