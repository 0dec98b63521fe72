"""Baseball Savant: a day's pitches with Statcast's measurements, as CSV."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from services.collector.errors import EmptyResponse, InvalidBody, RowLimitReached
from services.collector.http_source import FetchedResponse, HttpSource
from services.collector.response_body import MB
from services.collector.rows import Row, as_json

ROW_LIMIT = 25_000  # rows; Savant truncates a longer response without notice
NUMBERS = {
    "release_speed": "release_speed",
    "spin_rate": "release_spin_rate",
    "spin_axis": "spin_axis",
    "extension": "release_extension",
    "pfx_x": "pfx_x",
    "pfx_z": "pfx_z",
    "plate_x": "plate_x",
    "plate_z": "plate_z",
    "strike_zone_top": "sz_top",
    "strike_zone_bottom": "sz_bot",
    "launch_speed": "launch_speed",
    "launch_angle": "launch_angle",
    "hit_distance": "hit_distance_sc",
    "bat_speed": "bat_speed",
    "swing_length": "swing_length",
    "arm_angle": "arm_angle",
    "attack_angle": "attack_angle",
    "attack_direction": "attack_direction",
    "swing_path_tilt": "swing_path_tilt",
    "expected_woba": "estimated_woba_using_speedangle",
    "run_value": "delta_run_exp",
}
COUNTS = {
    "pitch_number": "pitch_number",
    "inning": "inning",
    "batter_id": "batter",
    "pitcher_id": "pitcher",
    "zone": "zone",
    "balls": "balls",
    "strikes": "strikes",
    "outs": "outs_when_up",
}
TEXTS = {
    "bat_side": "stand",
    "pitch_hand": "p_throws",
    "description": "description",
    "pitch_type": "pitch_type",
    "trajectory": "bb_type",
}
DAY_LIMIT = 32 * MB  # a busy day has 5; a response truncated at the limit has 20
_COLUMNS = json.loads(Path(__file__).with_name("savant_columns.json").read_text())
_CALLS: dict[str, str] = _COLUMNS["calls"]
REQUIRED: tuple[str, ...] = tuple(_COLUMNS["required"])
IGNORED = frozenset[str]().union(*_COLUMNS["ignored"].values())
_DAY = "game_date"
KNOWN = IGNORED.union([_DAY], REQUIRED, NUMBERS.values(), COUNTS.values(), TEXTS.values())


@dataclass(frozen=True, slots=True)
class DailyPitches:
    """Rows of statcast_pitches by game, and the columns that are not known."""

    games: Mapping[int, list[Row]]
    unknown_columns: tuple[str, ...]


class Savant:
    """Client of Baseball Savant; a day a request stays far below the row limit."""

    def __init__(self, http: HttpSource) -> None:
        self._http = http

    def fetch_pitches(self, day: date) -> FetchedResponse[DailyPitches]:
        """Return all pitches of a day on which final games exist; raises SourceUnavailable."""
        params = {
            "all": "true",
            "type": "details",
            "player_type": "batter",
            "game_date_gt": day.isoformat(),
            "game_date_lt": day.isoformat(),
        }
        return self._http.get("/statcast_search/csv", partial(parse_pitches, day=day), params, DAY_LIMIT)


def parse_pitches(body: bytes, day: date | None = None) -> DailyPitches:
    """Return a day's CSV as rows; without `day`, of whatever days it has.

    Raises:
        InvalidBody: it is no such CSV, it breaks off, a column we cannot do without is absent, or it has
            pitches of another day.
        EmptyResponse: it has a header and no pitch.
        RowLimitReached: it has as many rows as Savant ever gives.
    """
    wide = _read_csv(body)
    if absent := [name for name in REQUIRED if name not in wide.columns]:
        raise InvalidBody(f"expected Savant's CSV with columns {absent}, got {wide.columns[:8]}…")
    if wide.height == 0:
        raise EmptyResponse("expected pitches of a day with final games, got a header only")
    if wide.height >= ROW_LIMIT:
        raise RowLimitReached(f"{wide.height} rows: Savant cuts answers off at {ROW_LIMIT}, ask for less")
    _check_day(wide, day)
    unknown = tuple(name for name in wide.columns if name not in KNOWN)
    games: dict[int, list[Row]] = {}
    ordered = _select_columns(wide, unknown).sort("game_pk", "at_bat_index", "pitch_number")
    for row in ordered.to_dicts():
        games.setdefault(row.pop("game_pk"), []).append(row)
    return DailyPitches(games, unknown)


def _check_day(wide: pl.DataFrame, day: date | None) -> None:
    if day is None or _DAY not in wide.columns:
        return
    foreign = wide.filter(pl.col(_DAY) != day.isoformat())
    if foreign.height:
        message = f"expected pitches of {day}, got {foreign.height} of {foreign[_DAY][0]} among others"
        raise InvalidBody(message)


def _read_csv(body: bytes) -> pl.DataFrame:
    if not body.endswith(b"\n"):  # Savant ends every line; a connection that breaks ends anywhere
        raise InvalidBody(f"expected Savant's CSV to end with a line end, got …{body[-40:]!r}")
    try:
        return pl.read_csv(
            io.BytesIO(body.removeprefix(b"\xef\xbb\xbf")),
            infer_schema=False,
            null_values=["NA", "null", ""],
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidBody(f"expected Savant's CSV, got {body[:40]!r}…: {error}") from None


def _select_columns(wide: pl.DataFrame, unknown: tuple[str, ...]) -> pl.DataFrame:
    def float_column(name: str) -> pl.Expr:
        there = name in wide.columns
        return (pl.col(name) if there else pl.lit(None, pl.String)).cast(pl.Float64)

    try:
        return wide.select(
            float_column("game_pk").cast(pl.Int64),
            (float_column("at_bat_number").cast(pl.Int64) - 1).alias("at_bat_index"),
            (pl.col("inning_topbot") == "Top").alias("is_top"),
            (pl.col("type") == "X").alias("is_in_play"),
            pl.col("type").is_in(["S", "X"]).alias("is_strike"),
            pl.col("description").replace_strict(_CALLS, default=None).alias("call_code"),
            *(float_column(theirs).alias(ours) for ours, theirs in NUMBERS.items()),
            *(float_column(theirs).cast(pl.Int64).alias(ours) for ours, theirs in COUNTS.items()),
            *(_text_column(wide, theirs).alias(ours) for ours, theirs in TEXTS.items()),
            *([_extra_column(wide.select(unknown))] if unknown else []),
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidBody(f"Savant's CSV: {error}") from None


def _text_column(wide: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in wide.columns else pl.lit(None, pl.String)


def _extra_column(unknown: pl.DataFrame) -> pl.Series:
    rows = ({k: v for k, v in row.items() if v is not None} for row in unknown.to_dicts())
    return pl.Series("extra", [as_json(row) for row in rows], dtype=pl.String)
