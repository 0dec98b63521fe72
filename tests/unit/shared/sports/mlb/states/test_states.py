from datetime import timedelta

import numpy as np
import pytest

from shared.sports.mlb.states import (
    BATTER,
    CLUB,
    LAYOUTS,
    PITCHER,
    Entities,
    States,
    advance_states,
    day_number,
    elo,
)
from shared.sports.mlb.states.league import PRIOR
from shared.storage import tables
from tests.unit.shared.sports.mlb.plays import AWAY, DAY, HOME, games, plays

NOBODY = States.empty(DAY)


def value(entities, who, name, day=DAY, season=2026):
    return entities.sums_at(np.array([who]), day_number(day), season)[
        0, entities.layout.column_indexes(name)[0]
    ]


def after(*changes):
    return advance_states(NOBODY, plays(*changes), games(), DAY)


def test_counts_events_by_hand():
    batters = after({"outcome": "strikeout"}, {"outcome": "home_run", "pitch_hand": "L"}).batters
    assert value(batters, 100, "strikeout_vs_right") == 1
    assert value(batters, 100, "home_run_vs_left") == 1


def test_home_run_is_no_ball_in_play():
    batters = after({"outcome": "home_run"}, {"outcome": "double"}, {"outcome": "walk"}).batters
    assert value(batters, 100, "home_run_trials_vs_right") == 2
    assert value(batters, 100, "single_trials_vs_right") == 1


def test_first_day_expects_the_prior():
    batters = after({"outcome": "out"}, {"outcome": "out"}).batters
    assert value(batters, 100, "strikeout_expected_vs_right") == pytest.approx(2 * PRIOR["batter"][0])


def test_pitcher_low_in_the_order_is_expected_less():
    states = after(
        {"batter_id": 300, "batting_slot": 9}, {"is_top": False, "pitcher_id": 300, "batter_id": 400}
    )
    expected = value(states.batters, 300, "single_expected_vs_right")
    assert expected == pytest.approx(PRIOR["pitcher"][3])


def test_half_is_left_after_a_half_life():
    batters = after({"outcome": "strikeout"}).batters
    assert value(batters, 100, "strikeout_vs_right", DAY + timedelta(days=300)) == pytest.approx(0.5)


def test_season_sums_begin_anew():
    batters = after({"outcome": "single"}).batters
    assert value(batters, 100, "season_hits") == 1
    assert value(batters, 100, "season_hits", season=2027) == 0


def test_days_are_forgotten_in_one_step():
    once = after({"outcome": "strikeout"})
    later = DAY + timedelta(days=150)
    twice = advance_states(once, plays({"outcome": "strikeout"}), games(), later)
    assert value(twice.batters, 100, "strikeout_vs_right", later) == 1 + 2 ** (-150 / 300)


def test_relief_is_no_start():
    pitchers = after({}, {"pitcher_id": 201}).pitchers
    assert (value(pitchers, 200, "starts"), value(pitchers, 201, "starts")) == (1, 0)


def test_relief_counts_against_the_pen():
    clubs = after({}, {"pitcher_id": 201, "outcome": "walk"}).clubs
    assert value(clubs, HOME, "walk_trials_pen") == 1


def test_last_start_is_remembered():
    pitchers = after({}).pitchers
    assert value(pitchers, 200, "last_start_day") == day_number(DAY)


def test_winner_takes_points_from_the_loser():
    clubs = after({}).clubs
    assert value(clubs, HOME, "elo") == -value(clubs, AWAY, "elo") > 0


def test_winter_keeps_two_thirds_of_a_rating():
    clubs = after({}).clubs
    assert value(clubs, HOME, "elo", season=2027) == pytest.approx(value(clubs, HOME, "elo") * 2 / 3)


def test_upset_moves_more_than_a_favourite():
    assert elo.elo_exchange(-100, 100, 3, 2) > elo.elo_exchange(100, -100, 3, 2) > 0


def test_tie_moves_nothing():
    assert elo.elo_exchange(50, 0, 4, 4) == 0


@pytest.mark.parametrize("game_type", ["S", "E", "A"])
def test_exhibitions_leave_no_trace(game_type):
    states = advance_states(NOBODY, plays({}), games({"game_type": game_type}), DAY)
    assert states.batters.ids.size == 0
    assert states.as_of == DAY


def test_order_of_rows_does_not_matter():
    rows = plays({"outcome": "single"}, {"outcome": "walk"}, {"outcome": "double", "batter_id": 101})
    forth, back = (advance_states(NOBODY, frame, games(), DAY) for frame in (rows, rows.reverse()))
    assert all(
        one.to_frame().equals(other.to_frame())
        for one, other in zip(forth.all_entities, back.all_entities, strict=True)
    )


def test_table_rows_come_back_to_the_bit():
    states = after({"outcome": "single"}, {"outcome": "walk", "batter_id": 99})
    again = States.from_tables(DAY, states.to_tables())
    assert all(
        np.array_equal(one.sums, two.sums, equal_nan=True)
        for one, two in zip(states.all_entities, again.all_entities, strict=True)
    )


def test_unknown_entity_has_no_sums():
    assert not Entities.empty(PITCHER).sums_at(np.array([7]), day_number(DAY), 2026).any()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.table)
def test_tables_hold_the_layout(layout):
    fields = tables.get_table(layout.table).fields
    shown = [(f.name, f.description) for f in fields[-len(layout.columns) :]]
    assert shown == [(column.name, column.description) for column in layout.columns]


def test_layouts_name_each_number_once():
    assert all(
        len(set(layout.column_names)) == len(layout.column_names) for layout in (BATTER, PITCHER, CLUB)
    )


def test_opponent_who_strikes_out_many_is_expected_to():
    known = after(*({"outcome": "strikeout", "batter_id": 900},) * 60)
    later = DAY + timedelta(days=1)
    fresh = plays(
        {"outcome": "out", "batter_id": 101}, {"outcome": "out", "batter_id": 102, "pitcher_id": 201}
    )
    batters = advance_states(known, fresh, games(), later).batters
    faced = [value(batters, man, "strikeout_expected_vs_right", later) for man in (101, 102)]
    assert faced[0] > faced[1]


def test_day_s_expectation_is_gone_the_day_after():
    batters = after({"outcome": "strikeout"}).batters
    assert value(batters, 100, "strikeout_expected_vs_right_that_day") > 0
    assert value(batters, 100, "strikeout_expected_vs_right_that_day", DAY + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("kind", "column"), [("catchers", "home_catcher_id"), ("umpires", "home_plate_umpire_id")]
)
def test_strikeouts_are_counted_behind_the_plate(kind, column):
    states = advance_states(
        NOBODY, plays({"outcome": "strikeout"}, {"outcome": "out"}), games({column: 7}), DAY
    )
    assert value(getattr(states, kind), 7, "strikeout_called") == 1
    assert value(getattr(states, kind), 7, "strikeout_trials_called") == 2


def test_nobody_behind_the_plate_leaves_no_trace():
    states = after({"outcome": "strikeout"})
    assert not len(states.catchers.ids)
    assert not len(states.umpires.ids)


def test_club_is_remembered_where_it_played():
    clubs = advance_states(NOBODY, plays({}), games({"latitude": 40.0, "longitude": -70.0}), DAY).clubs
    assert value(clubs, AWAY, "last_longitude") == -70.0


def test_streak_turns_with_a_loss():
    twice = advance_states(after({}), plays({}), games(), DAY + timedelta(days=1))
    assert (value(twice.clubs, HOME, "streak"), value(twice.clubs, AWAY, "streak")) == (2, -2)
    lost = advance_states(twice, plays({}), games({"away_score": 9}), DAY + timedelta(days=2))
    assert value(lost.clubs, HOME, "streak") == -1


def test_postseason_is_remembered_for_good():
    batters = advance_states(NOBODY, plays({}), games({"game_type": "W"}), DAY).batters
    assert value(batters, 100, "postseason_plate_appearances", season=2030) == 1


def test_place_is_null_until_a_game_in_a_known_place():
    nowhere = advance_states(NOBODY, plays({}), games(), DAY).clubs
    assert nowhere.to_frame()["last_latitude"].null_count() == 2
    assert np.isnan(value(nowhere, 999, "last_latitude"))
    equator = advance_states(NOBODY, plays({}), games({"latitude": 0.0, "longitude": 0.0}), DAY).clubs
    assert value(equator, AWAY, "last_latitude") == 0.0


def test_unknown_place_survives_its_table():
    clubs = advance_states(NOBODY, plays({}), games(), DAY).clubs
    again = Entities.from_rows(CLUB, clubs.to_frame())
    assert np.array_equal(again.sums, clubs.sums, equal_nan=True)
