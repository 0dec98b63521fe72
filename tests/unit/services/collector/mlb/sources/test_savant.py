"""Savant's CSV: the cap, columns that come and go, and two recorded days."""

import gzip

import polars as pl
import pytest

from services.collector.errors import EmptyResponse, InvalidBody, RowLimitReached
from services.collector.mlb.sources.savant import (
    COUNTS,
    IGNORED,
    NUMBERS,
    REQUIRED,
    ROW_LIMIT,
    TEXTS,
    parse_pitches,
)
from services.collector.rows import rows_to_frame
from shared.storage.tables import get_table
from simulator.wire.savant import COLUMNS as TODAY
from tests.data import DATA, needs_data
from tests.unit.services.collector.sample_responses import savant_csv

MINIMAL = set(savant_csv().decode().partition("\n")[0].split(","))


def rows(body):
    return [row for game in parse_pitches(body).games.values() for row in game]


def test_a_pitch_is_read_under_our_names():
    (row,) = rows(savant_csv())
    assert (row["at_bat_index"], row["is_top"], row["call_code"], row["release_speed"]) == (
        0,
        True,
        "X",
        95.1,
    )


@pytest.mark.parametrize(("kind", "expected"), [("B", False), ("S", True), ("X", True)])
def test_strike_is_what_savant_says(kind, expected):
    assert rows(savant_csv(type=kind))[0]["is_strike"] is expected


def test_na_is_null():
    assert rows(savant_csv())[0]["launch_speed"] is None


def test_column_that_is_absent_is_null():
    assert rows(savant_csv())[0]["spin_rate"] is None


def test_cap_is_refused():
    with pytest.raises(RowLimitReached, match="25000"):
        parse_pitches(savant_csv(rows=ROW_LIMIT))


def test_just_under_the_cap_is_taken():
    assert len(rows(savant_csv(rows=ROW_LIMIT - 1))) == ROW_LIMIT - 1


def test_header_without_pitches_is_refused():
    with pytest.raises(EmptyResponse):
        parse_pitches(savant_csv(rows=0))


@pytest.mark.parametrize("body", [b"", b"<html><body>busy</body></html>", b'{"error":1}', b"a,b\n1,2,3,4\n"])
def test_what_is_no_such_csv_is_refused(body):
    with pytest.raises(InvalidBody):
        parse_pitches(body)


def test_missing_column_is_named():
    with pytest.raises(InvalidBody, match="at_bat_number"):
        parse_pitches(savant_csv().replace(b"at_bat_number", b"at_bat_no"))


def test_value_of_another_type_is_refused():
    with pytest.raises(InvalidBody):
        parse_pitches(savant_csv(release_speed="fast"))


def test_new_column_is_kept_aside():
    day = parse_pitches(savant_csv(moon_phase="waxing"))
    assert (day.unknown_columns, day.games[1][0]["extra"]) == (("moon_phase",), '{"moon_phase":"waxing"}')


def test_todays_columns_are_known():
    assert len(set(TODAY)) == 118
    assert parse_pitches(savant_csv(**dict.fromkeys(set(TODAY) - MINIMAL, "NA"))).unknown_columns == ()


@pytest.mark.parametrize("column", ["arm_angle", "attack_angle", "attack_direction", "swing_path_tilt"])
def test_measured_column_since_2025_is_read(column):
    assert rows(savant_csv(**{column: "41.2"}))[0][column] == 41.2


def test_column_that_tells_the_future_is_ignored():
    (row,) = rows(savant_csv(batter_days_until_next_game="1"))
    assert not {"extra", "batter_days_until_next_game"} & set(row)


def test_no_column_is_both_read_and_ignored():
    assert not IGNORED.intersection(REQUIRED, NUMBERS.values(), COUNTS.values(), TEXTS.values())


@pytest.mark.parametrize(
    ("description", "call"),
    [
        ("hit_into_play_no_out", "D"),
        ("hit_into_play_score", "E"),
        ("pitchout_hit_into_play", "Y"),
        ("pitchout_hit_into_play_no_out", "J"),
        ("pitchout_hit_into_play_score", "Z"),
        ("unknown_strike", "K"),
        ("moon_ball", None),
    ],
)
def test_description_has_its_call(description, call):
    (row,) = rows(savant_csv(description=description))
    assert (row["description"], row["call_code"]) == (description, call)


def test_body_that_breaks_off_is_refused():
    whole = savant_csv(rows=3)
    for cut in range(1, len(whole)):
        if not whole[:cut].endswith(b"\n"):
            with pytest.raises(InvalidBody):
                parse_pitches(whole[:cut])


def fits(rows_of_table):
    spec = get_table("statcast_pitches")
    head = {"game_pk": 1, "game_date": None, "season": 2024, "game_type": "R"}
    pitches = rows_to_frame(spec, [(head, rows_of_table)])
    names = {field.name for field in spec.fields if field.required} - {"game_date"}
    assert not any(pitches[name].null_count() for name in names)
    for field in spec.fields:
        if field.values and field.name not in head:
            assert set(pitches[field.name].drop_nulls()) <= set(field.values), field.name


@needs_data("mlb", "savant")
@pytest.mark.parametrize("day", ["2024-03-28", "2024-04-10"])
def test_recorded_day_is_read_whole(day):
    body = gzip.decompress((DATA / "mlb" / "savant" / f"{day}.csv.gz").read_bytes())
    result = pl.read_csv(body, infer_schema=False, null_values=["NA"])
    read = rows(body)
    fits(read)
    assert len(read) == result.height
    assert sum(row["release_speed"] or 0 for row in read) == pytest.approx(
        result["release_speed"].cast(pl.Float64).sum()
    )


@needs_data("mlb", "savant")
def test_recorded_day_that_is_cut_is_refused():
    """Of 3,628 pitches of 2 April 2024 a cut at 93 % leaves 3,372 whole lines, which once passed for the day."""
    files = sorted((DATA / "mlb" / "savant").glob("*.csv.gz"))
    for path in files:
        body = gzip.decompress(path.read_bytes())
        with pytest.raises(InvalidBody, match="line end"):
            parse_pitches(body[: len(body) * 93 // 100])
    assert files
