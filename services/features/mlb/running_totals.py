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
class Layout:
    """Whose counts are summed, and which."""

    key: str
    counts: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """Return the columns of running sums."""
        return ["as_of", self.key, *self.of(SEASON), *self.of(CAREER)]

    @property
    def nothing(self) -> pl.DataFrame:
        """Return running sums of nobody."""
        return pl.DataFrame(schema={"as_of": pl.Date} | dict.fromkeys(self.columns[1:], pl.Int64))

    def of(self, span: str) -> list[str]:
        """Return the columns of the season's sums or the career's."""
        return [f"{span}_{name}" for name in self.counts]

    def shown(self, span: str) -> dict[str, str]:
        """Return the counts' plain names, by the column of a span."""
        return dict(zip(self.of(span), self.counts, strict=True))


@dataclass(frozen=True)
class Lines:
    """Rows before some days of one year, and those of the days."""

    layout: Layout
    before: pl.DataFrame
    today: pl.DataFrame  # as_of, key and counts of who played
    after: pl.DataFrame  # rows of the table, for the days

    def sums(self, span: Span, asked: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return sums over a span that ends the day before, a row for each of `asked`: as_of, key.

        A window of days lies within the season. Sums are 0 where nothing is known. Without `asked`, who
        played on which day is asked.
        """
        wanted = self.today.select("as_of", self.layout.key) if asked is None else asked
        column = CAREER if span == CAREER else SEASON
        known = self._as_of(wanted, column, 0)
        if isinstance(span, str):
            return known
        then = self._as_of(wanted, column, span)
        return known.select(pl.col(name) - then[name] for name in self.layout.counts)

    @cached_property
    def history(self) -> pl.DataFrame:
        """Return every row known, by day."""
        return pl.concat([self.before, self.after]).sort("as_of")

    def _as_of(self, wanted: pl.DataFrame, span: str, days: int) -> pl.DataFrame:
        """Return the sums as they stood when the day began that many days earlier."""
        key, names = self.layout.key, self.layout.shown(span)
        history = self.history.select("as_of", key, *names).rename(names)
        found = wanted.select(pl.col("as_of").dt.offset_by(f"-{days}d"), key).join_asof(
            history, on="as_of", by=key, allow_exact_matches=False, check_sortedness=False
        )
        return found.select(pl.col(self.layout.counts).fill_null(0))


def read(store: Warehouse, table: str, layout: Layout, days: list[date]) -> pl.DataFrame:
    """Return what `run` needs of a table's rows before `days`: everybody's latest of each stretch of days.

    They are of the year of the last day known before them: on its first day everybody had a row.
    """
    last = warehouse.ask(store, "last_known_day", day=days[0])["as_of"].item()
    if last is None:
        return layout.nothing
    span = {"first": date(last.year, 1, 1), "last": last}
    places = {"lines": table, "key": layout.key}
    return warehouse.fill(store, "lines", layout.columns, places, **span, stretches=stretches(days))


def stretches(days: list[date]) -> pl.DataFrame:
    """Return since, until (not included): between windows' ends no row counts but everybody's latest."""
    ends = {day - timedelta(days=span) for day in days for span in (0, *WINDOWS)}
    until = sorted(end for end in ends if end <= days[0])
    return pl.DataFrame({"since": [date.min, *until[:-1]], "until": until})


def run(layout: Layout, standing: pl.DataFrame, counts: pl.DataFrame, days: list[date]) -> Lines:
    """Return the running sums of `days`, ascending and of one year.

    Args:
        layout: what is counted.
        standing: rows before the first of the days, as `read` gives them.
        counts: as_of, key, counts of the days.
        days: on the first of the year everybody known has a row.
    """
    year = days[0].year
    old = standing.filter(pl.col("as_of").dt.year() < year)
    before = pl.concat([_carried(layout, old), standing.filter(pl.col("as_of").dt.year() == year)])
    today = counts.select("as_of", layout.key, pl.col(layout.counts).cast(pl.Int64)).sort("as_of", layout.key)
    unseen = old.select(pl.lit(days[0]).alias("as_of"), layout.key, *_zeros(layout.counts)).unique()
    added = pl.concat([today, unseen.join(today, on=["as_of", layout.key], how="anti")])
    return Lines(layout, before, today, _after(layout, before, added.sort("as_of", layout.key)))


def _carried(layout: Layout, old: pl.DataFrame) -> pl.DataFrame:
    """Return everybody's latest row with the season's sums at 0, as the new season finds them."""
    latest = old.sort("as_of").unique(layout.key, keep="last", maintain_order=True)
    return latest.with_columns(_zeros(layout.of(SEASON)))


def _after(layout: Layout, before: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    start = before.sort("as_of").unique(layout.key, keep="last").drop("as_of")
    summed = added.with_columns(pl.col(layout.counts).cum_sum().over(layout.key))
    joined = summed.join(start, on=layout.key, how="left", maintain_order="left")
    return joined.select(
        "as_of",
        layout.key,
        *(
            (pl.col(column).fill_null(0) + pl.col(name)).alias(column)
            for span in (SEASON, CAREER)
            for column, name in layout.shown(span).items()
        ),
    )


def _zeros(names: Iterable[str]) -> list[pl.Expr]:
    return [pl.lit(0, pl.Int64).alias(name) for name in names]
