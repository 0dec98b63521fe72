"""Hand-made plays and games for the states."""

from datetime import date

import polars as pl

DAY = date(2026, 5, 1)
HOME, AWAY = 1, 2
_PLAY = {
    "game_pk": 10,
    "at_bat_index": 0,
    "is_top": True,
    "batter_id": 100,
    "pitcher_id": 200,
    "bat_side": "L",
    "pitch_hand": "R",
    "batting_team_id": AWAY,
    "fielding_team_id": HOME,
    "batting_slot": 1,
    "outcome": "out",
    "is_plate_appearance": True,
    "is_at_bat": True,
    "rbi": 0,
    "outs_before": 0,
    "outs_after": 1,
    "pitches": 4,
}
_GAME = {
    "game_pk": 10,
    "game_date": DAY,
    "season": 2026,
    "game_type": "R",
    "game_number": 1,
    "home_team_id": HOME,
    "away_team_id": AWAY,
    "home_score": 3,
    "away_score": 2,
    "venue_id": 5,
    "home_probable_pitcher_id": None,
    "away_probable_pitcher_id": None,
    "home_plate_umpire_id": None,
    "home_catcher_id": None,
    "away_catcher_id": None,
    "latitude": None,
    "longitude": None,
}


_NUMBERS = [name for name, value in _GAME.items() if name.endswith("_id") and value is None]


def plays(*changes: dict) -> pl.DataFrame:
    """Return plays in order, each the standard one with changes."""
    return pl.DataFrame([_PLAY | {"at_bat_index": n} | change for n, change in enumerate(changes)])


def games(*changes: dict) -> pl.DataFrame:
    """Return games, each the standard one with changes."""
    rows = [_GAME | change for change in changes or ({},)]
    return pl.DataFrame(
        rows,
        schema_overrides=dict.fromkeys(_NUMBERS, pl.Int64)
        | dict.fromkeys(("latitude", "longitude"), pl.Float64),
    )
