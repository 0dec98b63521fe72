"""Counts and rates of batters and pitchers, worked out by hand."""

from datetime import date, timedelta

import polars as pl
import pytest

from services.features.mlb import pitch_counts, player_counts, running_totals
from services.features.mlb.player_counts import BATTING, PITCHING
from services.features.mlb.player_windows import batter_windows, pitcher_windows
from shared.storage import tables

DAY = date(2016, 5, 20)
GAMES = 400  # game_pk of the first of DAY
OUTS = {"strikeout": 1, "out": 1, "sac_fly": 1}
OUTCOMES = {"intent_walk": "walk", "sac_fly": "sacrifice"}
_NO_BOX = {"game_pk": pl.Int64, "player_id": pl.Int64} | dict.fromkeys(
    ("stolen_bases", "runs", "earned_runs"), pl.Int64
)
_NO_PITCHES = dict.fromkeys(("game_pk", "batter_id", "pitcher_id"), pl.Int64) | {
    "call_code": pl.String,
    "pitch_type": pl.String,
    "release_speed": pl.Float64,
    "spin_rate": pl.Float64,
    "zone": pl.Int64,
    "is_in_play": pl.Boolean,
    "launch_speed": pl.Float64,
    "launch_angle": pl.Float64,
}


def turn(event, days_ago=1, game=0, batter=1, pitcher=9, is_top=True, hand="R", game_type="R"):
    outcome = OUTCOMES.get(event, event)
    return {
        "game_pk": GAMES - 10 * days_ago + game,
        "completed_date": DAY - timedelta(days=days_ago),
        "game_type": game_type,
        "batter_id": batter,
        "pitcher_id": pitcher,
        "is_top": is_top,
        "pitch_hand": hand,
        "bat_side": hand,
        "event_type": event,
        "outcome": outcome,
        "is_plate_appearance": event != "runner",
        "is_at_bat": outcome not in {"walk", "hit_by_pitch", "sacrifice", "runner"},
        "rbi": int(event == "home_run"),
        "outs_before": 0,
        "outs_after": OUTS.get(event, 0),
        "pitches": 4,
    }


def plays(*turns):
    return pl.DataFrame(turns).sort("game_pk", maintain_order=True)


def box(*rows):
    return pl.DataFrame(rows, _NO_BOX, orient="row")


def pitches(*rows):
    return pl.DataFrame(rows, _NO_PITCHES)


def shown(layout, counts, windows):
    days = counts["as_of"].unique().sort().to_list()
    return windows(running_totals.accumulate(layout, layout.empty_sums, counts, days))


def as_batter(*turns, boxes=(), seen=()):
    """Return batter 1's row on DAY, on which he struck out."""
    known = plays(*turns, turn("strikeout", days_ago=0))
    counts = player_counts.batting_counts(
        known, box(*boxes), pitch_counts.batter_pitch_counts(pitches(*seen))
    )
    return shown(BATTING, counts, batter_windows).filter(as_of=DAY, batter_id=1).row(0, named=True)


def as_pitcher(*turns, boxes=(), thrown=()):
    """Return pitcher 9's row on DAY, on which he struck one out."""
    known = plays(*turns, turn("strikeout", days_ago=0))
    counts = player_counts.pitching_counts(
        known, box(*boxes), pitch_counts.pitcher_pitch_counts(pitches(*thrown))
    )
    return shown(PITCHING, counts, pitcher_windows).filter(as_of=DAY, pitcher_id=9).row(0, named=True)


WEEK = ("single", "double", "walk", "intent_walk", "hit_by_pitch", "home_run", "sac_fly", "strikeout", "out")


def test_own_day_is_not_seen():
    assert as_batter()["plate_appearances_career"] == 0


def test_both_games_of_a_doubleheader_end_before_it():
    known = plays(*(turn("single", days_ago=0, game=n) for n in (0, 1)))
    counts = player_counts.batting_counts(known, box(), pitch_counts.batter_pitch_counts(pitches()))
    assert shown(BATTING, counts, batter_windows)["plate_appearances_7"].to_list() == [0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("plate_appearances", 9),
        ("batting_average", 3 / 5),
        ("on_base", 6 / 9),
        ("slugging", 7 / 5),
        ("isolated_power", 4 / 5),
        ("batting_average_in_play", 2 / 4),
        ("woba", (0.72 + 0.75 + 0.90 + 1.24 + 1.95) / 8),
        ("strikeout_rate", 1 / 9),
        ("walk_rate", 2 / 9),
        ("pitches_per_plate_appearance", 4),
        ("home_runs", 1),
        ("runs_batted_in", 1),
    ],
)
def test_batting_rates(name, value):
    row = as_batter(*(turn(event) for event in WEEK))
    assert row[f"{name}_7"] == pytest.approx(value, abs=5e-5)


def test_rates_without_trials_are_null():
    assert as_batter(turn("single", days_ago=8))["batting_average_7"] is None


def test_windows_of_days():
    row = as_batter(*(turn("single", days_ago=n) for n in (7, 8, 14, 15, 30, 31, 60, 61)))
    assert [row[f"plate_appearances_{n}"] for n in (7, 14, 30, 60, "season")] == [1, 3, 5, 7, 8]


@pytest.mark.parametrize(
    ("part", "turns"), [("home", 1), ("away", 3), ("vs_left", 1), ("vs_right", 3)]
)  # fmt: skip
def test_splits_of_a_batter(part, turns):
    away, left = turn("single"), turn("single", hand="L")
    row = as_batter(away, away, left, turn("walk", is_top=False))
    assert row[f"plate_appearances_{part}_season"] == turns


def test_pitcher_is_at_home_while_the_visitors_bat():
    assert as_pitcher(turn("single"))["plate_appearances_home_season"] == 1


def test_steals_come_from_the_box():
    assert as_batter(turn("single"), boxes=[(GAMES - 10, 1, 2, 0, 0)])["stolen_bases_7"] == 2


def test_postseason_games_are_remembered():
    assert (
        as_batter(turn("single", game_type="W"), turn("single", days_ago=2))["postseason_games_career"] == 1
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outs", 3),
        ("whip", 5),
        ("earned_run_average", 18),
        ("strikeout_minus_walk_rate", -1 / 9),
        ("outs_per_start", 3),
        ("pitches_per_start", 36),
        ("starts", 1),
    ],
)
def test_pitching_rates(name, value):
    row = as_pitcher(*(turn(event) for event in WEEK), boxes=[(GAMES - 10, 9, 0, 3, 2)])
    assert row[f"{name}_7"] == pytest.approx(value, abs=5e-5)


def test_fip_of_the_league_is_its_earned_run_average():
    row = as_pitcher(*(turn(event) for event in WEEK), boxes=[(GAMES - 10, 9, 0, 3, 2)])
    assert row["fip_season"] == row["earned_run_average_season"]


def test_reliever_starts_nothing():
    row = as_pitcher(turn("out", pitcher=8), turn("out"))
    assert (row["games_7"], row["starts_7"], row["outs_7"]) == (1, 0, 1)


def test_runner_caught_is_an_out_without_a_batter():
    caught = turn("runner") | {"outs_after": 1}
    row = as_pitcher(caught)
    assert (row["outs_7"], row["plate_appearances_7"]) == (1, 0)


def test_z_scores_measure_against_the_league():
    others = [
        turn("strikeout" if n < batter - 100 else "out", batter=batter)
        for batter in range(101, 141)
        for n in range(100)
    ]
    row = as_batter(*others, *(turn("out") for _ in range(100)))
    assert row["strikeout_rate_z_season"] == pytest.approx(-20 / ((41**2 - 1) / 12) ** 0.5, abs=5e-5)


def test_few_players_make_no_league():
    assert as_batter(*(turn("out") for _ in range(100)))["woba_z_season"] is None


def pitch(call="B", **measured):
    return {"game_pk": GAMES - 10, "batter_id": 1, "pitcher_id": 9, "call_code": call} | measured


def in_play(speed, angle):
    return pitch("X", is_in_play=True, launch_speed=speed, launch_angle=angle, zone=5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exit_velocity", 90.05),
        ("launch_angle", 19),
        ("hard_hit_rate", 1 / 2),
        ("barrel_rate", 1 / 2),
        ("whiff_rate", 1 / 3),
        ("chase_rate", 1 / 2),
    ],
)
def test_statcast_of_a_batter(name, value):
    seen = [in_play(100.1, 28.0), in_play(80.0, 10.0), pitch("S", zone=12), pitch("B", zone=13)]
    assert as_batter(turn("out"), seen=seen)[f"{name}_30"] == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("called_or_swinging_strike_rate", 1 / 2),
        ("zone_rate", 1 / 4),
        ("fastball_velocity", 95.2),
        ("fastball_spin", 2300),
        ("fastball_share", 1 / 2),
        ("breaking_ball_share", 1 / 4),
        ("offspeed_share", 1 / 4),
    ],
)
def test_statcast_of_a_pitcher(name, value):
    thrown = [
        pitch("C", zone=5, pitch_type="FF", release_speed=95.0, spin_rate=2300.0),
        pitch("S", zone=12, pitch_type="SI", release_speed=95.4),
        pitch("B", zone=13, pitch_type="SL", release_speed=85.0, spin_rate=2500.0),
        pitch("B", zone=13, pitch_type="CH"),
    ]
    assert as_pitcher(turn("out"), thrown=thrown)[f"{name}_60"] == pytest.approx(value, abs=5e-5)


def test_unmeasured_pitches_have_no_rates():
    row = as_pitcher(turn("out"), thrown=[pitch("C"), pitch("B")])
    assert (row["zone_rate_season"], row["exit_velocity_season"]) == (None, None)


@pytest.mark.parametrize(
    ("speed", "angle", "is_barrel"),
    [
        (97.4, 28, False),
        (97.5, 28, True),
        (97.6, 26, True),
        (103.8, 20, True),
        (107.9, 16, True),
        (107.4, 16, False),
        (98, 25.4, False),
        (98, 25.5, True),
        (98, 26, True),
        (98, 25, False),
        (98, 30, True),
        (98, 31, False),
        (110, 14, True),
        (110, 13, False),
        (116, 8, True),
        (116, 50, True),
        (116, 51, False),
    ],
)
def test_barrels_widen_with_speed(speed, angle, is_barrel):
    ball = pl.select(pitch_counts.is_barrel(pl.lit(float(speed)), pl.lit(float(angle))))
    assert ball.item() is is_barrel


@pytest.mark.parametrize("role", ["batter", "pitcher"])
def test_every_column_of_the_table_is_computed(role):
    row = as_batter(turn("single")) if role == "batter" else as_pitcher(turn("single"))
    assert list(row) == [f.name for f in tables.get_table(f"{role}_rolling_features").fields]


@pytest.mark.parametrize(("role", "layout"), [("batter", BATTING), ("pitcher", PITCHING)])
def test_every_sum_has_its_column(role, layout):
    assert layout.sum_columns == [f.name for f in tables.get_table(f"{role}_lines").fields]
