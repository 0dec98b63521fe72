"""Batches for the validator's tests: two clubs, whole games, every number adding up."""

from datetime import UTC, date, datetime

import msgspec
import polars as pl

from services.validator.validate import validate_batch
from shared.storage.staging import Manifest
from shared.storage.tables import get_table

DAY = date(2026, 4, 1)
FETCHED = datetime(2026, 4, 2, 6, tzinfo=UTC)
HOME, AWAY = 142, 147
NINE = range(9)
NO_HISTORY = pl.DataFrame({"days": [0]})
LINEAGE = {"source": "mlb_stats_api", "run_id": "run-1", "collected_at": FETCHED}


def frame(name, rows):
    """Return rows as a frame of the table's schema, lineage filled in."""
    return pl.DataFrame([LINEAGE | row for row in rows], schema=get_table(name).schema)


def about(game):
    return {"game_pk": game, "game_date": DAY, "season": 2026, "game_type": "R"}


def innings(runs):
    return msgspec.json.encode([{"num": 1, "away": runs, "home": runs}, *[{"num": n} for n in range(2, 10)]])


def game_row(game, **changed):
    known = {
        "completed_date": DAY,
        "scheduled_start": FETCHED,
        "game_number": 1,
        "double_header": "N",
        "status": "Final",
        "detailed_state": "Final",
        "home_team_id": HOME,
        "away_team_id": AWAY,
        "home_score": 9,
        "away_score": 9,
        "home_hits": 9,
        "away_hits": 9,
        "innings": 9,
        "scheduled_innings": 9,
        "line_score": innings(9).decode(),
    }
    return about(game) | known | changed


def clubs():
    return ((HOME, AWAY, True), (AWAY, HOME, False))


def player(club, slot):
    return club * 100 + slot


def line_rows(game):
    known = {"player_name": "A B", "is_starter": True, "games_played": 1, "is_starting_pitcher": False}
    batting = {"at_bats": 1, "runs": 1, "hits": 1, "home_runs": 1, "rbis": 1, "strikeouts": 0}
    return [
        about(game)
        | {"player_id": player(club, slot), "team_id": club, "opponent_id": other, "is_home": at_home}
        | known
        | batting
        for club, other, at_home in clubs()
        for slot in NINE
    ]


def club_rows(game):
    totals = {"at_bats": 9, "runs": 9, "hits": 9, "home_runs": 9, "rbis": 9, "strikeouts": 0}
    totals |= {"pitches_thrown": 150}
    return [
        about(game) | {"team_id": club, "opponent_id": other, "is_home": at_home} | totals
        for club, other, at_home in clubs()
    ]


def turn(game, index, club, other, at_home, slot):
    return about(game) | {
        "at_bat_index": index,
        "inning": 1,
        "is_top": not at_home,
        "batter_id": player(club, slot),
        "pitcher_id": player(other, 0),
        "bat_side": "L",
        "pitch_hand": "R",
    }


def play_rows(game):
    known = {
        "event_type": "home_run",
        "outcome": "home_run",
        "is_plate_appearance": True,
        "is_at_bat": True,
        "rbi": 1,
        "runs_scored": 1,
        "outs_before": 0,
        "outs_after": 0,
        "pitches": 12,
        "home_score": 0,
        "away_score": 0,
    }
    return [
        turn(game, index * 9 + slot, club, other, at_home, slot)
        | known
        | {"batting_team_id": club, "fielding_team_id": other}
        for index, (club, other, at_home) in enumerate(clubs())
        for slot in NINE
    ]


def pitch_rows(game, each=12):
    known = {"is_in_play": False, "is_strike": True, "pitch_type": "FF", "release_speed": 95.0}
    return [
        turn(game, index * 9 + slot, club, other, at_home, slot) | known | {"pitch_number": number}
        for index, (club, other, at_home) in enumerate(clubs())
        for slot in NINE
        for number in range(1, each + 1)
    ]


BY_GAME = {
    "games_historical": lambda game: [game_row(game)],
    "player_stats_historical": line_rows,
    "team_stats_historical": club_rows,
    "plate_appearances": play_rows,
    "statcast_pitches": pitch_rows,
}


def frames(*games):
    """Return whole, clean frames for some games."""
    return {
        name: frame(name, [row for game in games for row in make(game)]) for name, make in BY_GAME.items()
    }


def manifest(*games, **changed):
    known = {"season_phase": "regular", "games": games, "final_games": games, "datasets": ()}
    return Manifest(**({"run_id": "run-1", "attempt": 0, "dates": (DAY,)} | known | changed))


def examined(*games, history=NO_HISTORY, staged=None, **changed):
    """Examine clean games, or the `staged` frames, with the manifest `changed`."""
    return validate_batch(manifest(*games, **changed), staged or frames(*games), history)


def issues(result, rule):
    return [issue for issue in result.issues if issue.rule == rule]


def change(staged, name, column, value, where=None):
    """Return the frames with a column of a table set, in all rows or where an expression holds."""
    old = staged[name]
    kept = pl.col(column) if where is not None else None
    new = pl.lit(value, dtype=old.schema[column])
    changed = new if where is None else pl.when(where).then(new).otherwise(kept)
    return staged | {name: old.with_columns(changed.alias(column))}
