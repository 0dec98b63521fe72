"""Lists a player's latest games with actual and expected statistics."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from services.predict_api.serving.forecaster import Forecaster


@dataclass(frozen=True, slots=True)
class PlayerGame:
    """One statistic of one game; `expected` is None where nothing was forecast before it."""

    day: date
    opponent: str
    did: int
    expected: float | None


def recent_player_games(forecaster: Forecaster, player_id: int) -> dict[str, list[PlayerGame]]:
    """Return a player's last ten games by target, the oldest first; none where the snapshot knows of none."""
    table = forecaster.snapshot.tables.get("recent_games")
    if table is None:
        return {}
    rows = table.filter(pl.col("player_id") == player_id).sort("game_date", "game_pk").to_dicts()
    targets = [name.removeprefix("expected_") for name in table.columns if name.startswith("expected_")]
    return {
        target: [
            PlayerGame(
                row["game_date"],
                forecaster.directory.club_abbreviation(row["opponent_id"]),
                row[target],
                row[f"expected_{target}"],
            )
            for row in rows
            if row[target] is not None
        ]
        for target in targets
    }
