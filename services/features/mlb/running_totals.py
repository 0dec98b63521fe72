"""Running sums of counts: after each day somebody played, this season's and those since the first game known.

Everybody has a row on the first day known of each year, so that a build never looks further back than to the
year of the last day before it. Counts are whole numbers: their sums are the same in whatever order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from services.features import warehouse
from shared.ports import Warehouse

SEASON, CAREER = "season", "career"
WINDOWS = (7, 14, 30, 60)
Span = int | str  # days before the day, SEASON or CAREER


@dataclass(frozen=True)
class CounterLayout:
    """Whose counts are summed, and which."""

    key: str
    counts: tuple[str, ...]

    @property
    def sum_columns(self) -> list[str]:
        """Return the columns of running sums."""
        return ["as_of", self.key, *self.span_columns(SEASON), *self.span_columns(CAREER)]

    @property
    def season_columns(self) -> list[str]:
        """Return the columns of the season's running sums."""
        return ["as_of", self.key, *self.span_columns(SEASON)]

    @property
    def empty_sums(self) -> pl.DataFrame:
        """Return running sums of nobody."""
        return pl.DataFrame(schema={"as_of": pl.Date} | dict.fromkeys(self.sum_columns[1:], pl.Int64))

    def span_columns(self, span: str) -> list[str]:
        """Return the columns of the season's sums or the career's."""
        return [f"{span}_{name}" for name in self.counts]

    def plain_names(self, span: str) -> dict[str, str]:
        """Return the counts' plain names, by the column of a span."""
        return dict(zip(self.span_columns(span), self.counts, strict=True))


@dataclass(frozen=True)
class RunningTotals:
    """Rows before some days of one year, and those of the days."""

    layout: CounterLayout
    before: pl.DataFrame
    today: pl.DataFrame  # as_of, key and counts of who played
    after: pl.DataFrame  # rows of the table, for the days

    def sums_over(self, span: Span, entity_days: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return sums over a span that ends the day before, a row for each of `entity_days`: as_of, key.

        A window of days lies within the season. Sums are 0 where nothing is known. Without `entity_days`,
        there is a row for everybody on each day they played.
        """
        requested = self.today.select("as_of", self.layout.key) if entity_days is None else entity_days
        column = CAREER if span == CAREER else SEASON
        known = self._as_of(requested, column, 0)
        if isinstance(span, str):
            return known
        then = self._as_of(requested, column, span)
        return known.select(pl.col(name) - then[name] for name in self.layout.counts)

    @cached_property
    def all_rows(self) -> pl.DataFrame:
        """Return every row known, by day."""
        return pl.concat([self.before, self.after]).sort("as_of")

    def _as_of(self, requested: pl.DataFrame, span: str, days: int) -> pl.DataFrame:
        """Return the sums as they were when the day began that many days earlier."""
        key, names = self.layout.key, self.layout.plain_names(span)
        history = self.all_rows.select("as_of", key, *names).rename(names)
        found = requested.select(pl.col("as_of").dt.offset_by(f"-{days}d"), key).join_asof(
            history, on="as_of", by=key, allow_exact_matches=False, check_sortedness=False
        )
        return found.select(pl.col(self.layout.counts).fill_null(0))


def read_running_sums(store: Warehouse, table: str, layout: CounterLayout, days: list[date]) -> pl.DataFrame:
    """Return what `accumulate` needs of a table's rows before `days`: everybody's latest of each interval.

    They are of the year of the last day known before them: on its first day everybody had a row.
    """
    last = warehouse.query_named(store, "last_known_day", day=days[0])["as_of"].item()
    if last is None:
        return layout.empty_sums
    span = {"first": date(last.year, 1, 1), "last": last}
    places = {"lines": table, "key": layout.key}
    return warehouse.query_template(
        store, "lines", layout.sum_columns, places, **span, stretches=window_intervals(days)
    )


def window_intervals(days: list[date]) -> pl.DataFrame:
    """Return since, until (not included): between windows' ends no row counts but everybody's latest."""
    ends = {day - timedelta(days=span) for day in days for span in (0, *WINDOWS)}
    until = sorted(end for end in ends if end <= days[0])
    return pl.DataFrame({"since": [date.min, *until[:-1]], "until": until})


def accumulate(
    layout: CounterLayout, latest: pl.DataFrame, counts: pl.DataFrame, days: list[date]
) -> RunningTotals:
    """Return the running sums of `days`, ascending and of one year.

    Args:
        layout: what is counted.
        latest: rows before the first of the days, as `read_running_sums` returns them.
        counts: as_of, key, counts of the days.
        days: on the first of the year everybody known has a row.
    """
    year = days[0].year
    old = latest.filter(pl.col("as_of").dt.year() < year)
    before = pl.concat([_carry_to_new_season(layout, old), latest.filter(pl.col("as_of").dt.year() == year)])
    today = counts.select("as_of", layout.key, pl.col(layout.counts).cast(pl.Int64)).sort("as_of", layout.key)
    unseen = old.select(pl.lit(days[0]).alias("as_of"), layout.key, *_zero_columns(layout.counts)).unique()
    added = pl.concat([today, unseen.join(today, on=["as_of", layout.key], how="anti")])
    return RunningTotals(layout, before, today, _add_counts(layout, before, added.sort("as_of", layout.key)))


def _carry_to_new_season(layout: CounterLayout, old: pl.DataFrame) -> pl.DataFrame:
    """Return everybody's latest row with the season's sums at 0, as the new season finds them."""
    latest = old.sort("as_of").unique(layout.key, keep="last", maintain_order=True)
    return latest.with_columns(_zero_columns(layout.span_columns(SEASON)))


def _add_counts(layout: CounterLayout, before: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    start = before.sort("as_of").unique(layout.key, keep="last").drop("as_of")
    summed = added.with_columns(pl.col(layout.counts).cum_sum().over(layout.key))
    joined = summed.join(start, on=layout.key, how="left", maintain_order="left")
    return joined.select(
        "as_of",
        layout.key,
        *(
            (pl.col(column).fill_null(0) + pl.col(name)).alias(column)
            for span in (SEASON, CAREER)
            for column, name in layout.plain_names(span).items()
        ),
    )


def _zero_columns(names: Iterable[str]) -> list[pl.Expr]:
    return [pl.lit(0, pl.Int64).alias(name) for name in names]
