"""Simulated bookmakers: The Odds API's format, a margin, and a line that comes nearer the truth."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.http_response import BadRequest
from simulator.league.betting_market import BettingMarket, Bookmaker
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.wire.odds import to_american_odds
from tests.data import DATA, needs_data
from tests.unit.simulator.league.simulated_games import league

NOON = datetime(2026, 5, 4, 15, tzinfo=UTC)
START = datetime(2026, 5, 4, 23, tzinfo=UTC)
EVEN = np.random.default_rng(3).poisson(4.4, 4000) * 2, np.random.default_rng(4).poisson(4.5, 4000) * 2 + 1


@pytest.fixture(scope="module")
def bodies(tmp_path_factory):
    return WorldApiBackend(SeasonStore(league(), tmp_path_factory.mktemp("odds")), NOON)


@pytest.fixture(scope="module")
def slate(bodies):
    return json.loads(bodies.get_odds({"markets": "h2h,spreads,totals", "oddsFormat": "american"}).body)


def home_chance(quote):
    home, away = (1 / price for price in quote.prices)
    return home / (home + away)


def moneylines(market, game_pk, at):
    return [q for q in market.generate_quotes(1, game_pk, START, EVEN, at) if q.market == "h2h"]


def shape(value):
    """The names and types of a body, numbers alike, a list by its first item."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])]
    return "number" if isinstance(value, (int, float)) else type(value).__name__


@needs_data("odds_api", "game_market.json")
def test_prices_have_the_recorded_shape(slate):
    recorded = json.loads((DATA / "odds_api" / "game_market.json").read_bytes())["body"]
    assert shape(slate) == shape(recorded)


def test_quotes_games_to_come_and_no_others(slate):
    assert slate
    assert all(game["commence_time"] > NOON.isoformat() for game in slate)


def test_lists_games_without_prices_too(bodies, slate):
    events = json.loads(bodies.get_odds_events({}).body)
    assert {game["id"] for game in slate} < {game["id"] for game in events}


def test_past_prices_are_those_of_then(bodies, slate):
    query = {"markets": "h2h,spreads,totals", "oddsFormat": "american", "date": NOON.isoformat()}
    bodies.now = NOON + timedelta(days=2)
    then = json.loads(bodies.get_past_odds(query).body)
    bodies.now = NOON
    assert then["data"] == slate


def test_refuses_prices_of_the_future(bodies):
    with pytest.raises(BadRequest, match="not be after"):
        bodies.get_past_odds({"date": "2026-05-05T12:00:00Z"})


def test_refuses_markets_nobody_makes(bodies):
    with pytest.raises(BadRequest, match="markets must be"):
        bodies.get_odds({"markets": "anytime"})


def test_prices_add_up_to_the_margin():
    quotes = BettingMarket(bookmakers=(Bookmaker("one", "One", 0.05, 0.0),)).generate_quotes(
        1, 2, START, EVEN, NOON
    )
    assert all(sum(1 / price for price in quote.prices) == pytest.approx(1.05) for quote in quotes)


def test_a_perfect_market_quotes_the_truth():
    market = BettingMarket(0.0, 0.0, (Bookmaker("one", "One", 0.03, 0.0),))
    [quote] = moneylines(market, 1, START)
    assert home_chance(quote) == pytest.approx((EVEN[1] > EVEN[0]).mean())


def test_closing_lines_are_sharper_than_opening_ones():
    truth = (EVEN[1] > EVEN[0]).mean()
    opening, closing = (
        np.mean([(home_chance(moneylines(BettingMarket(), pk, at)[0]) - truth) ** 2 for pk in range(300)])
        for at in (START - timedelta(hours=24), START)
    )
    assert closing < opening / 2


def test_lines_stand_still_after_first_pitch():
    assert moneylines(BettingMarket(), 1, START) == moneylines(BettingMarket(), 1, START + timedelta(hours=2))


def test_quotes_nothing_before_the_line_opens():
    assert not moneylines(BettingMarket(), 1, START - timedelta(hours=25))


def test_the_league_asks_no_bookmaker_too_early():
    game = next(iter(league().games_on(date(2026, 5, 4), date(2026, 5, 4))))
    assert league().list_quotes(game.game_pk, game.start - timedelta(days=3)) == ()


@given(st.floats(1.02, 30))
def test_american_prices_promise_the_same(decimal):
    price = to_american_odds(decimal)
    back = 1 + price / 100 if price > 0 else 1 - 100 / price
    assert back == pytest.approx(decimal, rel=0.01)
