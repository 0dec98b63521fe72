"""Running sums and windows against the naive recount, at once and day by day, over years."""

from datetime import date, timedelta
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.features.mlb import running_totals
from services.features.mlb.running_totals import CAREER, SEASON, WINDOWS, CounterLayout
from shared.storage import tables
from tests.unit.services.features.league import frame, ports

LAYOUT = CounterLayout("batter_id", ("hits",))
SPRING = date(2014, 3, 20)
DAYS = [date(year, 3, 20) + timedelta(days=n) for year in (2014, 2015, 2016) for n in range(200)]
did = st.tuples(st.sampled_from(DAYS), st.integers(1, 4))


@st.composite
def careers(draw):
    """Return as_of, batter_id, hits: what some batters did on days of three summers."""
    found = draw(st.dictionaries(did, st.integers(0, 5), min_size=1, max_size=60))
    rows = [(*who, hits) for who, hits in sorted(found.items())]
    return pl.DataFrame(rows, {"as_of": pl.Date, "batter_id": pl.Int64, "hits": pl.Int64}, orient="row")


def read(stored, days):
    """Return what `lines.read` would: of the last known day's year everybody's latest row of a stretch."""
    earlier = stored.filter(pl.col("as_of") < days[0])
    of_year = earlier.filter(pl.col("as_of").dt.year() == pl.col("as_of").dt.year().max())
    placed = of_year.join_where(
        running_totals.window_intervals(days),
        pl.col("as_of") >= pl.col("since"),
        pl.col("as_of") < pl.col("until"),
    )
    latest = placed.sort("as_of").unique(["batter_id", "since"], keep="last")
    return latest.select(stored.columns).sort("as_of", "batter_id")


def in_steps(counts, groups):
    stored, shown = LAYOUT.empty_sums, []
    for days in groups:
        found = running_totals.accumulate(
            LAYOUT, read(stored, days), counts.filter(pl.col("as_of").is_in(days)), days
        )
        stored = pl.concat([stored, found.after])
        requested = found.today.select("as_of", "batter_id")
        sums = [found.sums_over(span).rename({"hits": str(span)}) for span in (*WINDOWS, SEASON, CAREER)]
        shown.append(pl.concat([requested, *sums], how="horizontal"))
    return stored.sort("as_of", "batter_id"), pl.concat(shown).sort("as_of", "batter_id")


def days_of(counts):
    return counts["as_of"].unique().sort().to_list()


def years_of(counts):
    by_year = groupby(days_of(counts), key=lambda day: day.year)
    return [list(days) for _, days in by_year]


def recounted(counts, day, batter, first):
    before = counts.filter((pl.col("as_of") < day) & (pl.col("batter_id") == batter))
    return before.filter(pl.col("as_of") >= first)["hits"].sum()


@settings(max_examples=40)
@given(careers())
def test_windows_equal_the_recount(counts):
    _, shown = in_steps(counts, years_of(counts))
    for row in shown.iter_rows(named=True):
        day, opening = row["as_of"], date(row["as_of"].year, 1, 1)
        firsts = {str(n): max(opening, day - timedelta(days=n)) for n in WINDOWS}
        firsts |= {SEASON: opening, CAREER: date.min}
        naive = {span: recounted(counts, day, row["batter_id"], first) for span, first in firsts.items()}
        assert naive == {span: row[span] for span in naive}


@settings(max_examples=40)
@given(careers())
def test_day_by_day_equals_a_year_at_once(counts):
    at_once, by_day = in_steps(counts, years_of(counts)), in_steps(counts, [[day] for day in days_of(counts)])
    assert at_once[0].equals(by_day[0])
    assert at_once[1].equals(by_day[1])


def test_everybody_has_a_row_on_the_first_day_of_a_year():
    counts = pl.DataFrame({"as_of": [SPRING, date(2015, 4, 5)], "batter_id": [1, 2], "hits": [3, 1]})
    stored, _ = in_steps(counts, years_of(counts))
    assert stored.filter(pl.col("as_of") == date(2015, 4, 5)).rows() == [
        (date(2015, 4, 5), 1, 0, 3),
        (date(2015, 4, 5), 2, 1, 1),
    ]


def test_row_does_not_see_its_own_day():
    counts = pl.DataFrame({"as_of": [SPRING], "batter_id": [1], "hits": [3]})
    _, shown = in_steps(counts, [[SPRING]])
    assert shown.drop("as_of", "batter_id").sum_horizontal().item() == 0


@pytest.fixture
def store(tmp_path):
    world = ports(tmp_path).warehouse
    yield world
    world.close()


def test_reads_the_latest_of_each_stretch(store):
    days = [date(2016, 4, 1) + timedelta(days=n) for n in (0, 20, 93, 94, 100)]
    for day in days:
        for table, key in (("league_states", "league_id"), ("batter_lines", "batter_id")):
            store.merge_rows(tables.get_table(table), frame(table, [{"as_of": day, key: 1}]))
    found = running_totals.read_running_sums(store, "batter_lines", LAYOUT, [days[-1] + timedelta(days=1)])
    assert found["as_of"].to_list() == [days[1], days[2], days[4]]


def test_reads_nobody_before_the_first_day(store):
    assert running_totals.read_running_sums(store, "batter_lines", LAYOUT, [SPRING]).is_empty()
