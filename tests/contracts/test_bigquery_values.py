"""Values reach BigQuery with the types that its SQL compares them as, and come back in ours."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from shared.adapters.gcp.bigquery_values import bind_parameters, inline_parameters
from tests.contracts.bigquery import warehouse_of
from tests.contracts.warehouse import SetClock

UNTYPED = pytest.mark.xfail(strict=True, reason="bqemulator 1.4.0 forgets the type of an empty parameter")
DAY, NOON = date(2026, 4, 6), datetime(2026, 4, 6, 12, 0, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "BOOL"),
        (1, "INT64"),
        (0.5, "FLOAT64"),
        ("a", "STRING"),
        (DAY, "DATE"),
        (NOON, "TIMESTAMP"),
        (None, "INT64"),
    ],
)
def test_scalars_are_typed(value, kind):
    assert bind_parameters("select @x", {"x": value})[1][0].type_ == kind


def test_lists_are_typed_by_what_they_hold():
    assert bind_parameters("select 1", {"days": (DAY,)})[1][0].array_type == "DATE"


def test_empty_list_is_written_out_and_its_namesakes_are_not():
    sql = "select 1 in unnest(@day), 2 in unnest(@days)"
    assert bind_parameters(sql, {"day": [], "days": [2]})[0] == "select 1 in unnest([]), 2 in unnest(@days)"


def test_value_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="expected numbers, strings, booleans, dates or instants"):
        bind_parameters("select @x", {"x": b"bytes"})


def test_dates_and_instants_are_written_out():
    sql = inline_parameters("@now, @partitions", {"now": NOON, "partitions": [DAY]})
    assert sql == "timestamp '2026-04-06 12:00:00.000005+00:00', array<date>[date '2026-04-06']"


def test_frame_without_rows_keeps_its_types():
    result = bind_parameters("select 1", {"rows": pl.DataFrame(schema={"n": pl.Int64, "d": pl.Date})})[1][
        0
    ].to_api_repr()
    fields = result["parameterType"]["arrayType"]["structTypes"]
    assert [(one["name"], one["type"]["type"]) for one in fields] == [("n", "INT64"), ("d", "DATE")]


@pytest.mark.parametrize("rows", [2, pytest.param(0, marks=UNTYPED)])
def test_frame_comes_back_as_it_went(bigquery_client, rows):
    frame = pl.DataFrame(
        {
            "n": [1, None],
            "x": [0.1, None],
            "s": ["é", None],
            "b": [True, False],
            "d": [DAY, None],
            "t": [NOON, None],
        },
        schema_overrides={"t": pl.Datetime("us", "UTC")},
    ).head(rows)
    requested = warehouse_of(bigquery_client, SetClock())
    answer = requested.query_rows("select r.n, r.x, r.s, r.b, r.d, r.t from unnest(@rows) as r", rows=frame)
    assert answer.equals(frame)
    assert answer.schema == frame.schema


def test_special_fractions_come_back(bigquery_client):
    sql = "select cast('inf' as float64) as high, cast('-inf' as float64) as low"
    answer = warehouse_of(bigquery_client, SetClock()).query_rows(sql)
    assert answer.row(0) == (float("inf"), float("-inf"))
