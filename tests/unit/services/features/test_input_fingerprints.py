from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.features.input_fingerprints import chain_hashes, first_changed_day

DAYS = [date(2026, 5, n) for n in range(1, 8)]


NO_NOTICES = pl.DataFrame(
    schema={"day": pl.Date, "notices": pl.Int64, "ids": pl.Int64, "collected": pl.Int64}
)


def inputs(*counts, notices=NO_NOTICES, computation="one"):
    rows = {"day": DAYS[: len(counts)], "games": counts, "game_pks": counts, "collected": counts}
    return chain_hashes(pl.DataFrame(rows).filter(pl.col("games") > 0), notices, computation)


def notices(day):
    return pl.DataFrame({"day": [day], "notices": [2], "ids": [11], "collected": [1]})


def earlier(known):
    schema = {"as_of": pl.Date, "inputs_sha256": pl.String}
    return pl.DataFrame(list(known.hashes.items()), schema=schema, orient="row")


def test_equal_inputs_are_clean():
    assert first_changed_day(inputs(3, 4, 5), earlier(inputs(3, 4, 5))) is None


def test_half_finished_build_is_dirty_to_its_end():
    half = earlier(inputs(3, 9, 5)).head(2).vstack(earlier(inputs(3, 4, 5)).tail(1))
    assert first_changed_day(inputs(3, 9, 5), half) == DAYS[2]


def test_day_without_games_any_more_is_dirty():
    assert first_changed_day(inputs(3, 0, 5), earlier(inputs(3, 4, 5))) == DAYS[1]


@pytest.mark.parametrize(("told", "dirty"), [(DAYS[0], DAYS[1]), (DAYS[1], DAYS[3]), (DAYS[3], None)])
def test_late_notices_make_the_next_played_day_dirty(told, dirty):
    assert first_changed_day(inputs(3, 4, 0, 5, notices=notices(told)), earlier(inputs(3, 4, 0, 5))) == dirty


@given(st.lists(st.integers(1, 15), min_size=1, max_size=7), st.data())
def test_first_change_is_first_dirty(counts, data):
    at = data.draw(st.integers(0, len(counts) - 1))
    changed = [*counts[:at], counts[at] + 1, *counts[at + 1 :]]
    assert first_changed_day(inputs(*changed), earlier(inputs(*counts))) == DAYS[at]


def test_hash_before_a_day_knows_all_days_before():
    assert inputs(3, 4, 5).hash_before(DAYS[2]) == inputs(3, 4).latest_hash


def test_other_computation_makes_the_first_day_dirty():
    assert first_changed_day(inputs(3, 4), earlier(inputs(3, 4, computation="another"))) == DAYS[0]
