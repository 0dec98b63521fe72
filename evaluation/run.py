"""Runs the evaluation: reads seasons, computes rows day by day, trains before each season, scores."""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from evaluation import baselines_and_ablation, holdout_log, nested_selection, one_game, page, report
from evaluation.benchmarks import MatchedBenchmark, find_unread, read_benchmarks
from evaluation.one_game import ForecastGames, innings_played, one_game_report
from evaluation.peak_memory import PeakMemory
from evaluation.pitch_quality import pitch_quality
from evaluation.requested_families import REQUESTED_FEATURES
from evaluation.rows import season_model_rows
from evaluation.season_rows import write_parquet
from evaluation.seasons import read_seasons
from evaluation.walk_forward import WalkForwardResult, walk_forward
from shared.adapters.local.output_files import make_output_folder
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.modeling.lineup_variants import VARIANTS, Variant
from shared.modeling.target import Rows, Target
from shared.sports.mlb.matchup import BATTER_FEATURES, STARTER_FEATURES
from shared.sports.mlb.targets import TARGETS
from shared.storage.files import write_atomically
from shared.worker_pool import worker_pool

REPORT, PAGE = "report.json", "report.html"
WORKERS = 2
NESTED_TARGETS = ("home_win", "pitcher_strikeouts", "pitcher_outs")  # unless others are named
KINDS: tuple[Rows, ...] = ("batter", "starter", "game")  # by number of rows, most first
_UNUSED_COLUMNS: dict[Rows, list[str]] = {
    "batter": sorted(set(STARTER_FEATURES) - set(BATTER_FEATURES)),
    "starter": sorted(set(BATTER_FEATURES) - set(STARTER_FEATURES)),
    "game": [],
}
# Beside what targets name: keys, what the line of run margins learns, and what Elo's forecast is made of
KEY_COLUMNS = (
    "game_pk",
    "game_date",
    "known_date",
    "game_type",
    "player_id",
    "home_score",
    "away_score",
    "elo_difference",
)
OTHER_LINEUPS: dict[Variant, str] = {"projected": "projected line-ups", "unknown": "line-ups unknown"}


@dataclass(frozen=True)
class EvaluationOptions:
    """What to evaluate: seasons first to last, training from `history` on; no targets means all.

    `ablation` judges every group of features; `nested` chooses a target's candidates on earlier seasons.
    """

    first: int
    last: int
    history: int
    targets: tuple[str, ...]
    data: Path
    out: Path
    ablation: bool = False
    nested: bool = False

    @property
    def evaluated_seasons(self) -> range:
        """Return the seasons to evaluate."""
        return range(self.first, self.last + 1)

    @property
    def all_seasons(self) -> range:
        """Return the seasons to train on and to evaluate."""
        return range(self.history, self.last + 1)

    @property
    def rows_folder(self) -> Path:
        """Return the folder of model rows, which worker processes read."""
        return self.out / "rows"


class UnknownTarget(UserError):
    """The target is not one of the trainer's."""


def run_evaluation(options: EvaluationOptions, now: datetime) -> dict[str, Any]:
    """Evaluate the targets, write report.json and report.html and return the report.

    Raises:
        UnknownTarget: a target is not one of the trainer's.
        UserError: a season is not in the data folder, or a file there cannot be read.
        FolderInUse: another evaluation is running in the folder.
    """
    make_output_folder(options.out)
    with run_lock(options.out), PeakMemory() as peak:
        report_data = _build_report(options, now)
    report_data["peak_memory_mb"] = round(peak.megabytes)
    write_atomically(options.out / REPORT, msgspec.json.format(msgspec.json.encode(report_data)))
    write_atomically(options.out / PAGE, page.render_page(report_data).encode())
    return report_data


def _build_report(options: EvaluationOptions, now: datetime) -> dict[str, Any]:
    selected, start = _selected_targets(options), time.perf_counter()
    seconds: dict[str, float] = {}
    seasons = read_seasons(options.data, options.all_seasons, options.out / "seasons")
    unreadable = {game: why for season in seasons for game, why in season.unreadable_games.items()}
    benchmarks = read_benchmarks(
        options.data,
        pl.concat(season.games for season in seasons if season.year in options.evaluated_seasons),
    )
    innings = innings_played([season for season in seasons if season.year in options.evaluated_seasons])
    del seasons  # the workers read their own copies
    seconds["reading"] = time.perf_counter() - start
    with worker_pool(WORKERS) as workers:
        savant = workers.submit(pitch_quality, options.data) if options.ablation else None
        workers.submit(_store_rows, options).result()
        more = {"unreadable_games": unreadable, "pitch_quality": savant.result() if savant else {}}
        seconds["states_and_rows"] = time.perf_counter() - start - seconds["reading"]
        names = [target.name for target in sorted(selected, key=_cost_rank)]
        results = dict(workers.map(partial(_timed_target_report, options, benchmarks), names))
    targets = {target.name: results[target.name].report for target in selected}
    seconds |= {name: result.seconds for name, result in results.items()}
    forecasts = {name: result.forecasts for name, result in results.items() if result.forecasts}
    more["one_game"] = one_game_report(forecasts, _read_game_rows(options), innings, benchmarks)
    report_data = _assemble_report(options, targets, benchmarks, seconds, now) | more
    return report_data | {"seconds_in_all": time.perf_counter() - start}


def _store_rows(options: EvaluationOptions) -> None:
    """Compute the rows season by season and store them for the worker processes."""
    seasons = read_seasons(options.data, options.all_seasons, options.out / "seasons")
    options.rows_folder.mkdir(parents=True, exist_ok=True)
    for year, rows in zip(options.all_seasons, season_model_rows(seasons, VARIANTS), strict=True):
        for lineups in VARIANTS:
            of_variant = rows.select_variant(lineups)
            for kind in KINDS:
                own = of_variant.select_kind(kind).drop(_UNUSED_COLUMNS[kind])
                write_parquet(own, _rows_file(options, lineups, kind, year))


def _read_rows(options: EvaluationOptions, lineups: Variant, target: Target) -> pl.DataFrame:
    """Return a target's rows, with the columns that it needs; an ablation reads all."""
    rows = pl.scan_parquet([_rows_file(options, lineups, target.rows, year) for year in options.all_seasons])
    if not options.ablation:
        stored = rows.collect_schema().names()
        rows = rows.select(name for name in needed_columns(target) if name in stored)
    return rows.collect()


def _read_game_rows(options: EvaluationOptions) -> pl.DataFrame:
    """Return the game rows of confirmed line-ups of the evaluated seasons, with every column."""
    return pl.read_parquet(
        [_rows_file(options, "confirmed", "game", year) for year in options.evaluated_seasons]
    )


def needed_columns(target: Target) -> tuple[str, ...]:
    """Return the columns that forecasts of a target, its baselines and its scores are made of."""
    compared = (name for columns in target.benchmarks.values() for name in columns)
    return tuple(dict.fromkeys((*KEY_COLUMNS, *target.required_columns, *compared)))


def _rows_file(options: EvaluationOptions, lineups: Variant, kind: Rows, year: int) -> Path:
    return options.rows_folder / f"{lineups}-{kind}-{year}.parquet"


def _cost_rank(target: Target) -> int:
    """Return a sort key that starts the slowest targets first, so that two processes end together."""
    return KINDS.index(target.rows)


@dataclass(frozen=True)
class _TargetResult:
    """A target's report, the seconds it took, and its forecasts where they are judged together."""

    report: dict[str, Any]
    seconds: float
    forecasts: ForecastGames | None


def _timed_target_report(
    options: EvaluationOptions, benchmarks: dict[str, MatchedBenchmark], name: str
) -> tuple[str, _TargetResult]:
    started = time.perf_counter()
    (target,) = (target for target in TARGETS if target.name == name)
    target_report, result = _evaluate_target(options, benchmarks, target)
    forecasts = ForecastGames(result.rows.games, result.ours) if name in one_game.TARGETS else None
    return name, _TargetResult(target_report, time.perf_counter() - started, forecasts)


def _selected_targets(options: EvaluationOptions) -> list[Target]:
    known = {target.name: target for target in TARGETS}
    unknown = sorted(set(options.targets) - known.keys())
    if unknown:
        raise UnknownTarget(f"expected targets among {sorted(known)}, got {unknown}")
    return [target for name, target in known.items() if not options.targets or name in options.targets]


def _evaluate_target(
    options: EvaluationOptions, benchmarks: dict[str, MatchedBenchmark], target: Target
) -> tuple[dict[str, Any], WalkForwardResult]:
    frame, seasons = _read_rows(options, "confirmed", target), options.evaluated_seasons
    result = walk_forward(target, frame, seasons, _lineup_variants(options, target))
    target_report = report.target_report(
        result,
        {
            name: result.variants[lineups]
            for lineups, name in OTHER_LINEUPS.items()
            if lineups in result.variants
        },
        baselines_and_ablation.benchmark_forecasts(result, frame, benchmarks, seasons),
    )
    return target_report | _requested_parts(options, target, frame), result


def _requested_parts(options: EvaluationOptions, target: Target, frame: pl.DataFrame) -> dict[str, Any]:
    """Return the parts of a target's report that cost much time, where they are requested."""
    parts: dict[str, Any] = {}
    if options.ablation:
        parts["ablation"] = baselines_and_ablation.ablate_feature_groups(
            target, frame, options.evaluated_seasons
        )
    if options.nested and target.name in (options.targets or NESTED_TARGETS):
        parts["nested"] = nested_selection.select_nested(
            target, frame, options.all_seasons[1:], options.evaluated_seasons
        )
    return parts


def _lineup_variants(options: EvaluationOptions, target: Target) -> dict[str, pl.DataFrame]:
    """Return the same games' rows with other line-ups; without one there is no batter to forecast."""
    known: tuple[Variant, ...] = ("projected",) if target.rows == "batter" else tuple(OTHER_LINEUPS)
    return {lineups: _read_rows(options, lineups, target) for lineups in known}


def _assemble_report(
    options: EvaluationOptions,
    targets: dict[str, Any],
    benchmarks: dict[str, MatchedBenchmark],
    seconds: dict[str, float],
    now: datetime,
) -> dict[str, Any]:
    folder = holdout_log.log_folder(options.data)
    return {
        "made_at": now,
        "seasons": {"first": options.first, "last": options.last, "history": options.history},
        "evaluations_of_held_out_seasons": holdout_log.record_evaluation(
            folder, options.evaluated_seasons, list(targets), now, former=options.out
        ),
        "evaluations_are_counted_in": str(folder / holdout_log.LOG_FILE),
        "ablation_comparisons": sum(len(one.get("ablation", {})) for one in targets.values()),
        "targets": targets,
        "requested_features": REQUESTED_FEATURES,
        "odds": {source: matched.summarise() for source, matched in benchmarks.items()},
        "odds_not_read": find_unread(options.data, options.evaluated_seasons),
        "seconds": {name: round(duration, 1) for name, duration in seconds.items()},
        "notice": page.RETROSHEET_NOTICE,
    }
