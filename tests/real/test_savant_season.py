"""All recorded days of Savant's CSV, 28 March to 31 May 2024, through the source."""

import gzip

import polars as pl
import pytest

from services.collector.mlb.sources.savant import ROW_LIMIT, parse_pitches
from services.collector.rows import rows_to_frame
from services.features.mlb.pitch_counts import is_barrel
from shared.storage.tables import get_table
from tests.data import DATA, needs_data

FILES = sorted((DATA / "mlb" / "savant").glob("*.csv.gz"))

pytestmark = [pytest.mark.real, needs_data("mlb", "savant")]


@pytest.fixture(scope="module")
def season() -> tuple[pl.DataFrame, int]:
    spec, parts, lines = get_table("statcast_pitches"), [], 0
    for path in FILES:
        body = gzip.decompress(path.read_bytes())
        lines += body.count(b"\n") - 1
        games = parse_pitches(body).games
        parts += [({"game_pk": game_pk, "season": 2024}, rows) for game_pk, rows in games.items()]
    return rows_to_frame(spec, parts), lines


def test_every_line_is_a_pitch(season):
    pitches, lines = season
    assert abs(pitches.height - lines) <= len(FILES)  # the last line of a file may lack its end


def test_no_day_is_near_the_cap():
    assert max(gzip.decompress(path.read_bytes()).count(b"\n") for path in FILES) < ROW_LIMIT / 4


def test_no_pitch_comes_twice(season):
    pitches, _ = season
    assert pitches.select("game_pk", "at_bat_index", "pitch_number").is_unique().all()


def test_required_columns_are_always_there(season):
    pitches, _ = season
    required = [f.name for f in get_table("statcast_pitches").fields if f.required]
    counted = pitches.select(set(required) - {"game_date", "game_type"}).null_count()
    assert sum(counted.row(0)) == 0


@pytest.mark.parametrize(
    "field", [f for f in get_table("statcast_pitches").fields if f.values], ids=lambda f: f.name
)
def test_codes_are_those_of_the_table(season, field):
    assert set(season[0][field.name].drop_nulls()) <= set(field.values)


@pytest.mark.parametrize(
    "field", [f for f in get_table("statcast_pitches").fields if f.max is not None], ids=lambda f: f.name
)
def test_hardly_a_measurement_is_out_of_range(season, field):
    values = season[0][field.name].drop_nulls()
    outside = values.len() - values.is_between(field.min, field.max).sum()
    assert outside <= values.len() / 10_000


def test_most_pitches_are_measured(season):
    pitches, _ = season
    share = pitches.select(pl.col("release_speed", "spin_rate", "plate_x").is_not_null().mean()).row(0)
    assert min(share) > 0.98


@pytest.fixture(scope="module")
def judged() -> pl.DataFrame:
    """Return every measured ball in play: our verdict (ours) and Savant's (theirs) on whether it is a barrel."""
    days = [
        pl.read_csv(gzip.decompress(path.read_bytes()), infer_schema=False, null_values=["NA"])
        for path in FILES
    ]
    names = ("launch_speed", "launch_angle", "launch_speed_angle")
    hit = pl.concat(day.filter(pl.col("type") == "X").select(names) for day in days)
    measured = hit.cast(pl.Float64).drop_nulls()
    speed, angle, zone = map(pl.col, names)
    return measured.with_columns(ours=is_barrel(speed, angle), theirs=zone == 6)


def test_barrels_are_those_of_savant(judged, tell):
    ours, theirs = judged["ours"], judged["theirs"]
    both = (ours & theirs).sum()
    agreement, precision, recall = (ours == theirs).mean(), both / ours.sum(), both / theirs.sum()
    tell(
        f"barrels of {judged.height} balls in play: {ours.sum()} ours, {theirs.sum()} Savant's; "
        f"agreement {agreement:.2%}, precision {precision:.2%}, recall {recall:.2%}"
    )
    assert agreement >= 0.999
    assert precision >= 0.99
    assert recall == 1


def test_only_rounded_speeds_leave_a_barrel_open(judged):
    """Savant decides on the speed before it is written to a tenth: 97.46 is written 97.5 and is none."""
    doubtful = judged.filter(pl.col("ours") != pl.col("theirs"))["launch_speed"]
    assert (doubtful % 1).unique().to_list() == [0.5]
