"""Made-up starts as the stores have them: two a game, fifteen games a day, and what was known before each."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from evaluation.strikeout_report import TARGET, VECTOR_TARGET

GAMES_A_DAY = 15


def made_up_starts(first: date, days: int, *, driven_by: str = "strikeout_rate_vs_lineup") -> pl.DataFrame:
    """Return starts whose strikeouts follow one feature; every other feature is noise.

    Only the formula's columns are made of that feature when it is strikeout_rate_vs_lineup.
    """
    rng = np.random.default_rng(7)
    n = 2 * GAMES_A_DAY * days
    game = np.arange(n) // 2
    columns = sorted({*TARGET.required_columns, *VECTOR_TARGET.features} - {TARGET.label})
    features = {name: rng.normal(0.22, 0.04, n).clip(0.05) for name in columns}
    features["expected_batters_faced"] = np.full(n, 23.0)
    rate = features[driven_by]
    features["expected_strikeouts"] = features["strikeout_rate_vs_lineup"] * 23.0
    features["bottom_up_strikeouts"] = features["bottom_up_strikeouts"] * 23.0
    day = pl.Series([first + timedelta(days=int(one) // GAMES_A_DAY) for one in game])
    return pl.DataFrame(
        {
            "game_pk": game,
            "game_date": day,
            "known_date": day,
            "game_type": ["R"] * n,
            "player_id": np.arange(n),
            "strikeouts": rng.poisson(23.0 * rate).astype(np.int64),
            "has_vector": [True] * n,
            **features,
        }
    )
