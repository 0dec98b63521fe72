"""A forecast is the same without a server and over HTTP, and a wrong question is told what is right."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from tests.unit.services.predict_api.release_store import BOS_STARTER, TOMORROW

QUESTIONS = {
    "game": ["predict", "game", str(TOMORROW), "BOS@NYY"],
    "player": ["predict", "player", str(TOMORROW), str(BOS_STARTER), "--line", "strikeouts=5.5"],
    "slate": ["slate", str(TOMORROW)],
    "slate of a day that is not known": ["slate", "2026-05-20"],
    "unknown club": ["predict", "game", str(TOMORROW), "BOSS@NYY"],
    "unknown statistic": ["predict", "player", str(TOMORROW), str(BOS_STARTER), "--line", "triples=1"],
    "game of the past": ["predict", "game", "2026-04-30", "BOS@NYY"],
}


@pytest.mark.parametrize("words", QUESTIONS.values(), ids=QUESTIONS)
def test_stores_answer_as_the_api_does(words: list[str], home: Path, url: str):
    within, requested = (
        CliRunner().invoke(app, [*words, *where, "--json"])
        for where in (["--home", str(home)], ["--url", url])
    )
    assert within.exit_code == requested.exit_code
    if within.exit_code == 0:
        assert json.loads(within.stdout) == json.loads(requested.stdout)
    else:
        assert requested.stderr.strip().endswith(within.stderr.strip().removeprefix("hankstank: "))


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["predict", "game", "2026-05-20", "BOS@NYY"], "it is known until 2026-05-03"),
        (["predict", "game", "2026-04-30", "BOS@NYY"], "the first day to forecast is 2026-05-02"),
        (["predict", "game", str(TOMORROW), "BOSNYY"], "expected AWAY@HOME"),
        (["predict", "player", str(TOMORROW), "Playr 1001"], "did you mean Player 1001"),
        (
            ["predict", "player", str(TOMORROW), str(BOS_STARTER), "--line", "triples=1"],
            "lines/triples: one of hits",
        ),
    ],
)
def test_wrong_questions_are_told_what_is_right(words: list[str], advice: str, home: Path):
    result = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert result.exit_code == 1
    assert advice in result.stderr


def test_a_slate_without_games_says_why(home: Path):
    result = CliRunner().invoke(app, ["slate", "2026-05-20", "--home", str(home)])
    assert result.exit_code == 0
    assert "The schedule of 2026-05-20 is not known yet: it is known until 2026-05-03" in result.stdout


def test_nobody_at_the_address_may_be_there_later():
    result = CliRunner().invoke(app, ["slate", str(TOMORROW), "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 3
    assert "http://127.0.0.1:9: no answer" in result.stderr
