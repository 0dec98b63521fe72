"""Good rows from bad ones, whatever the mix."""

import math
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validator.quarantine import quarantine_games, validate_rows
from services.validator.row_rules import row_violations
from shared.storage.tables import get_table, list_tables
from tests.unit.services.validator.batches import (
    DAY,
    FETCHED,
    frame,
    game_row,
    line_rows,
    pitch_rows,
    play_rows,
)

PITCHES = get_table("statcast_pitches")
GAMES = get_table("games_historical")
CLEAN = frame("statcast_pitches", pitch_rows(1, 2))
SPOILING = {
    "release_speed": [12.0, 140.0, math.nan, math.inf],
    "launch_speed": [-1.0, 131.0],
    "plate_x": [math.nan, -math.inf],
    "bat_side": ["S", "", "ä"],
    "inning": [0, 31, -5],
    "batter_id": [None],
    "source": [None],
}


def reasons(result):
    return result.quarantined["reason"].to_list()


def pitch(**changed):
    return frame("statcast_pitches", [pitch_rows(1, 1)[0] | changed])


@st.composite
def corrupt(draw):
    """Rows of pitches, some of them changed for the worse, some doubled."""
    rows = CLEAN.to_dicts()
    numbers = st.integers(0, len(rows) - 1)
    for number in draw(st.lists(numbers, max_size=8)):
        column = draw(st.sampled_from(sorted(SPOILING)))
        rows[number] |= {column: draw(st.sampled_from(SPOILING[column]))}
    rows += [rows[number] for number in draw(st.lists(numbers, max_size=3))]
    return pl.DataFrame(draw(st.permutations(rows)), schema=PITCHES.schema)


@settings(max_examples=60)
@given(staged=corrupt())
def test_no_row_is_lost_or_doubled(staged):
    result = validate_rows(PITCHES, staged, (DAY,))
    together = pl.concat([result.accepted, result.quarantined.drop("reason")])
    assert together.sort(pl.all()).equals(staged.sort(pl.all()))


@settings(max_examples=60)
@given(staged=corrupt())
def test_no_bad_row_is_accepted(staged):
    accepted = validate_rows(PITCHES, staged, (DAY,)).accepted
    assert not any(
        accepted.filter(violation.is_violated).height
        for violation in row_violations(PITCHES, accepted.columns, (DAY,))
    )
    assert accepted.n_unique(PITCHES.key) == accepted.height


@settings(max_examples=60)
@given(staged=corrupt())
def test_every_quarantined_row_says_why(staged):
    assert all(reasons(validate_rows(PITCHES, staged, (DAY,))))


@settings(max_examples=60)
@given(staged=corrupt())
def test_sorting_twice_changes_nothing(staged):
    once = validate_rows(PITCHES, staged, (DAY,)).accepted
    assert validate_rows(PITCHES, once, (DAY,)).accepted.equals(once)


def test_clean_rows_stay_as_they_are():
    result = validate_rows(PITCHES, CLEAN, (DAY,))
    assert result.accepted is CLEAN
    assert (result.quarantined.height, result.issues) == (0, ())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"release_speed": 110.1}, "release_speed: expected 30 to 110, got 110.1"),
        ({"launch_speed": -0.5}, "launch_speed: expected 0 to 130, got -0.5"),
        ({"plate_x": math.inf}, "plate_x: expected a finite number, got inf"),
        ({"bat_side": "S"}, "bat_side: expected one of L R, got S"),
        ({"batter_id": None}, "batter_id: required, is missing"),
        ({"collected_at": None}, "collected_at: required, is missing"),
    ],
)
def test_reason_says_what_was_expected_and_found(changed, reason):
    assert reasons(validate_rows(PITCHES, pitch(**changed), (DAY,))) == [reason]


@pytest.mark.parametrize(
    "changed",
    [{"release_speed": 30.0}, {"release_speed": 110.0}, {"launch_speed": 0.0}, {"release_speed": None}],
)
def test_bounds_and_gaps_are_good(changed):
    assert reasons(validate_rows(PITCHES, pitch(**changed), (DAY,))) == []


@pytest.mark.parametrize(("score", "bad"), [(0, False), (50, False), (51, True), (-1, True)])
def test_scores_are_0_to_50(score, bad):
    result = validate_rows(GAMES, frame("games_historical", [game_row(1, home_score=score)]), (DAY,))
    assert bool(result.rejected_games) == bad


def test_all_reasons_of_a_row_are_told():
    result = validate_rows(PITCHES, pitch(bat_side="S", inning=0), (DAY,))
    assert reasons(result) == ["inning: expected 1 to 30, got 0; bat_side: expected one of L R, got S"]


def test_row_that_came_twice_is_kept_once():
    staged = frame("games_historical", [game_row(1), game_row(1)])
    result = validate_rows(GAMES, staged, (DAY,))
    assert (result.accepted.height, reasons(result)) == (1, ["the same row twice, key 1"])
    assert (result.rejected_games, result.issues[0].severity) == ({}, "warning")


def test_other_row_for_the_same_key_spoils_the_game():
    staged = frame("games_historical", [game_row(1), game_row(1, home_score=3)])
    result = validate_rows(GAMES, staged, (DAY,))
    assert result.rejected_games == {1: "games_historical: another row has the key 1"}


def test_later_fetch_of_the_same_row_is_the_same_row():
    staged = frame("games_historical", [game_row(1), game_row(1, run_id="run-2")])
    assert validate_rows(GAMES, staged, (DAY,)).rejected_games == {}


def test_bad_pitch_spoils_no_game():
    assert validate_rows(PITCHES, pitch(inning=0), (DAY,)).rejected_games == {}


def test_bad_line_spoils_its_game_only():
    rows = [*line_rows(1), *line_rows(2)]
    staged = frame("player_stats_historical", [rows[0] | {"home_runs": 70}, *rows[1:]])
    result = validate_rows(get_table("player_stats_historical"), staged, (DAY,))
    assert list(result.rejected_games) == [1]


def test_row_without_a_game_spoils_none():
    staged = frame("plate_appearances", [play_rows(1)[0] | {"game_pk": None}])
    result = validate_rows(get_table("plate_appearances"), staged, (DAY,))
    assert (result.rejected_games, result.quarantined.height) == ({}, 1)


def test_holding_games_leaves_other_tables_alone():
    forecast = {"game_pk": 1, "game_date": DAY, "issued_at": FETCHED, "valid_at": FETCHED}
    definition = get_table("weather_forecasts")
    rows = validate_rows(definition, frame("weather_forecasts", [forecast]), (DAY,))
    assert quarantine_games(definition, rows, {1: "because"}).accepted.height == 1


def transaction(day):
    row = {"transaction_id": 1, "transaction_date": day, "type_code": "TR"}
    return validate_rows(
        get_table("transactions_historical"), frame("transactions_historical", [row]), (DAY,)
    )


def test_transactions_are_of_the_collected_days():
    assert reasons(transaction(DAY)) == []
    assert reasons(transaction(date(2026, 3, 31))) == [
        "transaction_date: expected 2026-04-01 to 2026-04-01, got 2026-03-31"
    ]


def test_issue_counts_rows_and_shows_examples():
    staged = CLEAN.with_columns(inning=pl.int_range(31, 31 + CLEAN.height))
    (issue,) = validate_rows(PITCHES, staged, (DAY,)).issues
    assert (issue.rule, issue.severity, issue.rows, issue.games) == ("range", "error", 36, (1,))
    assert issue.message.endswith("got 33 and 33 more")


@pytest.mark.parametrize("name", list_tables("mlb_historical_data"))
def test_every_table_can_be_sorted(name):
    empty = pl.DataFrame(schema=get_table(name).schema)
    assert validate_rows(get_table(name), empty, (DAY,)).accepted.height == 0
