"""Builds days again with everything that happened on them masked: what was known before may not change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from services.features.leak_check.frame_diff import ComparisonResult, Rows, compare_rows
from services.features.mlb import build, windows
from services.features.mlb.build import SeasonInputs
from shared.errors import Rejected
from shared.modeling.lineup_variants import VARIANTS, Variant
from shared.ports import MergeResult, Warehouse
from shared.sports.mlb.states import LAYOUTS, LEAGUE, States
from shared.storage import tables
from shared.storage.tables import Table

_DATES = (
    "completed_date",
    "day",
    "as_of",
    "transaction_date",
    "game_date",
)  # the first that a frame has says when it was known
_KNOWN_BEFORE = {
    *_DATES, "season", "game_type", "game_number", "is_home", "is_top", "at_bat_index", "batting_slot",
    "bat_side", "pitch_hand", "position", "is_starting_pitcher", "is_plate_appearance", "day_night",
    "temperature_f", "wind", "weather_condition", "latitude", "longitude", "azimuth", "roof_type",
    "forecast_temperature_f", "forecast_wind_mph", "forecast_wind_from",
}  # fmt: skip


def masked_rebuild(
    season: SeasonInputs, states: States, rows: Rows, days: Sequence[date], day: date
) -> ComparisonResult:
    """Build `day` and the one before it again with `day` masked; compare states before it, features of it.

    Rows of projected and unknown line-ups are built from inputs in which no nine of the games is posted.

    Args:
        season: what `rows` were computed from.
        states: as of before the first of `days`.
        rows: every table, as computed.
        days: the days of `rows`, ascending.
        day: one of them.
    """
    at = days.index(day)
    recomputed = list(days[max(at - 1, 0) : at + 1])
    before = _states_before(states, rows, recomputed[0])
    posted = mask_from(season, day)
    guessed = build.without_posted_nines(posted)
    compared = ComparisonResult()
    for past, variants in ((posted, VARIANTS[:1]), (guessed, VARIANTS[1:])):
        _, built = build.build_days(before, past, recomputed, dict.fromkeys(recomputed, ""), variants)
        for name, frame in built.items():
            definition = tables.get_table(name)
            frames = (_of_variants(rows[name], variants), frame)
            compared += compare_rows(
                definition, *(_known_before(one, definition, recomputed) for one in frames)
            )
    return compared


def _of_variants(rows: pl.DataFrame, variants: Sequence[Variant]) -> pl.DataFrame:
    """Return a table's rows of some variants; states have none."""
    return rows.filter(pl.col("variant").is_in(variants)) if "variant" in rows.columns else rows


def masked_window_rebuild(
    cached: "CachingWarehouse", season: SeasonInputs, rows: Rows, days: Sequence[date]
) -> ComparisonResult:
    """Make the windows of `days` again with the last two days masked, and compare them.

    Args:
        cached: the warehouse with the answers that they were made from.
        season: what `rows` were computed from.
        rows: every table, as computed.
        days: the days of `rows`, ascending.
    """
    day = days[-2:][0]
    known_later = _known_later(season.games, day)
    masked = replace(cached, day=day, games=known_later)
    made = {name: _mask_rows(frame, tables.get_table(name), day, known_later) for name, frame in rows.items()}
    compared, until = ComparisonResult(), [one for one in days if one <= day]
    for names, compute in windows.PARTS.items():
        if set(names) <= set(rows):
            for name, frame in compute(masked, mask_from(season, day), made, list(days)).items():
                definition = tables.get_table(name)
                known = (_known_before(one, definition, until) for one in (rows[name], frame))
                compared += compare_rows(definition, *known)
    return compared


@dataclass(frozen=True)
class CachingWarehouse:
    """A warehouse that caches its answers; with `day`, everything since that day is masked in them."""

    store: Warehouse
    day: date | None = None
    games: pl.Series = field(default_factory=pl.Series)
    answers: dict[str, pl.DataFrame] = field(default_factory=dict)

    def ensure_table(self, table: Table) -> None:
        """Create the table."""
        self.store.ensure_table(table)

    def merge_rows(
        self,
        table: Table,
        rows: pl.DataFrame,
        scopes: pl.DataFrame | None = None,  # noqa: ARG002 - as the port has it
    ) -> MergeResult:
        """Refuse: a check writes nothing."""
        raise Rejected(f"{table.full_name}: expected nothing to be written, got {rows.height} rows")

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Query once, and mask what the answer should not know."""
        key = f"{sql} {sorted((name, _parameter_text(value)) for name, value in parameters.items())}"
        if key not in self.answers:
            self.answers[key] = self.store.query_rows(sql, **parameters)
        answer = self.answers[key]
        return answer if self.day is None else _mask_frame(answer, self.day, self.games)


def _parameter_text(value: Any) -> str:
    return str(value.rows()) if isinstance(value, pl.DataFrame) else str(value)


def mask_from(season: SeasonInputs, day: date) -> SeasonInputs:
    """Return the season as known before `day`: who plays whom, and nothing of what happened.

    The line-ups of its games are known, but nothing is projected from them.
    """
    known_later = _known_later(season.games, day)
    frames = {one.name: getattr(season, one.name) for one in fields(season)}
    masked = {name: _mask_frame(frame, day, known_later) for name, frame in frames.items()}
    return build.known_before(replace(season, **masked), day)


def _known_later(games: pl.DataFrame, day: date) -> pl.Series:
    return games.filter(pl.max_horizontal("game_date", "completed_date") >= day)["game_pk"]


def _mask_rows(frame: pl.DataFrame, table: Table, day: date, games: pl.Series) -> pl.DataFrame:
    """Return the build's own rows as known before `day`: no state or sum of it, features without labels."""
    features = [field.name for field in table.fields if field.is_feature]
    if not features:
        return frame.filter(pl.col("as_of") < day)
    return _mask_frame(frame, day, games, known={*table.key, *features})


def _mask_frame(
    frame: pl.DataFrame, day: date, games: pl.Series, known: Collection[str] = ()
) -> pl.DataFrame:
    dated = next((name for name in _DATES if name in frame.columns), None)
    if dated is None:
        return frame
    later = pl.col(dated) >= day
    if "game_pk" in frame.columns:
        later |= pl.col("game_pk").is_in(games.implode())
    happened = [
        name
        for name in frame.columns
        if name not in {*_KNOWN_BEFORE, *known} and name[-3:] not in {"_id", "_pk"}
    ]
    return frame.with_columns(
        pl.when(later).then(_empty_value(frame.schema[name])).otherwise(pl.col(name)).alias(name)
        for name in happened
    )


def _empty_value(dtype: pl.DataType) -> pl.Expr:
    return pl.lit("" if dtype == pl.String else 0).cast(dtype)


def _states_before(states: States, rows: Rows, day: date) -> States:
    """Return the states before `day` from those before the build and the rows it made since."""
    if day <= states.as_of + timedelta(days=1):
        return states
    latest_rows = states.to_tables()
    latest = {
        layout.table: pl.concat(
            [
                latest_rows[layout.table],
                _rows_until(rows[layout.table], day, latest_rows[layout.table].columns),
            ]
        )
        .sort(layout.key, "as_of")
        .unique(layout.key, keep="last", maintain_order=True)
        for layout in LAYOUTS
    }
    known = rows[LEAGUE.table].filter(pl.col("as_of") < day)["as_of"].max()
    return States.from_tables(known if isinstance(known, date) else states.as_of, latest)


def _rows_until(rows: pl.DataFrame, day: date, columns: list[str]) -> pl.DataFrame:
    return rows.filter(pl.col("as_of") < day).select(columns)


def _known_before(frame: pl.DataFrame, table: Table, recomputed: Sequence[date]) -> pl.DataFrame:
    """Return a table's rows without the last day's outcome: that day's features, or earlier states."""
    features = [field.name for field in table.fields if field.is_feature]
    when = pl.col("game_date" if "game_date" in frame.columns else "as_of")
    if features:
        return frame.filter(when == recomputed[-1]).select(*table.key, *features)
    return frame.filter(when.is_in(recomputed[:-1])).drop("inputs_sha256", strict=False)
