"""A forecast names the line-ups it rests on."""

from datetime import date

import numpy as np
import pytest

from services.predict_api.serving.forecasts import Forecast

ROW = {"game_pk": 1, "as_of": date(2026, 5, 1), "game_date": date(2026, 5, 2)}


@pytest.mark.parametrize(
    ("home", "away", "variant"),
    [
        ("confirmed", "confirmed", "confirmed"),
        ("confirmed", "projected", "projected"),
        ("unknown", "projected", "unknown"),
    ],
)
def test_the_less_certain_side_names_the_variant(home: str, away: str, variant: str) -> None:
    row = {**ROW, "home_lineup_status": home, "away_lineup_status": away}
    forecast = Forecast("home_win", "1.0.0", "0" * 64, 0.5, np.array([0.5, 0.5]), row, (), "000001")
    assert forecast.lineup_status == variant
