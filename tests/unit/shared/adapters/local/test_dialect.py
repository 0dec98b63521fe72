"""BigQuery's SQL means on DuckDB what BigQuery's manual says it means: every answer is written by hand."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from shared.adapters.local import dialect
from shared.adapters.local.dialect import duckdb_sql
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse

WEDNESDAY = date(2026, 4, 8)

INNINGS = """
    with games as (select '[{"num": 1}, {"num": 2}]' as line_score)
    select json_value(inning, '$.num') as num
    from games, unnest(json_query_array(games.line_score)) as inning
    order by num
"""
SAME_MEANING = [
    ("1 / 4", 0.25),
    ("1.5", 1.5),
    ("-1.5", -1.5),
    ("1.5e0", 1.5),
    ("0.1 + 0.2", 0.30000000000000004),
    ("safe_divide(1, 4)", 0.25),
    ("safe_divide(1, 0)", None),
    ("safe_divide(sum(x), 2)", 3.0),
    ("div(-7, 2)", -3),
    ("mod(-7, 2)", -1),
    ("round(2.5)", 3.0),
    ("log(exp(2.0))", 2.0),
    ("countif(x > 1)", 2),
    ("sum(x)", 6),
    ("avg(x)", 2.0),
    ("if(1 > 2, 'a', 'b')", "b"),
    ("ifnull(null, 3)", 3),
    ("greatest(1, null)", None),
    ("least(2, 1)", 1),
    ("concat('a', 'b')", "ab"),
    ("concat('a', null)", None),
    ("safe_cast('x' as int64)", None),
    ("safe_cast('7' as int64)", 7),
    ("logical_or(x > 2)", True),
    ("string_agg(cast(x as string), '-' order by x desc)", "3-2-1"),
    ("split('a,b', ',')[offset(0)]", "a"),
    ("regexp_contains('single', r'^sin')", True),
    ("starts_with('field_out', 'field')", True),
    ("2 in unnest([1, 2])", True),
    ("3 not in unnest([1, 2])", True),
    ("""json_value('{"num": 1}', '$.num')""", "1"),
    ("""json_value('{"player": "Judge"}', '$.player')""", "Judge"),
    ("""json_value('{"a": 1}', '$.b')""", None),
    ("""cast(json_value('[0.25, 0.75]', '$[1]') as float64)""", 0.75),
]
DATES = [
    ("date_sub(date '2026-04-08', interval 7 day)", date(2026, 4, 1)),
    ("date_add(date '2026-01-31', interval 1 month)", date(2026, 2, 28)),
    ("date_sub(date_add(date '2026-04-08', interval 1 day), interval 1 week)", date(2026, 4, 2)),
    ("date_trunc(date '2026-04-08', month)", date(2026, 4, 1)),
    ("date_trunc(date '2026-04-08', week)", date(2026, 4, 5)),
    ("date_trunc(date '2026-04-08', isoweek)", date(2026, 4, 6)),
    ("date_trunc(date '2026-04-08', week(monday))", date(2026, 4, 6)),
    ("date_trunc(date '2026-05-08', quarter)", date(2026, 4, 1)),
    ("date_diff(date '2026-04-08', date '2026-04-01', day)", 7),
    ("date_diff(date '2026-04-01', date '2026-04-08', day)", -7),
    ("date_diff(date '2026-04-05', date '2026-04-04', week)", 1),
    ("date_diff(date '2026-04-06', date '2026-04-05', week)", 0),
    ("date_diff(date '2026-04-06', date '2026-04-05', isoweek)", 1),
    ("date_diff(date '2026-05-01', date '2026-04-30', month)", 1),
    ("date(2026, 4, 8)", WEDNESDAY),
    ("date(timestamp '2026-04-08 23:59:59+00')", WEDNESDAY),
    ("extract(date from timestamp '2026-04-08 23:59:59+00')", WEDNESDAY),
    ("extract(year from date '2026-04-08')", 2026),
    ("extract(dayofweek from date '2026-04-05')", 1),
    ("extract(dayofweek from date '2026-04-08')", 4),
    ("extract(isoweek from date '2026-04-08')", 15),
    ("format_date('%Y-%m', date '2026-04-08')", "2026-04"),
    ("parse_date('%Y-%m-%d', '2026-04-08')", WEDNESDAY),
]
INSTANTS = [
    ("timestamp_diff(timestamp '2026-04-08 10:59:59+00', timestamp '2026-04-08 10:00:00+00', hour)", 0),
    ("timestamp_diff(timestamp '2026-04-08 11:00:00+00', timestamp '2026-04-08 10:00:30+00', minute)", 59),
    ("timestamp_diff(timestamp '2026-04-08 10:00:30+00', timestamp '2026-04-08 11:00:00+00', minute)", -59),
    ("timestamp_diff(timestamp '2026-04-09 09:00:00+00', timestamp '2026-04-08 10:00:00+00', day)", 0),
    ("timestamp_diff(timestamp '2026-04-08 10:00:01+00', timestamp '2026-04-08 10:00:00+00', second)", 1),
    (
        "timestamp_sub(timestamp '2026-04-08 02:00:00+00', interval 3 hour)",
        datetime(2026, 4, 7, 23, tzinfo=UTC),
    ),
    (
        "timestamp_add(timestamp '2026-04-08 02:00:00+00', interval 90 second)",
        datetime(2026, 4, 8, 2, 1, 30, tzinfo=UTC),
    ),
    ("timestamp_trunc(timestamp '2026-04-08 02:45:00+00', hour)", datetime(2026, 4, 8, 2, tzinfo=UTC)),
    ("timestamp(date '2026-04-08')", datetime(2026, 4, 8, tzinfo=UTC)),
    ("format_timestamp('%H:%M', timestamp '2026-04-08 02:45:00+00')", "02:45"),
    ("unix_micros(timestamp '1970-01-01 00:00:01+00')", 1_000_000),
]


@pytest.fixture(scope="module")
def warehouse():
    warehouse = DuckDbWarehouse(Path(":memory:"))
    yield warehouse
    warehouse.close()


@pytest.mark.parametrize(("said", "meant"), [*SAME_MEANING, *DATES, *INSTANTS])
def test_means_the_same(warehouse, said, meant):
    answer = warehouse.query_rows(f"select {said} as answer from unnest([1, 2, 3]) as x").item(0, 0)
    assert answer == meant
    assert type(answer) is type(meant)


@pytest.mark.parametrize(
    ("said", "given", "meant"),
    [
        ("date_sub(@day, interval 7 day)", {"day": WEDNESDAY}, date(2026, 4, 1)),
        ("date_sub(@day, interval @days day)", {"day": WEDNESDAY, "days": 8}, date(2026, 3, 31)),
        ("@at", {"at": datetime(2026, 4, 8, 1, tzinfo=UTC)}, datetime(2026, 4, 8, 1, tzinfo=UTC)),
        ("@day between date '2026-04-01' and @day", {"day": WEDNESDAY}, True),
        ("2 in unnest(@numbers)", {"numbers": (1, 2)}, True),
        ("2 in unnest(@numbers)", {"numbers": pl.Series([1])}, False),
        ("'a' in unnest(@words)", {"words": []}, False),
        ("date '2026-04-08' not in unnest(@days)", {"days": []}, True),
        ("@nothing is null", {"nothing": None}, True),
    ],
)
def test_parameters_mean_the_same(warehouse, said, given, meant):
    assert warehouse.query_rows(f"select {said} as answer", **given).item() == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("select x from unnest([2, null, 1]) as x order by x", [(None,), (1,), (2,)]),
        ("select x from unnest([2, null, 1]) as x order by x desc", [(2,), (1,), (None,)]),
        ("select x from unnest([1, 2]) as x except distinct select 1", [(2,)]),
        ("select x from unnest([1, 2, 3]) as x qualify row_number() over (order by x desc) = 1", [(3,)]),
        ("select * except (a) from (select 1 as a, 2 as b)", [(2,)]),
        (INNINGS, [("1",), ("2",)]),
    ],
)
def test_queries_mean_the_same(warehouse, said, meant):
    assert warehouse.query_rows(said).rows() == meant


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": 1, "on": WEDNESDAY}, {"id": 2, "on": None}],
        pl.DataFrame({"id": [1, 2], "on": [WEDNESDAY, None]}),
    ],
)
def test_rows_given_are_a_table(warehouse, rows):
    sql = "select r.id, r.on from unnest(@rows) as r order by r.id"
    assert warehouse.query_rows(sql, rows=rows).rows() == [(1, WEDNESDAY), (2, None)]


def test_no_rows_given_are_an_empty_table(warehouse):
    rows = pl.DataFrame(schema={"id": pl.Int64, "on": pl.Date, "at": pl.Datetime("us", "UTC")})
    assert warehouse.query_rows("select r.id, r.on, r.at from unnest(@rows) as r", rows=rows).rows() == []


@pytest.mark.parametrize(
    "said", ["x from unnest(@l) as x with offset as i", "extract(week from date '2026-04-08')"]
)
def test_what_differs_is_refused(said):
    with pytest.raises(ValueError, match="expected"):
        duckdb_sql(f"select {said}")


def test_table_names_pass_through():
    assert "mlb_historical_data.people" in duckdb_sql("select 1 from mlb_historical_data.people")


@pytest.fixture
def forgetful(monkeypatch):
    """A process that has translated nothing, and counts what it translates."""
    result = []
    monkeypatch.setattr(dialect, "_TRANSLATIONS", {})
    monkeypatch.setattr(dialect, "_translate", lambda sql: result.append(sql) or sql.upper())
    return result


def restarted(monkeypatch, path):
    monkeypatch.setattr(dialect, "_TRANSLATIONS", {})
    dialect.load_translations(path)


def test_next_process_knows_what_was_translated(forgetful, monkeypatch, tmp_path):
    said = duckdb_sql("select 1")
    dialect.save_translations(tmp_path / "kept.json")
    restarted(monkeypatch, tmp_path / "kept.json")
    assert (duckdb_sql("select 1"), forgetful) == (said, ["select 1"])


def test_other_translator_begins_anew(forgetful, monkeypatch, tmp_path):
    said = duckdb_sql("select 1")
    dialect.save_translations(tmp_path / "kept.json")
    monkeypatch.setattr(dialect, "_translator_version", lambda: "another")
    restarted(monkeypatch, tmp_path / "kept.json")
    assert (duckdb_sql("select 1"), forgetful) == (said, ["select 1", "select 1"])


@pytest.mark.parametrize("spoilt", [b"", b"{", b'{"made_by": 1}'])
def test_spoilt_translations_are_made_again(forgetful, tmp_path, spoilt):
    (tmp_path / "kept.json").write_bytes(spoilt)
    dialect.load_translations(tmp_path / "kept.json")
    duckdb_sql("select 1")
    assert forgetful == ["select 1"]


def test_folder_that_is_gone_stops_nothing(forgetful, tmp_path):
    duckdb_sql("select 1")
    dialect.save_translations(tmp_path / "gone" / "kept.json")
    assert forgetful == ["select 1"]
