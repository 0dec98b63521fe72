"""Writes the results of days from the warehouse to objects, for the API, the record and the report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import fsum
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from services.loader.mlb.results import (
    LARGEST_COUNT,
    WIN,
    game_state,
    happened,
    player_line,
    result_games_query,
    result_lines_query,
)
from shared.modeling.intervals import count_interval
from shared.modeling.lineup_variants import VARIANTS
from shared.ports import Ports, Warehouse
from shared.storage.day_results import (
    DayResults,
    DayTotals,
    ForecastSums,
    GameResult,
    PlayerLine,
    ScoredForecast,
    TargetTotals,
    results_object_name,
    store_day_results,
)

_FORECASTS = (Path(__file__).parent / "sql" / "result_forecasts.sql").read_text()
_OVER = ("final", "tie")
_NOT_BEGUN = ("scheduled",)
_GAME_FIELDS = frozenset(GameResult.__struct_fields__) - {"state"}

Row = Mapping[str, Any]


def write_day_results(ports: Ports, days: Iterable[date]) -> list[date]:
    """Store the results of the days from the warehouse, and return those that were written.

    A day is written once one of its games has begun or is called off. What is written depends on the rows of
    the warehouse alone, so it can be done again at any time.
    """
    written = []
    for results, totals in build_day_results(ports.warehouse, sorted(set(days))):
        has_begun = any(game.state not in _NOT_BEGUN for game in results.games)
        if has_begun or ports.objects.exists(results_object_name(results.game_date)):
            store_day_results(ports.objects, results, totals)
            written.append(results.game_date)
    return written


def build_day_results(warehouse: Warehouse, days: Sequence[date]) -> list[tuple[DayResults, DayTotals]]:
    """Return the results of each day that has games, and their sums, in the order of the days."""
    if not days:
        return []
    games = warehouse.query_rows(result_games_query(), dates=list(days)).to_dicts()
    lines = _group_by_day(warehouse.query_rows(result_lines_query(), dates=list(days)).to_dicts())
    forecasts = _scored_forecasts(warehouse, games)
    return [
        _build_day(day, of_day, [player_line(row) for row in lines[day]], forecasts)
        for day in days
        if (of_day := [row for row in games if day in (row["game_date"], row["original_date"])])
    ]


def _group_by_day(rows: Iterable[Row]) -> defaultdict[date, list[Row]]:
    found: defaultdict[date, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["game_date"]].append(row)
    return found


def _scored_forecasts(warehouse: Warehouse, games: Sequence[Row]) -> dict[int, list[ScoredForecast]]:
    """Return the scored forecasts by game; those of a moved game may have been made for its first day."""
    if not games:
        return {}
    days = [day for row in games for day in (row["game_date"], row["original_date"]) if day]
    numbers = [row["game_pk"] for row in games]
    rows = warehouse.query_rows(_FORECASTS, games=numbers, first=min(days), last=max(days))
    found: dict[int, list[ScoredForecast]] = defaultdict(list)
    for row in _with_probabilities(rows).iter_rows(named=True):
        found[row["game_pk"]].append(_scored_forecast(row))
    return found


def _with_probabilities(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the forecasts with the probability of what happened, as `score_rows` takes it."""
    chances = pl.col("distribution").str.json_decode(pl.List(pl.Float64))
    last = chances.list.len().cast(pl.Int64) - 1
    return rows.with_columns(chances=chances, p_actual=chances.list.get(pl.col("actual").clip(0, last)))


def _scored_forecast(row: Row) -> ScoredForecast:
    is_win = row["target"] == WIN
    interval = None if is_win else count_interval(row["chances"])
    return ScoredForecast(
        game_pk=row["game_pk"],
        player_id=row["player_id"],
        target=row["target"],
        variant=row["variant"],
        release_id=row["release_id"],
        model_version=row["model_version"],
        made_at=row["made_at"],
        mean=row["mean"],
        interval_80=interval,
        actual=row["actual"],
        p_actual=row["p_actual"],
        hit=_favourite_won(row) if interval is None else interval[0] <= row["actual"] <= interval[1],
        log_loss=row["log_loss"],
    )


def _favourite_won(row: Row) -> bool | None:
    """Return whether the club with the larger chance won; None where there was no such club."""
    return None if row["mean"] == 0.5 else (row["mean"] > 0.5) == (row["actual"] == 1)


def _build_day(
    day: date, rows: Sequence[Row], lines: Sequence[PlayerLine], forecasts: Mapping[int, list[ScoredForecast]]
) -> tuple[DayResults, DayTotals]:
    games = tuple(_game_result(row, day) for row in rows)
    here = [row for row in rows if row["game_date"] == day]
    scored = tuple(one for row in here for one in forecasts.get(row["game_pk"], ()))
    over = {game.game_pk for game in games if game.state in _OVER}
    happened_here = happened(here, [line for line in lines if line.game_pk in over])
    totals = DayTotals(
        game_date=day,
        games_over=len(over),
        games_not_over=len(games) - len(over),
        targets={
            target: _target_totals(target, outcomes, [one for one in scored if one.target == target])
            for target, outcomes in sorted(happened_here.items())
        },
        games=tuple(game.game_pk for game in games),
    )
    return DayResults(game_date=day, games=games, lines=tuple(lines), forecasts=scored), totals


def _game_result(row: Row, day: date) -> GameResult:
    fields = {name: value for name, value in row.items() if name in _GAME_FIELDS}
    return msgspec.convert({**fields, "state": game_state(row, day)}, GameResult)


def _target_totals(target: str, outcomes: Sequence[int], scored: Sequence[ScoredForecast]) -> TargetTotals:
    largest = LARGEST_COUNT[target]
    by_variant = {name: [one for one in scored if one.variant == name] for name in VARIANTS}
    return TargetTotals(
        **msgspec.structs.asdict(_forecast_sums(scored, largest)),
        happened=_count_outcomes(outcomes, largest),
        variants={name: _forecast_sums(found, largest) for name, found in by_variant.items() if found},
    )


def _forecast_sums(scored: Sequence[ScoredForecast], largest: int) -> ForecastSums:
    decided = [one.hit for one in scored if one.hit is not None]
    return ForecastSums(
        forecasts=len(scored),
        decided=len(decided),
        hits=sum(decided),
        absolute_error=fsum(abs(one.mean - one.actual) for one in scored),
        log_loss=fsum(one.log_loss for one in scored),
        scored=_count_outcomes([one.actual for one in scored], largest),
    )


def _count_outcomes(outcomes: Iterable[int], largest: int) -> tuple[int, ...]:
    """Return how often 0, 1, 2 … happened; the last count includes all above it."""
    counts = [0] * (largest + 1)
    for outcome in outcomes:
        counts[min(max(outcome, 0), largest)] += 1
    return tuple(counts)
