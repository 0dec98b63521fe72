"""Starts are counted from pitches as of the day before; a rate that matters improves the forecast."""

import gzip
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from evaluation.pitch_quality import ablate_pitch_rates
from evaluation.savant import find_starts, known_before, read_starts
from services.features.mlb.pitch_counts import THROWN
from services.features.mlb.rates import THROWN as RATES
from shared.errors import UserError

DAY = date(2024, 4, 1)
PITCH = {
    "game_pk": 1, "at_bat_index": 0, "pitch_number": 1, "is_top": True, "is_in_play": False, "is_strike": True,
    "call_code": "S", "strikes": 0, "pitcher_id": 7, "pitch_type": "FF", "zone": 5, "release_speed": 95.0,
    "spin_rate": 2300.0, "launch_speed": None, "launch_angle": None,
}  # fmt: skip


def pitches(*changes):
    return pl.DataFrame([PITCH | change for change in changes], infer_schema_length=None)


def test_third_strikes_of_the_first_pitcher_are_counted():
    struck_out = {"strikes": 2, "pitch_number": 3}
    relieved = {"at_bat_index": 1, "pitcher_id": 8, "strikes": 2}
    (start,) = find_starts(pitches({}, struck_out, relieved), DAY).to_dicts()
    assert (start["player_id"], start["strikeouts"], start["batters_faced"]) == (7, 1, 1)
    assert start["whiffs"] == 2


def test_a_foul_on_two_strikes_is_no_strikeout():
    assert find_starts(pitches({"strikes": 2, "call_code": "F"}), DAY)["strikeouts"].to_list() == [0]


def test_rates_of_a_start_use_only_earlier_days():
    counts = dict.fromkeys(("starts", "batters_faced", *THROWN), 1.0)
    starts = pl.DataFrame(
        [
            {"game_pk": day, "player_id": 7, "game_date": DAY + timedelta(days=day), "strikeouts": k} | counts
            for day, k in enumerate((4.0, 8.0, 99.0))
        ]
    )
    assert known_before(starts)["expected_strikeouts"].to_list() == [4.0, 6.0]


def test_rate_that_causes_strikeouts_helps():
    rng = np.random.default_rng(24)
    whiffs = rng.normal(0.25, 0.05, 1200)
    frame = pl.DataFrame(
        {
            "game_pk": np.arange(1200) // 2,
            "game_date": [DAY + timedelta(days=int(n)) for n in np.arange(1200) // 30],
            "player_id": np.arange(1200),
            "strikeouts": rng.poisson(5 * np.exp(6 * (whiffs - 0.25))).astype(float),
            "expected_strikeouts": 5.0,
            **{name: rng.normal(size=1200) for name in RATES},
            "whiff_rate": whiffs,
        }
    )
    effects = ablate_pitch_rates(frame)["families"]
    assert effects["whiffs"]["mean"] + 2 * effects["whiffs"]["se"] < 0
    assert effects["mix"]["mean"] + 2 * effects["mix"]["se"] > 0


@pytest.mark.parametrize(
    "corrupt",
    [b"<html>blocked</html>", gzip.compress(b"pitch_type\nFF", mtime=0)[:-9]],
    ids=["no gzip", "cut off"],  # made of bytes, an id would hold the second in which it was collected
)
def test_corrupt_day_is_rejected_by_name(tmp_path, corrupt):
    (tmp_path / "mlb" / "savant").mkdir(parents=True)
    (tmp_path / "mlb" / "savant" / "2024-04-01.csv.gz").write_bytes(corrupt)
    with pytest.raises(UserError, match=r"2024-04-01.csv.gz: expected a day of Savant's pitches"):
        read_starts(tmp_path)
