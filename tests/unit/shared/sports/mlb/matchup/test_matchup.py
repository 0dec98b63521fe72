from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from shared.sports.mlb import matchup
from shared.sports.mlb.matchup.outcomes import PlateAppearanceOutcome, home_win_margin, starter_strikeouts
from shared.sports.mlb.states import States, advance_states
from shared.sports.mlb.states.talent import BATTER_PRIOR, log_odds_shift
from shared.storage import tables
from tests.unit.shared.sports.mlb.plays import AWAY, DAY, HOME, games, plays

TOMORROW = DAY + timedelta(days=1)
GAME = games({"game_pk": 11, "game_date": TOMORROW})
NINE = range(100, 109)
PEOPLE = pl.DataFrame(
    {"person_id": [*NINE, 200, 201], "bat_side": ["L"] * 11, "pitch_hand": ["R"] * 11},
)
RECENT = pl.DataFrame(
    {"team_id": [AWAY] * 9, "player_id": NINE, "batting_slot": range(1, 10), "position": ["SS"] * 8 + ["P"]}
)
NO_RECENT = RECENT.clear()
NO_LINEUPS = pl.DataFrame(
    schema={
        "game_pk": pl.Int64,
        "team_id": pl.Int64,
        "player_id": pl.Int64,
        "batting_slot": pl.Int64,
        "is_starting_pitcher": pl.Boolean,
        "position": pl.String,
    }
)


def posted(*starters):
    nine = [(11, AWAY, man, slot, False, "SS") for slot, man in enumerate(NINE, 1)]
    mound = [(11, club, man, None, True, "P") for club, man in starters]
    return pl.DataFrame(nine + mound, schema=NO_LINEUPS.schema, orient="row")


def filled(confirmed=NO_LINEUPS, recent=NO_RECENT, game=GAME):
    return matchup.fill_lineups(game, confirmed, recent, PEOPLE)


def row(states, lineups):
    return matchup.game_rows(states, GAME, lineups).row(0, named=True)


def after(*changes, repeat=60):
    return advance_states(States.empty(DAY), plays(*(changes * repeat)), games(), DAY)


NOBODY = States.empty(DAY)


LINEUP = (
    "team_id",
    "batting_slot",
    "player_id",
    "is_starting_pitcher",
    "position",
    "source",
    "bat_side",
    "pitch_hand",
)


def test_posted_lineup_wins_over_the_recent():
    recent = RECENT.with_columns(player_id=pl.col("player_id") + 1000)
    lineups = filled(posted((HOME, 200)), recent)
    assert lineups.select(LINEUP).rows() == [
        *((AWAY, slot, player, False, "SS", "confirmed", "L", "R") for slot, player in enumerate(NINE, 1)),
        (HOME, None, 200, True, "P", "confirmed", "L", "R"),
    ]


def test_announced_starter_who_bats_in_the_projected_nine_starts_on_the_mound_too():
    game = GAME.with_columns(away_probable_pitcher_id=pl.lit(NINE[2]))
    designated = RECENT.with_columns(position=pl.lit("DH"))
    starters = filled(recent=designated, game=game).filter("is_starting_pitcher")
    assert starters.select("player_id", "batting_slot").rows() == [(NINE[2], 3)]


def test_recent_lineup_is_projected():
    """Where no line-up is posted, the latest nine bat in their order; a club without one has no rows."""
    hands = PEOPLE.with_columns(
        bat_side=pl.when(pl.col("person_id") == 101).then(pl.lit("S")).otherwise("bat_side")
    )
    assert matchup.fill_lineups(GAME, NO_LINEUPS, RECENT, hands).select(LINEUP).rows() == [
        (AWAY, 1, 100, False, "SS", "projected", "L", "R"),
        (AWAY, 2, 101, False, "SS", "projected", "S", "R"),
        (AWAY, 3, 102, False, "SS", "projected", "L", "R"),
        (AWAY, 4, 103, False, "SS", "projected", "L", "R"),
        (AWAY, 5, 104, False, "SS", "projected", "L", "R"),
        (AWAY, 6, 105, False, "SS", "projected", "L", "R"),
        (AWAY, 7, 106, False, "SS", "projected", "L", "R"),
        (AWAY, 8, 107, False, "SS", "projected", "L", "R"),
        (AWAY, 9, 108, True, "P", "projected", "L", "R"),
    ]


def test_probable_pitcher_takes_the_projected_pitchers_turn():
    probable = games({"game_pk": 11, "game_date": TOMORROW, "away_probable_pitcher_id": 201})
    last = filled(recent=RECENT, game=probable).filter(pl.col("batting_slot") == 9)
    assert last.select("player_id", "is_starting_pitcher").row(0) == (201, True)


def test_probable_pitcher_starts():
    probable = games({"game_pk": 11, "game_date": TOMORROW, "home_probable_pitcher_id": 200})
    assert matchup.game_rows(NOBODY, probable, filled(game=probable))["home_starter_id"].item() == 200


def test_strangers_are_even_but_for_the_home_edge():
    assert row(NOBODY, filled())["margin_home_win"] == pytest.approx(0.16)


def test_knows_neither_lineup_nor_starter():
    found = row(NOBODY, filled())
    assert (found["away_lineup_status"], found["lineups_confirmed"], found["starters_known"]) == (
        "unknown",
        0,
        0,
    )


def test_slugger_lifts_his_club():
    states = after({"outcome": "home_run", "batter_id": 104}, {"outcome": "out", "batter_id": 500})
    found = row(states, filled(posted()))
    assert found["away_lineup_runs_above_average"] > found["home_lineup_runs_above_average"]


def test_strikeout_pitcher_strikes_out_more():
    states = after({"outcome": "strikeout", "pitcher_id": 200}, {"is_top": False, "pitcher_id": 201})
    lineups = filled(posted((HOME, 200), (AWAY, 201)))
    starters = matchup.player_rows(states, GAME, lineups).filter(pl.col("role") == "starter")
    by_man = dict(starters.select("player_id", "expected_strikeouts").iter_rows())
    assert by_man[200] > by_man[201] + 1


def test_plays_of_the_game_itself_are_absent():
    assert row(NOBODY, filled())["as_of"] < TOMORROW


def test_features_are_never_null():
    players = matchup.player_rows(after({}), GAME, filled(posted((HOME, 200))))
    batters, starters = (players.filter(pl.col("role") == role) for role in ("batter", "starter"))
    empty = [
        frame.select(names).null_count().sum_horizontal().item()
        for frame, names in ((batters, matchup.BATTER_FEATURES), (starters, matchup.STARTER_FEATURES))
    ]
    assert (batters.height, starters.height, empty) == (9, 1, [0, 0])


def test_features_are_in_range():
    found = row(after({"outcome": "home_run"}, repeat=30), filled(posted((HOME, 200))))
    bounded = [
        field
        for field in tables.get_table("game_features_daily").fields
        if field.is_feature and field.max is not None
    ]
    assert len(bounded) > 20
    assert [field.name for field in bounded if not field.min <= found[field.name] <= field.max] == []


def test_one_game_equals_many():
    states = after({"outcome": "single"}, {"outcome": "walk", "batter_id": 101})
    many = pl.concat([GAME.with_columns(game_pk=pl.lit(pk, pl.Int64)) for pk in range(11, 31)])
    lineups = filled(posted((HOME, 200)))
    assert matchup.game_rows(states, many, lineups)[0].equals(matchup.game_rows(states, GAME, lineups))


def test_rookie_is_league_average():
    assert not log_odds_shift(np.zeros((5, 3)), BATTER_PRIOR).any()


def test_shrinkage_halves_at_the_prior():
    sums = np.zeros((5, 3))
    sums[0] = 40 * np.array([0.4, 1.0, 0.2])
    rate = 0.3
    assert log_odds_shift(sums, BATTER_PRIOR)[0] == pytest.approx(np.log(rate / 0.7) - np.log(0.2 / 0.8))


def test_outcomes_leave_room_for_outs():
    chance = PlateAppearanceOutcome.from_rates(np.array([0.2, 0.09, 0.035, 0.22, 0.075]))
    assert 0.3 < chance.hit + chance.walk < 0.35


def test_equal_clubs_have_the_home_edge():
    assert home_win_margin(np.array(4.5), np.array(4.5)) == pytest.approx(0.16)


def test_strikeout_formula_is_below_the_product():
    assert 0.2 * 25 - starter_strikeouts(np.array(0.2), np.array(25.0)) == pytest.approx(0.33, abs=0.02)
