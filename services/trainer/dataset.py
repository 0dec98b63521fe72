"""Training rows: finished games with what was known before them, from the warehouse to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.modeling.distribution import Floats
from shared.modeling.lineup_variants import Variant
from shared.modeling.target import Rows, Target
from shared.ports import Warehouse
from shared.sports.mlb.targets import TARGETS
from shared.storage.sql_template import fill_template
from shared.storage.tables import get_table

Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]

GAME_TYPE_WEIGHTS = {"S": 0.25, "E": 0.25}  # spring is played for other reasons than winning
_KEY_COLUMNS = ("game_pk", "game_date", "known_date", "game_type", "player_id")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """Rows of one target in date order: [n] arrays beside the frame they were taken from."""

    frame: pl.DataFrame
    label: Floats
    weight: Floats
    naive: Floats  # proportional to the naive forecast
    trials: Floats | None
    days: Integers  # of the game, days since 1970-01-01
    result_known_day: Integers  # of the result; later than the game's for suspended games
    games: Integers

    def __len__(self) -> int:
        return self.frame.height

    def filter_rows(self, mask: Mask) -> Sample:
        """Return the rows that the mask keeps."""
        return Sample(
            frame=self.frame.filter(mask),
            label=self.label[mask],
            weight=self.weight[mask],
            naive=self.naive[mask],
            trials=None if self.trials is None else self.trials[mask],
            days=self.days[mask],
            result_known_day=self.result_known_day[mask],
            games=self.games[mask],
        )

    def known_before(self, day: int) -> Sample:
        """Return the rows whose result was known before `day` began."""
        return self.filter_rows(self.result_known_day < day)

    def rows_between(self, first: int, last: int) -> Sample:
        """Return the rows of games played on `first` to `last`, both included."""
        return self.filter_rows((self.days >= first) & (self.days <= last))

    def is_newest(self, days: int) -> Mask:
        """Return which rows are of games played in the `days` days up to the last."""
        return np.asarray(self.days > self.days.max(initial=0) - days)

    def newest_days(self, days: int) -> Sample:
        """Return the rows of games played in the `days` days up to the last."""
        return self.filter_rows(self.is_newest(days))

    def clipped_counts(self, most: int) -> Integers:
        """Return the counts as indices of a distribution over 0 … `most`; others are clipped to its ends."""
        return np.clip(self.label, 0, most).astype(np.int64)

    @property
    def first_day(self) -> date:
        """Return the first day."""
        return as_date(int(self.days.min()))

    @property
    def last_day(self) -> date:
        """Return the last day."""
        return as_date(int(self.days.max()))


def training_rows(
    warehouse: Warehouse, rows: Rows, as_of: date, window_days: int, variant: Variant = "confirmed"
) -> pl.DataFrame:
    """Return the rows of finished games known by the end of `as_of`, at most `window_days` old.

    `variant` says which line-ups the rows rest on. Projected ones have null labels for players who took no
    part in the game; without line-ups there are no batters.
    """
    first = as_of - timedelta(days=window_days - 1)
    requested = {"first": first, "as_of": as_of, "variant": variant}
    return warehouse.query_rows(
        rows_query(rows), **requested if rows == "game" else {**requested, "role": rows}
    )


def rows_query(rows: Rows) -> str:
    """Return the SQL for training rows: every feature of that kind, and the labels of its targets.

    All features come, not only those that the targets name: a deployed model may read one that they dropped.
    """
    table = "game_features_daily" if rows == "game" else "player_features_daily"
    labels = {target.label for target in TARGETS if target.rows == rows}
    roles = {None, "", rows}
    fields = (f for f in get_table(table).fields if f.name in labels or (f.is_feature and f.role in roles))
    sql = (_FOLDER / ("game_rows.sql" if rows == "game" else "player_rows.sql")).read_text()
    return fill_template(sql, columns=",\n  ".join(f"f.{one.name}" for one in fields))


def build_sample(frame: pl.DataFrame, target: Target, also: Sequence[str] = ()) -> Sample:
    """Return the target's sample: rows with a label and a formula's forecast, both known for what they are.

    No row is left out for what happened in the game, except that it had no result (a tie has no winner). Of
    the columns those of keys, of everything that the target reads and of `also` are kept.
    """
    needed = [
        target.label,
        target.margin.column,
        *target.baseline_columns,
        *([target.trials] if target.trials else []),
    ]
    wanted = {*_KEY_COLUMNS, *target.required_columns, *also}
    own = frame.select(name for name in frame.columns if name in wanted)
    kept = own.filter(pl.all_horizontal(pl.col(needed).is_not_null()))
    weights = kept["game_type"].replace_strict(GAME_TYPE_WEIGHTS, default=1.0, return_dtype=pl.Float64)
    return Sample(
        frame=kept,
        label=_float_column(kept, target.label),
        weight=weights.to_numpy(),
        naive=np.prod(
            [np.ones(kept.height), *(_float_column(kept, name) for name in target.baseline_columns)], axis=0
        ),
        trials=_float_column(kept, target.trials) if target.trials else None,
        days=_day_numbers(kept, "game_date"),
        result_known_day=_day_numbers(kept, "known_date"),
        games=kept["game_pk"].to_numpy(),
    )


def as_date(day: int) -> date:
    """Return the date that is `day` days after 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=day)


def _float_column(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).to_numpy()


def _day_numbers(frame: pl.DataFrame, name: str) -> Integers:
    return frame[name].cast(pl.Int32).cast(pl.Int64).to_numpy()
