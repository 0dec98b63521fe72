"""Who was on the injured list, optioned or off the roster when a day began, and who had just come back."""

import json
from datetime import date
from pathlib import Path

import polars as pl

_TERMS = json.loads(Path(__file__).with_name("notices.json").read_text())
_REMEMBERED = "365d"
_LATELY = 30  # days for which a return, a call-up or a trade is shown of an active player
_COMINGS = {"reinstated": "activation", "called_up": "call_up", "traded": "trade"}


def availability_rows(notices: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Return rows of player_availability for `days`, from notices of the days strictly before each.

    Args:
        notices: transaction_date, effective_date, player_id, type_code, words (lower case), in order, from
            a year before the first of the days.
        days: ascending.
    """
    classified = _classify_notices(notices)
    player_days = _player_days(classified, days)
    known = pl.concat(
        [
            player_days,
            _status_rows(player_days, classified),
            *(_absent_since(player_days, classified, kind) for kind in _COMINGS),
        ],
        how="horizontal",
    )
    comings = pl.min_horizontal(f"days_since_{name}" for name in _COMINGS.values())
    out = pl.col("status").is_not_null() & (pl.col("status") != "active")
    shown = known.filter(out | (comings <= _LATELY))
    return shown.with_columns(pl.col("status").fill_null("active")).sort("as_of", "player_id")


def _classify_notices(notices: pl.DataFrame) -> pl.DataFrame:
    """Add kind, and drop notices of no kind."""
    kind = pl.coalesce(
        pl.when(
            pl.col("type_code").is_in(rule["codes"])
            & pl.col("words").fill_null("").str.contains(rule["words"])
        ).then(pl.lit(rule["kind"]))
        for rule in _TERMS["kinds"]
    )
    since = pl.min_horizontal("effective_date", "transaction_date")
    return notices.with_columns(kind=kind, since=since, as_of="transaction_date").drop_nulls("kind")


def _player_days(notices: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    who = notices.select("player_id").unique().sort("player_id")
    return pl.DataFrame({"as_of": pl.Series(days, dtype=pl.Date)}).join(who, how="cross")


def _status_rows(player_days: pl.DataFrame, notices: pl.DataFrame) -> pl.DataFrame:
    stated = notices.with_columns(status=pl.col("kind").replace_strict(_TERMS["status"], default=None))
    known = _latest_notice(player_days, stated.drop_nulls("status"), "status", "since", "words")
    listed = pl.col("status") == _TERMS["status"]["injured_list"]
    length = pl.col("words").str.extract(r"(\d+)-day").cast(pl.Float64)
    return known.select(
        "status",
        days_in_status=(player_days["as_of"] - pl.col("since")).dt.total_days().cast(pl.Float64),
        injured_list_length=pl.when(listed).then(length),
    )


def _absent_since(player_days: pl.DataFrame, notices: pl.DataFrame, kind: str) -> pl.DataFrame:
    known = _latest_notice(player_days, notices.filter(pl.col("kind") == kind), "since")
    days = (player_days["as_of"] - pl.col("since")).dt.total_days()
    return known.select(days.cast(pl.Float64).alias(f"days_since_{_COMINGS[kind]}"))


def _latest_notice(player_days: pl.DataFrame, notices: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return columns of everybody's latest notice before each day; of one day, the last."""
    of_day = notices.unique(["player_id", "as_of"], keep="last", maintain_order=True).sort("as_of")
    found = player_days.join_asof(
        of_day.select("as_of", "player_id", *columns),
        on="as_of",
        by="player_id",
        tolerance=_REMEMBERED,
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return found.select(columns)
