"""The whole evaluation: seasons read, rows computed day by day, models made each spring, forecasts judged."""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from evaluation import baselines_and_ablation, holdout_log, page, report
from evaluation.benchmarks import MatchedBenchmark, read_benchmarks
from evaluation.peak_memory import PeakMemory
from evaluation.pitch_quality import pitch_quality
from evaluation.requested_families import ASKED_FOR
from evaluation.rows import Lineups, model_rows
from evaluation.season_rows import write_parquet
from evaluation.seasons import read_seasons
from evaluation.walk_forward import Forecasts, WalkForwardResult, forecast_other_rows, walk_forward
from services.trainer.dataset import Sample
from shared.adapters.local.output_files import make_output_folder
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.modeling.target import Rows, Target
from shared.sports.mlb.matchup import BATTER_FEATURES, STARTER_FEATURES
from shared.sports.mlb.targets import TARGETS
from shared.storage.files import write_atomically
from shared.worker_pool import worker_pool

REPORT, PAGE = "report.json", "report.html"
WORKERS = 2
KINDS: tuple[Rows, ...] = ("batter", "starter", "game")  # those with the most rows first
LINEUPS: tuple[Lineups, ...] = ("confirmed", "projected", "unknown")
_OF_THE_OTHER_ROLE: dict[Rows, list[str]] = {
    "batter": sorted(set(STARTER_FEATURES) - set(BATTER_FEATURES)),
    "starter": sorted(set(BATTER_FEATURES) - set(STARTER_FEATURES)),
    "game": [],
}
OTHER_LINEUPS: dict[Lineups, str] = {"projected": "projected line-ups", "unknown": "line-ups unknown"}
NOTICE = (
    "The information used here was obtained free of charge from and is copyrighted by Retrosheet. Interested "
    "parties may contact Retrosheet at 20 Sunset Rd., Newark, DE 19711."
)


@dataclass(frozen=True)
class EvaluationOptions:
    """What to judge: seasons first to last, learning from `history` on; no targets means all."""

    first: int
    last: int
    history: int
    targets: tuple[str, ...]
    data: Path
    out: Path

    @property
    def evaluated_seasons(self) -> range:
        """Return the seasons to judge."""
        return range(self.first, self.last + 1)

    @property
    def all_seasons(self) -> range:
        """Return the seasons to learn from and to judge."""
        return range(self.history, self.last + 1)

    @property
    def rows_folder(self) -> Path:
        """Return where the model rows are kept for the processes that judge."""
        return self.out / "rows"


class UnknownTarget(UserError):
    """A target that is not forecast."""


def run_evaluation(choice: EvaluationOptions, now: datetime) -> dict[str, Any]:
    """Judge the targets and write report.json and report.html; return the report.

    Raises:
        UnknownTarget: a target is not among the trainer's.
        CannotDo: a season is not in the data folder, or a file there cannot be read.
        FolderInUse: another evaluation is at work in the folder.
    """
    make_output_folder(choice.out)
    with run_lock(choice.out), PeakMemory() as peak:
        answer = _build_report(choice, now)
    answer["peak_memory_mb"] = round(peak.megabytes)
    write_atomically(choice.out / REPORT, msgspec.json.format(msgspec.json.encode(answer)))
    write_atomically(choice.out / PAGE, page.render_page(answer).encode())
    return answer


def _build_report(choice: EvaluationOptions, now: datetime) -> dict[str, Any]:
    chosen, begun = _selected_targets(choice), time.perf_counter()
    seconds: dict[str, float] = {}
    seasons = read_seasons(choice.data, choice.all_seasons, choice.out / "seasons")
    not_read = {game: why for season in seasons for game, why in season.not_read.items()}
    benchmarks = read_benchmarks(
        choice.data, pl.concat(one.games for one in seasons if one.year in choice.evaluated_seasons)
    )
    del seasons
    seconds["reading"] = time.perf_counter() - begun
    with worker_pool(WORKERS) as workers:
        savant = workers.submit(pitch_quality, choice.data)
        list(workers.map(partial(_store_rows, choice), LINEUPS))
        more = {"games_not_read": not_read, "pitch_quality": savant.result()}
        seconds["states_and_rows"] = time.perf_counter() - begun - seconds["reading"]
        names = [target.name for target in sorted(chosen, key=_cost_rank)]
        results = dict(workers.map(partial(_timed_target_report, choice, benchmarks), names))
    targets = {target.name: results[target.name][0] for target in chosen}
    seconds |= {name: took for name, (_, took) in results.items()}
    answer = _assemble_report(choice, targets, benchmarks, seconds, now) | more
    return answer | {"seconds_in_all": time.perf_counter() - begun}


def _store_rows(choice: EvaluationOptions, lineups: Lineups) -> None:
    """Compute the rows of every season and leave them where the processes that judge find them."""
    rows = model_rows(read_seasons(choice.data, choice.all_seasons, choice.out / "seasons"), lineups)
    choice.rows_folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        write_parquet(
            rows.select_kind(kind).drop(_OF_THE_OTHER_ROLE[kind]), _rows_file(choice, lineups, kind)
        )


def _read_rows(choice: EvaluationOptions, lineups: Lineups, kind: Rows) -> pl.DataFrame:
    return pl.read_parquet(_rows_file(choice, lineups, kind))


def _rows_file(choice: EvaluationOptions, lineups: Lineups, kind: Rows) -> Path:
    return choice.rows_folder / f"{lineups}-{kind}.parquet"


def _cost_rank(target: Target) -> int:
    """Order targets so that two processes end together: those of batters have the most rows."""
    return KINDS.index(target.rows)


def _timed_target_report(
    choice: EvaluationOptions, others: dict[str, MatchedBenchmark], name: str
) -> tuple[str, tuple[dict[str, Any], float]]:
    started = time.perf_counter()
    (target,) = (target for target in TARGETS if target.name == name)
    judged = _evaluate_target(choice, others, target)
    return name, (judged, time.perf_counter() - started)


def _selected_targets(choice: EvaluationOptions) -> list[Target]:
    known = {target.name: target for target in TARGETS}
    unknown = sorted(set(choice.targets) - known.keys())
    if unknown:
        raise UnknownTarget(f"expected targets among {sorted(known)}, got {unknown}")
    return [target for name, target in known.items() if not choice.targets or name in choice.targets]


def _evaluate_target(
    choice: EvaluationOptions, others: dict[str, MatchedBenchmark], target: Target
) -> dict[str, Any]:
    frame, seasons = _read_rows(choice, "confirmed", target.rows), choice.evaluated_seasons
    judged = walk_forward(target, frame, seasons)
    found = report.target_report(
        judged,
        _lineup_variants(choice, judged),
        baselines_and_ablation.benchmark_forecasts(judged, frame, others, seasons),
    )
    return found | {"ablation": baselines_and_ablation.ablate_feature_groups(judged, frame)}


def _lineup_variants(
    choice: EvaluationOptions, judged: WalkForwardResult
) -> dict[str, tuple[Sample, Forecasts]]:
    """Return forecasts without posted line-ups: of the same models, of a win also by models of their own."""
    target = judged.target
    if target.rows == "batter":
        return {}
    found = {
        name: forecast_other_rows(judged, _read_rows(choice, lineups, target.rows))
        for lineups, name in OTHER_LINEUPS.items()
    }
    if target.name == "home_win":
        own = walk_forward(target, _read_rows(choice, "projected", "game"), choice.evaluated_seasons)
        found["projected line-ups, learnt from such"] = own.rows, own.ours
    return found


def _assemble_report(
    choice: EvaluationOptions,
    targets: dict[str, Any],
    others: dict[str, MatchedBenchmark],
    seconds: dict[str, float],
    now: datetime,
) -> dict[str, Any]:
    return {
        "made_at": now,
        "seasons": {"first": choice.first, "last": choice.last, "history": choice.history},
        "looks_at_held_out_seasons": holdout_log.record_evaluation(
            choice.out, choice.evaluated_seasons, list(targets), now
        ),
        "targets": targets,
        "asked_for": ASKED_FOR,
        "odds": {source: matched.summarise() for source, matched in others.items()},
        "seconds": {name: round(took, 1) for name, took in seconds.items()},
        "notice": NOTICE,
    }
