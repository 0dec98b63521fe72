"""What the API answered for tomorrow is loaded and graded by tomorrow's tick."""

import math

import pytest

from services.predict_api.app import create_app
from tests.pipeline.machine import Machine
from tests.pipeline.worlds import day


@pytest.fixture(scope="module")
def answered_and_graded(lent: Machine) -> tuple[Machine, list[dict]]:
    """The API's answers for the tenth day's slate, and a machine that has since lived that day."""
    lent.live(9)
    client = create_app(lent.rooms.ports.objects, lent.around.clock).test_client()
    answers = client.get(f"/slate/{day(10)}").json["games"]
    lent.live(10)
    return lent, answers


def test_every_answer_is_loaded(answered_and_graded):
    machine, answers = answered_and_graded
    forecasts = machine.rows("forecasts").filter(target="home_win")
    assert sorted(forecasts["game_pk"]) == sorted(answer["game_pk"] for answer in answers)


def test_forecast_stands_as_it_was_answered(answered_and_graded):
    machine, (answer, *_) = answered_and_graded
    row = machine.rows("forecasts").filter(target="home_win", game_pk=answer["game_pk"]).row(0, named=True)
    assert row["mean"] == answer["predictions"]["home_win_probability"]
    assert (row["release_id"], row["as_of"]) == (answer["release"], day(9))


def test_log_loss_is_the_one_worked_out_by_hand(answered_and_graded):
    machine, (answer, *_) = answered_and_graded
    game = machine.rows("games_historical").filter(game_pk=answer["game_pk"]).row(0, named=True)
    home_won = game["home_score"] > game["away_score"]
    chance = (
        answer["predictions"]["home_win_probability"]
        if home_won
        else answer["predictions"]["away_win_probability"]
    )
    grade = machine.rows("grades").filter(target="home_win", game_pk=answer["game_pk"]).row(0, named=True)
    assert grade["log_loss"] == pytest.approx(-math.log(chance), abs=2e-6)  # chances have six decimals
    assert (grade["actual"], grade["squared_error"]) == (home_won, pytest.approx((1 - chance) ** 2))


def test_players_are_graded_on_their_lines(answered_and_graded):
    machine, _ = answered_and_graded
    grades = machine.rows("grades").filter(target="pitcher_strikeouts")
    lines = machine.rows("player_stats_historical").select("game_pk", "player_id", "strikeouts_pitched")
    both = grades.join(lines, ["game_pk", "player_id"])
    assert both.height == 6
    assert both["actual"].to_list() == both["strikeouts_pitched"].to_list()
