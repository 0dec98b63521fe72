"""Four games by hand, in every table that a question of the project reads."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contracts.warehouse import hour, play
from tests.unit.services.loader.batches import FRIDAY, MONDAY, TUESDAY, collected, game, row

EARLY = datetime(2026, 4, 6, 20, tzinfo=UTC)
TONIGHT = datetime(2026, 4, 10, 23, 5, tzinfo=UTC)
_UNPLAYED = {"completed_date": None, "home_score": None, "away_score": None}
_FIRST = {"home_team_id": 10, "away_team_id": 20, "venue_id": 7, "game_number": 1}
_SECOND = {"home_team_id": 20, "away_team_id": 10, "venue_id": 8, "game_number": 1}


def of_game(name: str, pk: int, **values: Any) -> dict[str, Any]:
    """Return a row of a game of the regular season: 1 was on Monday, 2 on Tuesday."""
    day = {1: MONDAY, 2: TUESDAY}[pk]
    return row(name, game_pk=pk, game_date=day, season=2026, game_type="R", **values)


def named(table: str, title: str, **values: Any) -> dict[str, Any]:
    return row(table, **values) | {"name": title}


def appearance(pk: int, index: int, batter: int, pitcher: int, outcome: str, **more: Any) -> dict[str, Any]:
    clubs = (20, 10) if batter > 200 else (10, 20)
    return of_game(
        "plate_appearances",
        pk,
        at_bat_index=index,
        batter_id=batter,
        pitcher_id=pitcher,
        batting_team_id=clubs[0],
        fielding_team_id=clubs[1],
        outcome=outcome,
        is_plate_appearance=True,
        is_at_bat=outcome != "walk",
        **more,
    )


def forecast(name: str, pk: int, target: str, player: int | None) -> dict[str, Any]:
    made = {"model_version": "1.0.0", "mean": 0.5, "distribution": "[1]", "made_at": EARLY}
    return of_game(
        "forecasts", pk, forecast_id=name, target=target, player_id=player, raw_object="forecasts/a", **made
    )


def grade(name: str, release: str, log_loss: float, squared_error: float) -> dict[str, Any]:
    return of_game(
        "grades", 1, forecast_id=name, target="home_win", model_version="1.0.0", release_id=release,
        variant="confirmed", mean=0.5, actual=1, log_loss=log_loss, squared_error=squared_error,
    )  # fmt: skip


ROWS: dict[str, list[dict[str, Any]]] = {
    "games_historical": [
        game(1, MONDAY, detailed_state="Final", extra='{"rows_sha256": "abc"}', **_FIRST),
        game(2, TUESDAY, home=2, away=4, detailed_state="Final", **_SECOND | {"completed_date": FRIDAY}),
        game(3, FRIDAY, status="Preview", detailed_state="Scheduled", **_FIRST | _UNPLAYED),
        game(4, TUESDAY, status="Other", detailed_state="Postponed", **_FIRST | _UNPLAYED),
    ],
    "plate_appearances": [
        appearance(1, 0, 201, 109, "single", is_top=True, rbi=1, bat_side="R", pitch_hand="R"),
        appearance(1, 1, 101, 209, "walk", is_top=False, bat_side="L", pitch_hand="L"),
        appearance(2, 0, 101, 209, "strikeout", is_top=True, outs_after=1, bat_side="L", pitch_hand="L"),
    ],
    "statcast_pitches": [
        of_game("statcast_pitches", 1, at_bat_index=0, pitch_number=1, batter_id=201, call_code="X")
    ],
    "player_stats_historical": [
        of_game("player_stats_historical", 1, player_id=101, team_id=10, plate_appearances=4, hits=2),
        of_game(
            "player_stats_historical", 1, player_id=209, team_id=20, pitches_thrown=90, strikeouts_pitched=7,
            batters_faced=24, outs_recorded=18, runs_allowed=5, earned_runs=4, is_starting_pitcher=False
        ),
        of_game("player_stats_historical", 2, player_id=101, team_id=11, plate_appearances=4, hits=0),
    ],
    "team_stats_historical": [
        of_game("team_stats_historical", 1, team_id=10, is_home=True, runs=5, strikeouts=7, hits=9, walks=3),
        of_game("team_stats_historical", 1, team_id=20, is_home=False, runs=3, strikeouts=9, hits=6, walks=1),
        of_game("team_stats_historical", 2, team_id=10, is_home=False, runs=8, strikeouts=6, hits=8, walks=2),
    ],
    "lineups_historical": [
        of_game("lineups_historical", 1, team_id=10, player_id=101, batting_slot=1, is_confirmed=True),
        of_game("lineups_historical", 1, team_id=20, player_id=209, is_starting_pitcher=True),
        of_game(
            "lineups_historical", 2, team_id=10, player_id=102, batting_slot=1, position="C", is_confirmed=True
        ),
    ],
    "people": [
        row("people", person_id=101, full_name="José Uno", bat_side="L", pitch_hand="R"),
        row("people", person_id=209, full_name="Two", bat_side="S", pitch_hand="L"),
    ],
    "teams_historical": [
        named("teams_historical", "Old", team_id=10, season=2025),
        named("teams_historical", "New", team_id=10, season=2026),
        named("teams_historical", "Others", team_id=20, season=2026),
    ],
    "weather_forecasts": [
        row("weather_forecasts", game_pk=3, game_date=FRIDAY, issued_at=EARLY + timedelta(days=n), temperature_f=50.0 + n)
        for n in (0, 1)
    ],
    "venues": [named("venues", "Dome", venue_id=8), named("venues", "Park", venue_id=7, elevation=5190, latitude=39.75)],
    "league_states": [
        row("league_states", as_of=MONDAY, sport_id=1, inputs_sha256="a", runs=8.5),
        row("league_states", as_of=TUESDAY, sport_id=1, inputs_sha256="b", runs=9.5),
    ],
    "club_states": [
        row("club_states", as_of=MONDAY, team_id=10, elo=1500.0),
        row("club_states", as_of=TUESDAY, team_id=10, elo=1510.5),
        row("club_states", as_of=MONDAY, team_id=20, elo=1490.25),
    ],
    "transactions_historical": [
        row("transactions_historical", transaction_id=n, transaction_date=MONDAY, player_id=101,
            type_code="OPT", description="Optioned To B", from_team_id=club)
        for n, club in ((5, 10), (6, 999))
    ],
    "batter_lines": [
        row("batter_lines", as_of=MONDAY, batter_id=101, season_hits=2),
        row("batter_lines", as_of=TUESDAY, batter_id=101, season_hits=3),
        row("batter_lines", as_of=MONDAY, batter_id=102, season_hits=1),
    ],
    "pitcher_lines": [
        row("pitcher_lines", as_of=MONDAY, pitcher_id=209, season_strikeouts=7),
        row("pitcher_lines", as_of=TUESDAY, pitcher_id=209, season_strikeouts=9),
        row("pitcher_lines", as_of=TUESDAY, pitcher_id=210, season_strikeouts=1),
    ],
    "game_features_daily": [
        of_game("game_features_daily", 1, home_win=1, expected_run_difference=0.5, variant="confirmed"),
        of_game("game_features_daily", 1, home_win=1, expected_run_difference=0.75, variant="projected"),
        of_game("game_features_daily", 2, home_win=0, expected_run_difference=-0.25, variant="confirmed"),
    ],
    "player_features_daily": [
        of_game("player_features_daily", 1, player_id=101, role="batter", hits=2, expected_hits=1.25, variant="confirmed"),
        of_game("player_features_daily", 1, player_id=101, role="batter", hits=2, expected_hits=1.5, variant="projected"),
        of_game("player_features_daily", 1, player_id=209, role="starter", strikeouts=7, variant="confirmed"),
    ],
    "forecasts": [
        forecast("a", 1, "home_win", None),
        forecast("b", 1, "batter_hits", 101),
        forecast("c", 1, "pitcher_strikeouts", 209),
        forecast("d", 1, "batter_hits", 209),
    ],
    "grades": [grade("a", "000001", 0.25, 0.5), grade("b", "000002", 0.75, 1.0)],
}  # fmt: skip
STORED_PLAYS = [play(1, 0), play(1, 1, on=FRIDAY, collected=2), play(2, 0)]
BATCH = {"game_pk": [1], "at_bat_index": [0], "collected_at": [hour(1)]}
STALE = collected(0) + timedelta(days=9)
