from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.retrosheet.credits import FieldingCredits, parse_credits
from simulator.retrosheet.events import PlayEvent, parse_event
from simulator.retrosheet.notation import UnreadablePlay

EVENT_TYPES = {
    "8/F": "field_out",
    "63/G": "field_out",
    "8!/L+": "field_out",
    "43-/G": "field_out",
    "63+/G6MS-": "field_out",
    "99": "field_out",
    "64-(1)3+/GDP+/G6-": "grounded_into_double_play",
    "8-/SF+/F8.3-H": "sac_fly",
    "s8+/l": "single",
    "K": "strikeout",
    "K23": "strikeout",
    "K+WP.B-1": "strikeout",
    "K+CS2(26)/DP": "strikeout_double_play",
    "W.1-2": "walk",
    "IW": "intent_walk",
    "HP.1-2": "hit_by_pitch",
    "S7/L": "single",
    "S/G/BR.1X2(3)": "single",
    "D8/F+": "double",
    "DGR/78/L": "double",
    "T9/L.1-H": "triple",
    "HR/78/F.2-H": "home_run",
    "H9/L": "home_run",
    "64(1)/FO/G": "force_out",
    "5(2)/G": "fielders_choice_out",
    "64(1)3/GDP": "grounded_into_double_play",
    "8/L/DP.2X2(84)": "double_play",
    "8(B)84(2)/LDP": "double_play",
    "5/P5F/NDP.2XH(26)": "field_out",
    "64(1)3/GTP.3XH(32)": "triple_play",
    "9/F/SF.3-H": "sac_fly",
    "8/SF/DP.3-H;1X1(83)": "sac_fly_double_play",
    "E8/F/SF.3-H": "sac_fly",
    "13/SH/BG.1-2": "sac_bunt",
    "E1/TH/SH/BG.1-2": "sac_bunt",
    "FC3/SH/BG.1-2": "sac_bunt",
    "14(1)3/SH/BG": "sac_bunt_double_play",
    "FC6/G": "fielders_choice",
    "FC6/G.1X2(64)": "fielders_choice_out",
    "E6/TH/G": "field_error",
    "E0": "field_error",
    "FC/G56.3XH(522)": "fielders_choice_out",
    "6E3/G": "field_error",
    "C/E2": "catcher_interf",
    "SB2": None,
    "POSB2": None,
    "CS2(26)": None,
    "FLE3/P3F": None,
    "BK.1-2": None,
}
RUNNERS_EVENTS = {
    "SB2": ["stolen_base_2b"],
    "SB3;SB2": ["stolen_base_3b", "stolen_base_2b"],
    "SBH(UR)": ["stolen_base_home"],
    "SB2.1-3(E2/TH)": ["stolen_base_2b", "error"],
    "SB2.1XH(452)(E2/TH)": ["stolen_base_2b", "other_out"],
    "SB2.3-H(WP);1-3": ["wild_pitch", "stolen_base_2b", "other_advance"],
    "CS3(25)": ["caught_stealing_3b"],
    "CS2(2E4).1-3": ["caught_stealing_2b", "error"],
    "CSH(25)": ["caught_stealing_home"],
    "PO1(13)": ["pickoff_1b"],
    "PO2(1E4).2-3": ["pickoff_error_2b"],
    "POCS2(1361)": ["pickoff_caught_stealing_2b"],
    "WP.2-3;1-2": ["wild_pitch", "wild_pitch"],
    "WP.1X3(25)": ["other_out"],
    "PB.3-H": ["passed_ball"],
    "BK.1-2": ["balk"],
    "DI.1-2": ["defensive_indiff"],
    "OA.2X3(25)": ["other_out"],
    "POSB2": ["stolen_base_2b"],
    "POSBH.1-3": ["stolen_base_home", "other_advance"],
    "CSH(25);POSB2": ["caught_stealing_home", "stolen_base_2b"],
    "BK.2-3(SB3);1-2": ["stolen_base_3b", "balk"],
    "WP.3-H(SBH);1-2": ["stolen_base_home", "wild_pitch"],
    "CS2(299)": ["caught_stealing_2b"],
    "K+POSB3": ["stolen_base_3b", None],
    "K+SB2": ["stolen_base_2b", None],
    "K+WP.1-2": ["wild_pitch", None],
    "K+WP.B-1": ["wild_pitch"],
    "K+PB.BX1(23)": [None],
    "W+WP.2-3": ["wild_pitch", None],
    "W+PB.3-H(NR);1-2": ["passed_ball", None, None],
    "K+CS2(26)/DP": ["caught_stealing_2b", None],
    "S9/G.2-H": [None, None],
}
RUNS_BATTED_IN = {
    "HR/78/F.3-H;1-H": 3,
    "S9/G.2-H(NR);3-H": 1,
    "S9/G.2-H(NORBI)": 0,
    "W.3-H;2-3;1-2": 1,
    "W+WP.3-H(NR);1-2": 0,
    "64(1)3/GDP.3-H": 0,
    "64(1)/FO/G.3-H": 1,
    "E6/G.3-H(RBI)": 1,
    "E6/G.2-H": 0,
    "6/L.3-H(UR)(E6/TH)": 0,
    "WP.3-H": 0,
    "K+WP.3-H;B-1": 0,
    "W+SBH": 0,
    "9/F/SF.3-H": 1,
}
CREDITED = {
    "63/G": FieldingCredits("3", "6", ""),
    "8/F": FieldingCredits("8", "", ""),
    "K": FieldingCredits("2", "", ""),
    "K23": FieldingCredits("3", "2", ""),
    "K+WP.BX1(23)": FieldingCredits("3", "2", ""),
    "K+E2/TH.B-1": FieldingCredits("", "", "2"),
    "64(1)3/GDP": FieldingCredits("43", "64", ""),
    "6(1)3/GDP": FieldingCredits("63", "6", ""),
    "3(B)36(1)/GDP": FieldingCredits("36", "3", ""),
    "8(B)84(2)/LDP": FieldingCredits("84", "8", ""),
    "CS2(26)": FieldingCredits("6", "2", ""),
    "CSH(26E2).3-H": FieldingCredits("", "26", "2"),
    "POCS2(1343)": FieldingCredits("3", "134", ""),
    "E6/TH/G": FieldingCredits("", "", "6"),
    "6E3/G": FieldingCredits("", "6", "3"),
    "S7/L.BX2(74)": FieldingCredits("4", "7", ""),
    "D7/L.1-H(E7/TH)": FieldingCredits("", "", "7"),
    "S7/F.3XH(72)(E2/TH)": FieldingCredits("2", "7", "2"),
    "C/E2": FieldingCredits("", "", "2"),
    "C/E1": FieldingCredits("", "", "1"),
    "FLE5/P": FieldingCredits("", "", "5"),
    "43-/G": FieldingCredits("3", "4", ""),
    "63+/G6MS-": FieldingCredits("3", "6", ""),
    "S7/G.BX2(74H)": FieldingCredits("4", "7", ""),
    "FC/G56.3XH(522)": FieldingCredits("2", "5", ""),
    "FC4.1X3(15/AP)": FieldingCredits("5", "1", ""),
    "99/F": FieldingCredits(),
    "64(1)99/GDP": FieldingCredits(),
    "CS2(299)": FieldingCredits(),
    "K+CS2(299)": FieldingCredits(),
    "E0": FieldingCredits(),
    "FLE0": FieldingCredits(),
    "K+E0": FieldingCredits("2", "", ""),
    "50/G": FieldingCredits("", "5", ""),
}


@pytest.mark.parametrize(("text", "event_type"), EVENT_TYPES.items())
def test_names_plays_as_mlb_does(text: str, event_type: str | None) -> None:
    assert parse_event(text).event_type == event_type


@pytest.mark.parametrize(("text", "events"), RUNNERS_EVENTS.items())
def test_names_what_let_runners_advance(text: str, events: list[str | None]) -> None:
    assert [move.event for move in parse_event(text).moves] == events


@pytest.mark.parametrize(("text", "rbi"), RUNS_BATTED_IN.items())
def test_counts_runs_batted_in(text: str, rbi: int) -> None:
    assert sum(move.rbi for move in parse_event(text).moves) == rbi


@pytest.mark.parametrize(("text", "credited"), CREDITED.items())
def test_credits_fielders(text: str, credited: FieldingCredits) -> None:
    assert parse_event(text).credits == credited


def legs(event: PlayEvent) -> list[tuple[int, int, bool]]:
    return [(move.base, move.to, move.is_out) for move in event.moves]


def test_batter_put_out_stretching_has_reached_first() -> None:
    assert legs(parse_event("S7/L.BX2(74)")) == [(0, 1, False), (1, 2, True)]


def test_error_nullifies_an_out() -> None:
    assert legs(parse_event("S9/L.1X3(9E5)")) == [(1, 3, False), (0, 1, False)]


def test_out_stands_when_fielders_are_named_beside_the_error() -> None:
    assert legs(parse_event("S9/L.2XH(92)(E2/TH)")) == [(2, 4, True), (0, 1, False)]


def test_caught_runner_is_safe_on_an_error() -> None:
    assert legs(parse_event("CS2(2E4)")) == [(1, 2, False)]


def test_picked_off_runner_stays_on_an_error() -> None:
    assert legs(parse_event("PO1(E3)")) == []


def test_runner_going_back_a_base_moves_last() -> None:
    assert legs(parse_event("CS2(15).2-1")) == [(1, 2, True), (2, 1, False)]


def test_run_despite_an_error_counts_only_before_two_outs() -> None:
    assert [move.rbi_before_two_outs for move in parse_event("E6/G.3-H;2-3").moves] == [True, False, False]


def test_unearned_run_is_marked() -> None:
    assert [move.earned for move in parse_event("S7/G.3-H(UR);2-H(TUR)").moves] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "trajectory", "location"),
    [
        ("63/G6", "ground_ball", "6"),
        ("64(1)3/GDP", "ground_ball", "6"),
        ("5/P5F", "popup", "5"),
        ("HR/78/F", "fly_ball", "7"),
        ("13/SH/BG-", "bunt_grounder", "1"),
        ("K/BF", None, None),
        ("63+/G6MS-", "ground_ball", "6"),
        ("FC/G56.3XH(522)", "ground_ball", "5"),
        ("HR/F78XD", "fly_ball", "7"),
        ("99/F8D", "fly_ball", "8"),
        ("E0", None, None),
        ("99", None, None),
    ],
)
def test_tells_how_and_where_the_ball_went(text: str, trajectory: str | None, location: str | None) -> None:
    event = parse_event(text)
    assert (event.trajectory, event.hit_location) == (trajectory, location)


def test_forced_runner_hands_his_pitcher_on() -> None:
    plays = ("64(1)/FO/G", "42(3)3/GDP.2-3", "FC6/G.1X2(64)", "S/G/BR.1X2(3)", "8/L/DP.1X1(83)", "63/G")
    assert [parse_event(text).batter_replaces_runner for text in plays] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text", ["", "Z9", "S7.1-", "64(1", "SB1", "PO4(13)", "S7.1-2(", "E", "E52", "W2", "POSB", "6E35"]
)
def test_refuses_what_is_no_play(text: str) -> None:
    with pytest.raises(UnreadablePlay, match="expected"):
        parse_event(text)


@given(st.text("0123456789SDTHRKWEFCBPONILG()+/.-X;!#", max_size=14))
def test_reads_or_refuses_any_text(text: str) -> None:
    try:
        event = parse_event(text)
    except UnreadablePlay:
        return
    assert event.outs == sum(move.is_out for move in event.moves)


@given(st.text("123456789", min_size=1, max_size=8))
def test_one_put_out_and_one_assist_each(chain: str) -> None:
    credited = parse_credits(chain)
    throws = [fielder for fielder, receiver in pairwise(chain) if fielder != receiver]
    assert credited.putouts == chain[-1]
    assert sorted(credited.assists) == sorted(set(throws))
