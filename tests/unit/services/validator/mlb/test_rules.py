"""Rules on a batch as a whole."""

from datetime import date

import polars as pl
import pytest

from tests.unit.services.validator.batches import (
    AWAY,
    DAY,
    HOME,
    change,
    examined,
    frame,
    frames,
    game_row,
    innings,
    issues,
    pitch_rows,
)


def reported(result, rule):
    return [issue.message for issue in issues(result, rule)]


@pytest.mark.parametrize(("each", "severity"), [(8, "error"), (9, "warning"), (11, "warning")])
def test_too_few_pitches_are_told(each, severity):
    staged = frames(1) | {"statcast_pitches": frame("statcast_pitches", pitch_rows(1, each))}
    (issue,) = issues(examined(1, staged=staged), "pitch_counts")
    assert (issue.severity, issue.games) == (severity, (1,))


@pytest.mark.parametrize(
    "shortened", [{"detailed_state": "Completed Early: Rain"}, {"innings": 6}, {"scheduled_innings": 7}]
)
def test_shortened_games_may_have_fewer_pitches(shortened):
    staged = frames(1) | {"statcast_pitches": frame("statcast_pitches", pitch_rows(1, 5))}
    staged["games_historical"] = frame("games_historical", [game_row(1, **shortened)])
    assert issues(examined(1, staged=staged), "pitch_counts") == []


def test_shortened_games_need_some_pitches():
    staged = frames(1) | {"statcast_pitches": frame("statcast_pitches", [])}
    staged["games_historical"] = frame("games_historical", [game_row(1, innings=6)])
    assert reported(examined(1, staged=staged), "pitch_counts") == [
        "game 1: expected 200 pitches or more, got 0"
    ]


def test_spring_games_in_a_regular_batch_need_no_pitches():
    staged = frames(1) | {"statcast_pitches": frame("statcast_pitches", [])}
    staged["games_historical"] = frame("games_historical", [game_row(1, game_type="S")])
    assert issues(examined(1, staged=staged), "pitch_counts") == []


def test_games_to_come_need_no_pitches():
    staged = frames(1)
    rows = [game_row(1), game_row(2, status="Preview", home_score=None, away_score=None, line_score=None)]
    staged["games_historical"] = frame("games_historical", rows)
    result = examined(1, 2, staged=staged, final_games=(1,))
    assert (result.issues, result.games) == ((), (1, 2))


def test_unknown_pitch_types_are_kept_and_told():
    result = examined(1, staged=change(frames(1), "statcast_pitches", "pitch_type", "ZZ"))
    (issue,) = issues(result, "pitch_types")
    assert (issue.severity, issue.rows, issue.message[-6:]) == ("warning", 216, "got ZZ")
    assert result.tables["statcast_pitches"].quarantined.height == 0


def test_box_score_players_without_a_line_are_told():
    result = examined(1, missing_players={"1": (31, 30)})
    assert reported(result, "player_coverage") == ["game 1: no line for 30, 31"]


def test_batters_without_a_line_are_told():
    staged = frames(1)
    lines = staged["player_stats_historical"]
    staged["player_stats_historical"] = lines.filter(pl.col("player_id") != HOME * 100 + 8)
    assert reported(examined(1, staged=staged), "player_coverage") == [f"game 1: no line for {HOME}08"]


def test_finals_without_plays_are_told():
    staged = frames(1) | {"plate_appearances": frame("plate_appearances", [])}
    (issue,) = issues(examined(1, staged=staged), "played_games")
    assert (issue.table, issue.games) == ("plate_appearances", (1,))


def test_players_must_add_up_to_the_club():
    staged = change(frames(1), "team_stats_historical", "hits", 8, pl.col("team_id") == AWAY)
    assert reported(examined(1, staged=staged), "club_totals") == [f"game 1 club {AWAY}: hits 8 against 9"]


def test_club_must_have_the_runs_of_the_score():
    staged = change(frames(1), "team_stats_historical", "runs", 8, pl.col("is_home"))
    assert reported(examined(1, staged=staged), "line_score") == ["game 1: runs 8 against 9"]


def test_innings_must_add_up_to_the_score():
    row = game_row(1, line_score=innings(8).decode())
    staged = frames(1) | {"games_historical": frame("games_historical", [row])}
    assert reported(examined(1, staged=staged), "line_score") == [
        "game 1: home_score 9 against 8, away_score 9 against 8"
    ]


@pytest.mark.parametrize("line_score", [None, "", "no json", "[]", '{"num": 1}'])
def test_unreadable_line_score_is_not_compared(line_score):
    staged = frames(1) | {"games_historical": frame("games_historical", [game_row(1, line_score=line_score)])}
    assert issues(examined(1, staged=staged), "line_score") == []


def test_plays_must_add_up_to_the_score():
    staged = change(frames(1), "plate_appearances", "runs_scored", 2, pl.col("at_bat_index") == 0)
    assert reported(examined(1, staged=staged), "runs_by_play") == ["game 1: home_score 9 against 10"]


def test_unknown_totals_are_not_compared():
    staged = change(frames(1), "team_stats_historical", "walks", 3)
    assert issues(examined(1, staged=staged), "club_totals") == []


def standings(clubs):
    rows = [{"standings_date": DAY, "team_id": n, "season": 2026, "wins": 1, "losses": 1} for n in clubs]
    return frame("standings_historical", rows)


def clubs_of(count):
    known = {"season": 2026, "name": "A B", "abbreviation": "AB"}
    return frame("teams_historical", [known | {"team_id": n} for n in range(count)])


@pytest.mark.parametrize(("clubs", "found"), [(29, ["2026-04-01: expected 30 clubs, got 29"]), (30, [])])
def test_standings_have_thirty_clubs(clubs, found):
    staged = frames(1) | {"standings_historical": standings(range(clubs)), "teams_historical": clubs_of(30)}
    assert reported(examined(1, staged=staged), "club_counts") == found


@pytest.mark.parametrize(("clubs", "found"), [(29, ["expected 30 clubs or more, got 29"]), (32, [])])
def test_clubs_of_a_full_day_are_thirty_or_more(clubs, found):
    staged = frames(1) | {"standings_historical": standings(range(30)), "teams_historical": clubs_of(clubs)}
    assert reported(examined(1, staged=staged), "club_counts") == found


def test_clubs_of_a_few_games_may_be_few():
    assert issues(examined(1, staged=frames(1) | {"teams_historical": clubs_of(2)}), "club_counts") == []


def roster(players, day=DAY, kind="active"):
    known = {"roster_date": day, "team_id": HOME, "roster_type": kind, "player_name": "A B"}
    return frame("rosters_historical", [known | {"player_id": n} for n in range(players)])


@pytest.mark.parametrize(
    ("players", "day", "odd"),
    [
        (23, DAY, True),
        (24, DAY, False),
        (28, DAY, False),
        (29, DAY, True),
        (40, date(2016, 9, 3), False),
        (41, date(2016, 9, 3), True),
        (40, date(2026, 9, 3), True),
    ],
)
def test_active_rosters_have_their_size(players, day, odd):
    result = examined(1, staged=frames(1) | {"rosters_historical": roster(players, day)})
    assert bool(reported(result, "roster_sizes")) == odd


def test_other_rosters_may_have_any_size():
    result = examined(1, staged=frames(1) | {"rosters_historical": roster(5, kind="40Man")})
    assert reported(result, "roster_sizes") == []


def in_play(measured):
    speeds = [100.0 if n < measured else None for n in range(216)]
    pitches = frames(1)["statcast_pitches"]
    changed = pitches.with_columns(is_in_play=pl.lit(value=True), launch_speed=pl.Series(speeds))
    return frames(1) | {"statcast_pitches": changed}


@pytest.mark.parametrize(
    ("measured", "phase", "found"),
    [(0, "regular", 0), (10, "regular", 1), (200, "regular", 0), (10, "spring", 0)],
)
def test_exit_velocities_are_expected_where_some_are_measured(measured, phase, found):
    result = examined(1, staged=in_play(measured), season_phase=phase)
    assert len(reported(result, "exit_velocities")) == found


def history(days=20, runs=(4.5, 0.5)):
    quiet = {
        f"{name}_{part}": [0.0] for name in ("strikeouts", "pitches_thrown") for part in ("mean", "deviation")
    }
    return pl.DataFrame({"days": [days], "runs_mean": [runs[0]], "runs_deviation": [runs[1]]} | quiet)


def test_day_far_from_recent_history_is_told():
    assert reported(examined(1, history=history(runs=(4.5, 0.5))), "anomalies") == [
        "2026-04-01: runs per club and game 9.00, recently 4.50 ± 0.50"
    ]


@pytest.mark.parametrize(
    "recent", [history(runs=(4.5, 1.0)), history(days=9), history(runs=(4.5, None)), history().clear()]
)
def test_usual_days_and_thin_histories_are_silent(recent):
    assert reported(examined(1, history=recent), "anomalies") == []


def thrown_by_the_first(count, at_most=216):
    """Return a clean game whose box score has `count` pitches for each club's pitcher, `at_most` of them told."""
    staged = frames(1)
    mound = pl.col("player_id").is_in([HOME * 100, AWAY * 100])
    staged = change(staged, "player_stats_historical", "pitches_thrown", count, mound)
    return staged | {"statcast_pitches": staged["statcast_pitches"].head(at_most)}


def test_pitches_by_pitcher_are_the_box_scores():
    assert reported(examined(1, staged=thrown_by_the_first(108)), "pitch_totals") == []


def test_automatic_balls_are_no_pitches():
    first = (pl.col("pitch_number") == 1) & (pl.col("at_bat_index") == 0)
    staged = change(thrown_by_the_first(108), "statcast_pitches", "call_code", "VP", first)
    (message,) = reported(examined(1, staged=staged), "pitch_totals")
    assert message == f"game 1: pitches by pitcher differ from the box score: {AWAY * 100} 107 for 108"


@pytest.mark.parametrize(
    ("pitches", "phase", "severity", "grade"),
    [(215, "regular", "warning", "A"), (201, "regular", "error", "C"), (201, "spring", "warning", "A")],
)
def test_a_part_that_is_missing_is_an_error(pitches, phase, severity, grade):
    result = examined(1, staged=thrown_by_the_first(108, pitches), season_phase=phase)
    (issue,) = issues(result, "pitch_totals")
    assert (issue.severity, issue.games, result.grading.grade) == (severity, (1,), grade)


def test_game_without_pitches_is_not_told_again():
    assert (
        reported(examined(1, staged=thrown_by_the_first(108, 0), season_phase="spring"), "pitch_totals") == []
    )
