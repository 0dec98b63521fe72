"""Who could play when a day began, from the notices before it."""

from datetime import date, timedelta

import polars as pl
import pytest

from services.features.mlb.availability import availability_rows

DAY = date(2026, 7, 1)
_SCHEMA = {
    "transaction_date": pl.Date,
    "effective_date": pl.Date,
    "player_id": pl.Int64,
    "type_code": pl.String,
    "words": pl.String,
}
PLACED = (
    "boston red sox placed rhp joe doe on the 15-day injured list retroactive to june 1, 2026. right elbow."
)
BACK = "boston red sox activated rhp joe doe from the 15-day injured list."


def notice(days_ago, code="SC", words="", retroactive=0):
    result = DAY - timedelta(days=days_ago)
    return (result, result - timedelta(days=retroactive), 7, code, words)


def rows(*notices, days=(DAY,)):
    result = pl.DataFrame(sorted(notices), _SCHEMA, orient="row")
    return availability_rows(result, list(days)).rows(named=True)


def test_injured_list_counts_from_the_day_it_took_effect():
    (row,) = rows(notice(5, words=PLACED, retroactive=3))
    assert (row["status"], row["days_in_status"], row["injured_list_length"]) == ("injured list", 8, 15)


def test_notice_of_the_day_is_not_known():
    assert rows(notice(0, words=PLACED)) == []


def test_return_is_told_for_a_month():
    result = [notice(60, words=PLACED), notice(30, words=BACK)]
    (row,) = rows(*result)
    assert (row["status"], row["days_since_activation"]) == ("active", 30)
    assert rows(*result, days=[DAY + timedelta(days=1)]) == []


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        ("OPT", "boston red sox optioned c a b to worcester red sox.", "optioned"),
        ("DES", "boston red sox designated c a b for assignment.", "off the roster"),
        ("SC", "boston red sox placed c a b on the paternity list.", "away"),
        ("CU", "boston red sox recalled c a b from worcester red sox.", "active"),
        ("SE", "boston red sox selected the contract of c a b.", "active"),
        (
            "SC",
            "boston red sox transferred c a b from the 15-day injured list to the 60-day.",
            "injured list",
        ),
    ],
)
def test_status_by_the_notice(code, words, status):
    (row,) = rows(notice(1, code, words))
    assert row["status"] == status


@pytest.mark.parametrize(("code", "name"), [("CU", "call_up"), ("TR", "trade")])
def test_days_since_a_coming(code, name):
    (row,) = rows(notice(4, code))
    assert row[f"days_since_{name}"] == 4


def test_other_notices_say_nothing():
    assert (
        rows(notice(1, "NUM", "c a b changed number to 61."), notice(1, "SC", "roster status changed")) == []
    )


def test_notices_fade_after_a_year():
    assert rows(notice(366, "OPT")) == []


def test_day_by_day_equals_at_once():
    result = [notice(40, words=PLACED), notice(20, words=BACK), notice(10, "OPT"), notice(2, "CU")]
    days = [DAY - timedelta(days=n) for n in range(45, -3, -1)]
    assert rows(*result, days=days) == [row for day in days for row in rows(*result, days=[day])]
