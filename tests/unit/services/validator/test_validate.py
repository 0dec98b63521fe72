"""Whole batches: what goes on, what is set aside, what is asked again."""

import polars as pl
import pytest

from shared.errors import Rejected
from shared.messaging.events import Grade, RetryReason
from shared.storage.staging import Failure, Fallback
from tests.unit.services.validator.batches import change, examined, frame, frames, game_row, issues

SLOW = {"name": "statcast_pitches", "column": "release_speed", "value": 12.0}


def test_clean_batch_gets_an_a():
    result = examined(1, 2)
    assert (result.grading.grade, result.issues, result.games) == (Grade.A, (), (1, 2))
    assert result.grading.scores == {
        "schema": 1.0,
        "completeness": 1.0,
        "players": 1.0,
        "ranges": 1.0,
        "overall": 1.0,
    }


def test_bad_pitch_goes_alone():
    first = (pl.col("at_bat_index") == 0) & (pl.col("pitch_number") == 1)
    result = examined(1, staged=change(frames(1), **SLOW, where=first))
    assert result.tables["statcast_pitches"].quarantined.height == 1
    assert (result.games, result.tables["statcast_pitches"].accepted.height) == ((1,), 215)


def test_bad_play_takes_its_whole_game_along():
    staged = change(frames(1, 2), "plate_appearances", "rbi", 9, pl.col("game_pk") == 1)
    result = examined(1, 2, staged=staged)
    assert (result.games, result.quarantined_games) == ((2,), (1,))
    assert all(set(rows.accepted["game_pk"]) == {2} for rows in result.tables.values())


def test_held_back_game_is_asked_again():
    games = range(1, 16)
    staged = change(frames(*games), "plate_appearances", "rbi", 9, pl.col("game_pk") == 3)
    assert examined(*games, staged=staged).recollect == {RetryReason.UNAVAILABLE: (3,)}


def test_companions_say_why_they_are_held_back():
    staged = change(frames(1), "plate_appearances", "rbi", 9, pl.col("at_bat_index") == 0)
    held = examined(1, staged=staged).tables["team_stats_historical"].quarantined
    assert held["reason"][0] == "game 1 is quarantined: plate_appearances: rbi: expected 0 to 4, got 9"


FEED_FAILED = Failure("mlb_stats_api", "/api/v1.1/game/2/feed/live", "timed out", 2)


def test_failed_game_is_asked_again():
    result = examined(1, failures=(FEED_FAILED,))
    assert (result.games, result.recollect) == ((1,), {RetryReason.UNAVAILABLE: (2,)})


def test_failed_game_keeps_its_place_in_the_schedule():
    staged = frames(1)
    staged["games_historical"] = frame("games_historical", [game_row(1), game_row(2)])
    result = examined(1, 2, staged=staged, final_games=(1,), failures=(FEED_FAILED,))
    assert result.tables["games_historical"].accepted.height == 2
    assert (result.games, result.grading.scores["completeness"]) == ((1,), 0.5)


def test_game_with_plays_is_whole_though_a_request_failed():
    failure = Failure("mlb_stats_api", "/api/v1/people/9/stats", "timed out", 1)
    assert examined(1, failures=(failure,)).games == (1,)


def test_failure_without_a_game_is_only_told():
    result = examined(1, failures=(Failure("mlb_stats_api", "/api/v1/standings", "timed out"),))
    assert (result.recollect, [issue.severity for issue in result.issues]) == ({}, ["error"])


def test_game_without_pitches_is_asked_for_statcast():
    staged = frames(*range(1, 16))
    staged["statcast_pitches"] = staged["statcast_pitches"].filter(pl.col("game_pk") != 7)
    result = examined(*range(1, 16), staged=staged)
    assert (result.grading.grade, result.recollect) == (Grade.B, {RetryReason.STATCAST: (7,)})


def test_regular_season_without_statcast_fails():
    staged = frames(1, 2)
    del staged["statcast_pitches"]
    result = examined(1, 2, staged=staged)
    assert (result.grading.grade, result.recollect) == (Grade.F, {RetryReason.STATCAST: ()})


def test_spring_needs_no_statcast():
    staged = frames(1, 2)
    del staged["statcast_pitches"]
    assert examined(1, 2, staged=staged, season_phase="spring").grading.grade is Grade.A


@pytest.mark.parametrize(
    ("phase", "grade"), [("spring", Grade.C), ("regular", Grade.F), ("postseason", Grade.F)]
)
def test_players_needed_depend_on_the_phase(phase, grade):
    result = examined(1, missing_players={"1": (1, 2, 3)}, season_phase=phase)
    assert result.grading.grade is grade


def test_failing_players_are_asked_again():
    result = examined(1, missing_players={"1": (1, 2, 3)})
    assert result.recollect == {RetryReason.MISSING_PLAYERS: ()}


def test_postseason_asks_again_at_b():
    staged = change(frames(*range(1, 16)), "team_stats_historical", "hits", 8, pl.col("game_pk") == 1)
    result = examined(*range(1, 16), staged=staged, season_phase="postseason")
    assert (result.grading.grade, result.recollect) == (Grade.B, {RetryReason.UNAVAILABLE: ()})


def test_wrong_type_is_a_schema_mismatch():
    staged = frames(1)
    staged["games_historical"] = staged["games_historical"].with_columns(pl.col("home_score").cast(pl.String))
    result = examined(1, staged=staged)
    assert (result.grading.grade, result.recollect) == (Grade.F, {RetryReason.SCHEMA_MISMATCH: ()})
    assert issues(result, "schema")[0].message == "home_score: expected Int64, got String"


def test_missing_required_column_is_a_schema_mismatch():
    staged = frames(1)
    staged["games_historical"] = staged["games_historical"].drop("season")
    assert issues(examined(1, staged=staged), "schema")[0].message == "season: required column is missing"


def test_missing_optional_column_is_none():
    staged = frames(1)
    staged["team_stats_historical"] = staged["team_stats_historical"].drop("walks")
    assert examined(1, staged=staged).grading.grade is Grade.A


def test_unknown_column_is_kept_and_no_mismatch():
    staged = frames(1)
    staged["games_historical"] = staged["games_historical"].with_columns(mood=pl.lit("sunny"))
    result = examined(1, staged=staged, unknown_columns={"games_historical": ("mood",)})
    assert (result.grading.grade, issues(result, "unknown_columns")[0].severity) == (Grade.A, "warning")
    assert result.tables["games_historical"].accepted["mood"].to_list() == ["sunny"]


def test_column_of_nulls_alone_fits_any_type():
    staged = frames(1)
    staged["games_historical"] = staged["games_historical"].with_columns(wind=pl.lit(None))
    assert examined(1, staged=staged).grading.grade is Grade.A


def test_nothing_whole_is_an_f():
    result = examined(1, staged=change(frames(1), "games_historical", "home_score", 99))
    assert (result.grading.grade, result.games) == (Grade.F, ())


def test_day_without_games_is_graded_on_what_it_has():
    standings = frames(1)["games_historical"].clear()
    assert examined(staged={"games_historical": standings}).grading.grade is Grade.A


def test_names_the_known_phases():
    with pytest.raises(Rejected, match=r"'regular', 'spring'\], got 'winter'"):
        examined(1, season_phase="winter")


def test_pitches_of_another_source_are_told():
    fallback = Fallback(1, "savant", "mlb_stats_api", "expected 216 pitches as in the feed, got 201")
    result = examined(1, fallbacks=(fallback,))
    (issue,) = result.issues
    assert (issue.rule, issue.severity, issue.games, result.grading.grade) == (
        "fallbacks",
        "warning",
        (1,),
        Grade.A,
    )
    assert issue.message == (
        "game 1: pitches from mlb_stats_api instead of savant: expected 216 pitches as in the feed, got 201"
    )


def test_unknown_descriptions_of_pitches_warn_once():
    second = pl.col("pitch_number") == 2
    staged = change(frames(1, 2), "statcast_pitches", "call_code", "C")
    staged = change(staged, "statcast_pitches", "description", "moon_ball", second)
    staged = change(staged, "statcast_pitches", "call_code", None, second)
    (issue,) = examined(1, 2, staged=staged).issues
    assert (issue.rule, issue.severity, issue.rows) == ("pitch_calls", "warning", 36)
    assert "moon_ball" in issue.message
