"""Two real months of strikeout vectors, each against starts and turns counted from the event files."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shared.storage.tables import get_table
from simulator.clubs import clubs_by_code
from simulator.retrosheet.people import load_register
from tests.data import DATA, needs_data
from tests.season_chain import TO_FEATURES, peak_memory_mb, real_seasons, render
from tests.start_witness import Counted, Start, count_starts

FIRST, LAST = date(2016, 4, 3), date(2016, 6, 5)
PITCH_CHANGE = "called_or_swinging_strike_rate_last_3_starts_minus_previous_3"

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800), needs_data("mlb", "retrosheet")]


@dataclass
class Months:
    """The vectors of two months, and what the event files have."""

    vectors: pl.DataFrame
    counted: Counted
    starts: dict[int, list[Start]]  # by pitcher

    def with_past(self) -> Iterator[tuple[dict[str, Any], list[Start]]]:
        """Yield each vector and the starts before its day."""
        for row in self.vectors.iter_rows(named=True):
            yield row, [one for one in self.starts[row["pitcher_id"]] if one.on < row["game_date"]]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory, tell: Callable[[str], None]) -> Months:
    folder: Path = tmp_path_factory.mktemp("vectors")
    games = render(folder / "outside", [2016], FIRST, LAST)
    with real_seasons(folder, 2016, rooms=TO_FEATURES) as chain:
        chain.collect_by_month(FIRST, LAST)
        tell(f"{games} games, {chain.speed(games)}; peak {peak_memory_mb():,.0f} MB")
        vectors = chain.query(
            "select v.*, p.opponent_id from mlb_features.strikeouts_v1 as v "
            "join mlb_features.player_features_daily as p on p.game_pk = v.game_pk "
            "and p.player_id = v.pitcher_id and p.role = 'starter' and p.variant = 'confirmed' "
            f"where v.game_date between '{FIRST}' and '{LAST}' and p.game_date between '{FIRST}' and '{LAST}'"
        )
    counted, starts = count_starts(DATA, 2016), defaultdict(list)
    ids = {code: person.id for code, person in load_register(DATA).items()}
    for one in counted.starts:
        starts[ids[one.pitcher]].append(one)
    return Months(vectors, counted, starts)


def test_every_start_has_a_vector(months: Months):
    played = [one for one in months.counted.starts if FIRST <= one.on <= LAST]
    assert months.vectors.height == len(played) > 1_600


@pytest.mark.parametrize("starts", [3, 5])
def test_strikeouts_per_nine_are_those_counted(months: Months, starts: int):
    compared = 0
    for row, past in months.with_past():
        found, last = row[f"strikeouts_per_nine_last_{starts}_starts"], past[-starts:]
        outs = [one.outs for one in last]
        if len(last) < starts:
            assert found is None
        elif None not in outs:
            assert found == round(27 * sum(one.strikeouts for one in last) / sum(filter(None, outs)), 4)
            compared += 1
    assert compared > 50


def test_deviation_of_strikeouts_is_the_one_counted(months: Months):
    compared = 0
    for row, past in months.with_past():
        found = row["strikeouts_sd_last_10_starts"]
        if len(past) < 10:
            assert found is None
        else:
            assert found == round(statistics.stdev(one.strikeouts for one in past[-10:]), 4)
            compared += 1
    assert compared > 100


def test_called_and_swinging_strikes_are_those_counted(months: Months):
    """A plate appearance that a runner's out or another pitcher ended early may have other pitches."""
    found = [
        (row[PITCH_CHANGE], strike_rate(past[-3:]) - strike_rate(past[-6:-3]))
        for row, past in months.with_past()
        if len(past) >= 6
    ]
    assert len(found) > 500
    assert sum(round(counted, 4) == ours for ours, counted in found) > 0.85 * len(found)
    assert all(ours == pytest.approx(counted, abs=0.01) for ours, counted in found)


def strike_rate(starts: list[Start]) -> float:
    return sum(one.strikes for one in starts) / sum(one.pitches for one in starts)


def test_clubs_rate_against_the_hand_is_the_one_counted(months: Months):
    """The rulebook charges a few walks to a pitcher who was replaced within them; the count here does not."""
    clubs = {code: club.id for code, club in clubs_by_code(2016).items()}
    hand_of = {(pitcher, one.on): one.throws for pitcher, many in months.starts.items() for one in many}
    turns, strikeouts = (
        Counter({(on, clubs[code], hand): n for (on, code, hand), n in counts.items()})
        for counts in (months.counted.turns, months.counted.strikeouts)
    )
    for row in months.vectors.iter_rows(named=True):
        day, club = row["game_date"], row["opponent_id"]
        hand = hand_of[row["pitcher_id"], day]
        own, every = ({"turns": 0, "strikeouts": 0} for _ in range(2))
        for (on, batting, pitched), n in turns.items():
            if on < day and pitched == hand:
                for one in (every, own) if batting == club else (every,):
                    one["turns"] += n
                    one["strikeouts"] += strikeouts[on, batting, pitched]
        league = (every["strikeouts"] + 1000 * 0.22) / (every["turns"] + 1000)
        expected = (own["strikeouts"] + 200 * league) / (own["turns"] + 200)
        assert row["opponent_strikeout_rate_vs_hand"] == pytest.approx(expected, abs=0.0003)


def test_numbers_are_plausible(months: Months):
    for field in get_table("strikeouts_v1").fields:
        if field.type == "FLOAT":
            known = months.vectors[field.name].drop_nulls()
            assert known.is_between(field.min or -100, field.max or 200).all(), field.name


def test_retrosheet_has_calls_but_no_zones_types_and_speeds(months: Months):
    late = months.vectors.filter(pl.col("game_date") >= date(2016, 5, 15))
    assert late["has_pitch_calls"].mean() > 0.9
    for flag in ("has_pitch_zones", "has_pitch_types", "has_fastball_velocity"):
        assert not late[flag].any()
