"""Weather and umpires are told as in the majors, and matter."""

from random import Random

import numpy as np
import pytest

from evaluation.season_rows import extract_rows
from shared.sports.mlb.matchup.game_conditions import game_conditions
from simulator.clubs import ballparks_by_id
from simulator.game_record import Venue
from simulator.league.weather import draw_weather
from simulator.wire.weather import expected_weather
from tests.unit.simulator.league.simulated_games import league, some_games

BOSTON, ST_PETERSBURG = 3, 12
STRIKEOUT, WALK, HOME_RUN = range(3)


def drawn(venue: Venue):
    """The same game of every day of May, with weather of its own."""
    start = some_games()[0].start
    return [draw_weather(venue, start.replace(day=day), "night", Random(day)) for day in range(1, 32)]


def test_weather_is_near_its_forecast():
    venue, start = ballparks_by_id()[BOSTON], some_games()[0].start
    place, hour = (venue.latitude, venue.longitude), start.replace(minute=0, tzinfo=None)
    missed = [
        air.weather.temperature_f - expected_weather(place, hour.replace(day=day))["temperature_2m"]
        for day, air in enumerate(drawn(venue), 1)
    ]
    assert np.std(missed) == pytest.approx(2.5, abs=1)
    assert np.mean(missed) == pytest.approx(0, abs=1.5)


def test_a_wind_out_carries_balls_over_the_fence():
    airs = [air for air in drawn(ballparks_by_id()[BOSTON]) if 60 <= air.weather.temperature_f <= 70]
    out, into = (
        [a.shift[HOME_RUN] for a in airs if way in a.weather.wind] for way in ("Out To CF", "In From CF")
    )
    assert max(into) < min(out)


def test_no_weather_under_a_roof():
    assert not any(air.shift.any() for air in drawn(ballparks_by_id()[ST_PETERSBURG]))


def test_winds_are_words_that_forecasts_understand():
    games = extract_rows(iter(some_games()[:30]), league().venues_by_id())["games"]
    assert (game_conditions(games)["wind_out"] != 0).mean() > 0.5


def test_an_umpire_has_the_same_zone_everywhere():
    fixtures = [f for f in league()._find_season(2026).fixtures if f.venue == ST_PETERSBURG]
    zones = {}
    for around in map(league()._games.game_conditions, fixtures):
        assert around.shift.tolist() == zones.setdefault(
            around.officials["Home Plate"], around.shift.tolist()
        )
    assert all(shift[STRIKEOUT] * shift[WALK] < 0 for shift in zones.values())


def test_the_truth_of_a_game_knows_its_conditions():
    fixture = next(f for f in league()._find_season(2026).fixtures if f.venue == BOSTON)
    plan = league()._games.plan_game(fixture)
    batter, pitcher = plan.clubs[True].order[0][0], plan.clubs[False].starter
    result = league().true_outcome_probabilities(batter, pitcher, BOSTON, game_pk=fixture.game_pk)
    assert list(result.values()) == pytest.approx(plan.chances[True][0, 0].tolist())
    assert result != league().true_outcome_probabilities(batter, pitcher, BOSTON)
