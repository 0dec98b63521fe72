"""The strikeout vector: every number worked out by hand, and null exactly where its flag says so."""

from datetime import date, timedelta
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.features.mlb.strikeout_vector import BATTING, PITCHING, VectorInputs, strikeout_vectors
from shared.modeling.vector import STRIKEOUTS_V1
from shared.storage import tables

DAY = date(2016, 6, 10)
PITCHER, CLUB, OTHERS = 9, 1, 2
NINE = tuple(range(101, 110))
PLAYERS = tables.get_table("player_features_daily")
FLAGGED = {
    "has_three_starts": ["strikeouts_per_nine_last_3_starts"],
    "has_five_starts": ["strikeouts_per_nine_last_5_starts"],
    "has_ten_starts": ["strikeouts_sd_last_10_starts"],
    "has_pitched_this_season": ["walk_rate_season"],
    "has_pitch_calls": ["called_or_swinging_strike_rate_30", "whiff_rate_30"],
    "has_pitch_zones": ["chase_rate_30", "zone_rate_30"],
    "has_pitch_types": ["fastball_share_30", "breaking_ball_share_30", "offspeed_share_30"],
    "has_fastball_velocity": ["fastball_velocity_30_minus_season"],
    "has_six_starts_with_calls": ["called_or_swinging_strike_rate_last_3_starts_minus_previous_3"],
    "has_lineup": ["lineup_strikeout_rate_vs_hand", "bottom_up_strikeouts", "lineup_high_strikeout_batters"],
}


def player(role, player_id, team_id, day=DAY, game_pk=500, **known):
    """Return a row of player_features_daily; a feature that is not given is 0.5."""
    features = {field.name: 0.5 for field in PLAYERS.fields if field.is_feature}
    identity = {"game_pk": game_pk, "game_date": day, "season": day.year, "game_type": "R", "role": role}
    others = CLUB + OTHERS - team_id
    return features | identity | {"player_id": player_id, "team_id": team_id, "opponent_id": others} | known


def start(day=DAY, game_pk=500, pitcher=PITCHER, **known):
    return player("starter", pitcher, CLUB, day, game_pk, **known)


def lineup(rates=(0.2,) * 9, turns=2.5, **more):
    return [
        player(
            "batter", who, OTHERS, batter_k_rate_vs_league=rate, expected_plate_appearances_vs_starter=turns,
            **more,
        )
        for who, rate in zip(NINE, rates, strict=False)
    ]  # fmt: skip


def running(layout, days):
    """Return running sums of a season from (id, day, counts), added up one by one."""
    rows = []
    for _, of_season in groupby(sorted(days, key=lambda one: one[:2]), lambda one: (one[0], one[1].year)):
        sums = dict.fromkeys(layout.counts, 0)
        for who, day, counts in of_season:
            sums = {name: total + counts.get(name, 0) for name, total in sums.items()}
            rows.append({"as_of": day, layout.key: who, **{f"season_{k}": v for k, v in sums.items()}})
    schema = {"as_of": pl.Date} | dict.fromkeys(layout.season_columns[1:], pl.Int64)
    return pl.DataFrame(rows, schema)


def vectors(players=None, pitched=(), batted=(), club_days=(), hand="R"):
    """Return the vectors of `players`: days of counts by pitcher or batter, and of clubs."""
    schema = {field.name: field.dtype for field in PLAYERS.fields}
    counted = {"day": pl.Date, "team_id": pl.Int64, "pitch_hand": pl.String}
    return strikeout_vectors(
        VectorInputs(
            pl.DataFrame(players or [start(), *lineup()], schema),
            running(PITCHING, pitched),
            running(BATTING, batted),
            pl.DataFrame(
                club_days, counted | {"plate_appearances": pl.Int64, "strikeouts": pl.Int64}, orient="row"
            ),
            pl.DataFrame(
                {"person_id": [PITCHER], "pitch_hand": [hand]},
                {"person_id": pl.Int64, "pitch_hand": pl.String},
            ),
        )
    )


def vector(*args, **more):
    (row,) = vectors(*args, **more).iter_rows(named=True)
    return row


def started(ago, strikeouts=0, outs=18, pitcher=PITCHER, day=DAY, **more):
    """Return a day with a start, so many days before."""
    counts = {"starts": 1, "strikeouts": strikeouts, "outs": outs, "plate_appearances": 25, **more}
    return pitcher, day - timedelta(days=ago), counts


def relieved(ago, **counts):
    return PITCHER, DAY - timedelta(days=ago), {"plate_appearances": 4, "outs": 3, **counts}


def test_every_column_of_the_table_is_computed():
    table = tables.get_table("strikeouts_v1")
    assert vectors().schema == {field.name: field.dtype for field in table.fields}


def test_features_of_the_model_row_are_copied_to_the_bit():
    copied = [name for name in STRIKEOUTS_V1.features if name in {f.name for f in PLAYERS.fields}]
    assert len(copied) == 18
    known = {name: n / 7 for n, name in enumerate(copied, 1)}
    row = vector([start(**known), *lineup()])
    assert {name: row[name] for name in copied} == known


def test_strikeouts_per_nine_of_the_last_starts():
    row = vector(pitched=[started(5 * n, strikeouts=n, outs=18) for n in (1, 2, 3, 4, 5, 6)])
    assert row["strikeouts_per_nine_last_3_starts"] == 3.0  # 6 in 54 outs, 18 innings
    assert row["strikeouts_per_nine_last_5_starts"] == 4.5  # 15 in 90 outs, 30 innings


def test_relief_between_starts_is_not_a_start():
    relief = [relieved(n, strikeouts=9) for n in (1, 6, 11)]
    row = vector(pitched=[started(5, 2), started(10, 4), started(15, 6, outs=9), *relief])
    assert row["strikeouts_per_nine_last_3_starts"] == 7.2  # 12 in 45 outs
    assert (row["has_three_starts"], row["has_five_starts"]) == (True, False)


def test_fewer_starts_than_requested_are_null():
    row = vector(pitched=[started(5, 8), started(10, 8)])
    assert not row["has_three_starts"]
    assert row["strikeouts_per_nine_last_3_starts"] is None


def test_starts_without_an_out_have_no_rate():
    row = vector(pitched=[started(n, outs=0) for n in (5, 10, 15)])
    assert (row["has_three_starts"], row["strikeouts_per_nine_last_3_starts"]) == (False, None)


def test_deviation_of_the_last_ten_starts():
    eleven = [started(5 * n, strikeouts) for n, strikeouts in enumerate([*range(1, 11), 20], 1)]
    assert vector(pitched=eleven)["strikeouts_sd_last_10_starts"] == 3.0277  # of 1 to 10: sqrt(82.5 / 9)
    assert vector(pitched=eleven[:9])["strikeouts_sd_last_10_starts"] is None


def test_called_and_swinging_strikes_of_three_starts_against_the_three_before():
    late = [started(n, calls=100, called_strikes=20, whiffs=15) for n in (5, 10, 15)]
    early = [started(n, calls=80, called_strikes=10, whiffs=10) for n in (20, 25, 30)]
    row = vector(pitched=[*late, *early, started(35, calls=100, called_strikes=99)])
    change = "called_or_swinging_strike_rate_last_3_starts_minus_previous_3"
    assert row[change] == 0.1  # .35 - .25
    without = vector(pitched=[*late, *early[:2], started(30)])
    assert (without[change], without["has_six_starts_with_calls"]) == (None, False)


def test_last_season_counts_among_the_last_starts_and_in_nothing_else():
    autumn = date(2015, 9, 20)
    row = vector(pitched=[started(5 * n, 6, day=autumn, walks=3, calls=90, swings=40) for n in range(5)])
    assert row["strikeouts_per_nine_last_5_starts"] == 9.0
    assert [row[flag] for flag in ("has_pitched_this_season", "has_pitch_calls")] == [False, False]
    assert (row["walk_rate_season"], row["whiff_rate_30"]) == (None, None)


def test_first_start_of_a_season_is_counted_from_zero():
    row = vector(pitched=[started(5, 9, walks=5), *(started(n, 3, day=date(2015, 9, 20)) for n in (0, 5))])
    assert row["strikeouts_per_nine_last_3_starts"] == 7.5  # 15 in 54 outs
    assert row["walk_rate_season"] == 0.2  # 5 of 25


@pytest.mark.parametrize("ago", [0, -1])
def test_day_itself_and_later_ones_are_not_seen(ago):
    past = [started(n, 5, calls=80, swings=40, whiffs=10) for n in (5, 10)]
    later = started(ago, 9, calls=99, swings=50, whiffs=50)
    turn = (OTHERS, DAY - timedelta(days=ago))
    seen = vector(
        pitched=[*past, later],
        batted=[(101, turn[1], {"plate_appearances": 9, "strikeouts": 9})],
        club_days=[(turn[1], OTHERS, "R", 40, 40)],
    )
    assert seen == vector(pitched=past)


def test_both_games_of_a_day_see_the_same():
    games = [start(game_pk=500), start(game_pk=501)]
    first, second = vectors(games, pitched=[started(5 * n, n) for n in (1, 2, 3)]).iter_rows(named=True)
    assert first.pop("game_pk") != second.pop("game_pk")
    assert first == second


def test_start_and_relief_on_one_day_are_one_start():
    day = started(5, strikeouts=7, outs=21)
    day[2]["plate_appearances"] += 4
    row = vector(pitched=[day, started(10, 1), started(15, 1)])
    assert row["strikeouts_per_nine_last_3_starts"] == round(27 * 9 / 57, 4)


def test_pitcher_whom_nobody_has_seen():
    row = vector(pitched=[started(5 * n, 9, pitcher=8) for n in range(1, 12)], hand=None)
    assert [flag for flag in FLAGGED if row[flag]] == ["has_lineup"]
    assert [name for name in STRIKEOUTS_V1.features if row[name] is None] == [
        name for name in STRIKEOUTS_V1.features for flag, names in FLAGGED.items()
        if name in names and flag != "has_lineup"
    ]  # fmt: skip


def test_pitches_of_thirty_days():
    counts = {
        "calls": 100, "called_strikes": 18, "swings": 50, "whiffs": 12, "in_zone": 45, "out_of_zone": 50,
        "chases": 15, "typed_pitches": 80, "fastballs": 48, "breaking_balls": 24, "offspeed": 8,
    }  # fmt: skip
    row = vector(pitched=[started(30, **counts), started(31, calls=1000, swings=1000, whiffs=1000)])
    assert row["called_or_swinging_strike_rate_30"] == 0.3
    assert row["whiff_rate_30"] == 0.24
    assert row["chase_rate_30"] == 0.3
    assert row["zone_rate_30"] == 0.4737  # 45 of 95
    assert [row[f"{kind}_share_30"] for kind in ("fastball", "breaking_ball", "offspeed")] == [0.6, 0.3, 0.1]


def test_fastball_of_thirty_days_against_the_season():
    late = started(10, timed_fastballs=50, fastball_velocity_tenths=50 * 950)
    early = started(40, timed_fastballs=150, fastball_velocity_tenths=150 * 930)
    row = vector(pitched=[late, early])
    assert row["fastball_velocity_30_minus_season"] == 1.5  # 95.0 - 93.5


def test_season_without_zones_types_and_speeds_has_calls():
    row = vector(
        pitched=[started(5 * n, calls=90, called_strikes=15, swings=40, whiffs=9) for n in range(1, 7)]
    )
    assert (row["called_or_swinging_strike_rate_30"], row["whiff_rate_30"]) == (0.2667, 0.225)
    flags = ("has_pitch_calls", "has_pitch_zones", "has_pitch_types", "has_fastball_velocity")
    assert [row[flag] for flag in flags] == [True, False, False, False]
    assert row["has_six_starts_with_calls"]


def test_bottom_up_strikeouts_and_batters_who_strike_out_often():
    row = vector([start(), *lineup((0.1, 0.15, 0.2, 0.25, 0.2799, 0.28, 0.3, 0.31, 0.35), turns=2.5)])
    assert row["bottom_up_strikeouts"] == 5.5498  # 2.2199 x 2.5 = 5.54975
    assert row["lineup_high_strikeout_batters"] == 4.0


def test_batters_of_the_own_club_and_of_other_games_are_left_aside():
    own = [player("batter", 200 + n, CLUB, batter_k_rate_vs_league=0.9) for n in range(9)]
    other = [player("batter", 300 + n, OTHERS, game_pk=501, batter_k_rate_vs_league=0.9) for n in range(9)]
    assert vector([start(), *lineup(), *own, *other]) == vector()


@pytest.mark.parametrize(
    ("hand", "rate"),
    [
        ("L", (10 + 20) / (20 + 100)),  # 10 of 20 against left-handers
        ("R", (10 + 20) / (80 + 100)),  # 20 - 10 of 100 - 20
        ("S", (20 + 20) / (100 + 100)),  # throws with both hands: all of them
        (None, (20 + 20) / (100 + 100)),
    ],
)
def test_lineup_against_the_hand_of_the_starter(hand, rate):
    counts = {
        "plate_appearances": 100, "strikeouts": 20, "plate_appearances_vs_left": 20, "strikeouts_vs_left": 10
    }  # fmt: skip
    row = vector(batted=[(batter, DAY - timedelta(days=5), counts) for batter in NINE], hand=hand)
    assert row["lineup_strikeout_rate_vs_hand"] == round(rate, 4)


def test_lineup_without_turns_is_its_own_rate_times_the_leagues_ratio():
    league = [(DAY - timedelta(days=1), 7, hand, 999_000, k) for hand, k in (("L", 249_780), ("R", 199_780))]
    row = vector(club_days=league, hand="L")
    # With 1,000 at .22 added the league has .25 against left-handers and .225 against both.
    assert row["lineup_strikeout_rate_vs_hand"] == round(0.2 * 0.25 / (449_780 / 1_999_000), 4)


def test_last_seasons_turns_are_not_this_seasons():
    batted = [(who, date(2015, 9, 1), {"plate_appearances": 300, "strikeouts": 200}) for who in NINE]
    assert vector(batted=batted)["lineup_strikeout_rate_vs_hand"] == 0.2


def test_eight_batters_are_no_lineup():
    row = vector([start(), *lineup()[:8]])
    assert not row["has_lineup"]
    assert [row[name] for name in FLAGGED["has_lineup"]] == [None, None, None]


@pytest.mark.parametrize(
    ("hand", "turns", "strikeouts"), [("R", 100, 30), ("L", 50, 25), ("S", 150, 55), (None, 150, 55)]
)
def test_club_against_the_hand(hand, turns, strikeouts):
    day = DAY - timedelta(days=1)
    row = vector(club_days=[(day, OTHERS, "R", 100, 30), (day, OTHERS, "L", 50, 25)], hand=hand)
    league = (strikeouts + 1000 * 0.22) / (turns + 1000)
    assert row["opponent_strikeout_rate_vs_hand"] == round((strikeouts + 200 * league) / (turns + 200), 4)


def test_clubs_last_season_is_the_leagues_only():
    row = vector(club_days=[(date(2015, 9, 1), OTHERS, "R", 9000, 1800)])
    assert row["opponent_strikeout_rate_vs_hand"] == 0.202  # (1800 + 220) / 10000


def test_first_day_known_has_the_usual_rate():
    row = vector()
    assert row["opponent_strikeout_rate_vs_hand"] == 0.22
    assert row["lineup_strikeout_rate_vs_hand"] == 0.2


counts = st.fixed_dictionaries({name: st.integers(0, 3) for name in PITCHING.counts})
days = st.dictionaries(st.integers(-3, 300), counts, max_size=14)


@given(days, st.integers(0, 9))
def test_null_exactly_where_the_flag_says_so(pitched, batters):
    pitched = [(PITCHER, DAY - timedelta(days=ago), done) for ago, done in pitched.items()]
    row = vector([start(), *lineup()[:batters]], pitched=pitched)
    missing = {name for flag, names in FLAGGED.items() if not row[flag] for name in names}
    assert {name for name in STRIKEOUTS_V1.features if row[name] is None} == missing


def test_every_flag_is_tested():
    flags = [f.name for f in tables.get_table("strikeouts_v1").fields if f.type == "BOOLEAN"]
    assert flags == list(FLAGGED)
