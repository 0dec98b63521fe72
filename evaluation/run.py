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
from evaluation.benchmarks import Matched, read_rivals
from evaluation.peak_memory import PeakMemory
from evaluation.pitch_quality import pitch_quality
from evaluation.requested_families import ASKED_FOR
from evaluation.rows import Lineups, model_rows
from evaluation.season_rows import write
from evaluation.seasons import read_seasons
from evaluation.walk_forward import Forecasts, Judged, again, walk
from services.trainer.dataset import Sample
from services.trainer.mlb.targets import TARGETS, Rows, Target
from shared.adapters.local.output_files import make_output_folder
from shared.adapters.local.run_lock import run_lock
from shared.errors import CannotDo
from shared.sports.mlb.matchup import BATTER_FEATURES, STARTER_FEATURES
from shared.storage.files import write_whole
from shared.worker_pool import pool

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
class Choice:
    """What to judge: seasons first to last, learning from `history` on; no targets means all."""

    first: int
    last: int
    history: int
    targets: tuple[str, ...]
    data: Path
    out: Path

    @property
    def judged(self) -> range:
        """Return the seasons to judge."""
        return range(self.first, self.last + 1)

    @property
    def years(self) -> range:
        """Return the seasons to learn from and to judge."""
        return range(self.history, self.last + 1)

    @property
    def rows(self) -> Path:
        """Return where the model rows are kept for the processes that judge."""
        return self.out / "rows"


class UnknownTarget(CannotDo):
    """A target that is not forecast."""


def evaluate(choice: Choice, now: datetime) -> dict[str, Any]:
    """Judge the targets and write report.json and report.html; return the report.

    Raises:
        UnknownTarget: a target is not among the trainer's.
        CannotDo: a season is not in the data folder, or a file there cannot be read.
        FolderInUse: another evaluation is at work in the folder.
    """
    make_output_folder(choice.out)
    with run_lock(choice.out), PeakMemory() as peak:
        answer = _evaluated(choice, now)
    answer["peak_memory_mb"] = round(peak.megabytes)
    write_whole(choice.out / REPORT, msgspec.json.format(msgspec.json.encode(answer)))
    write_whole(choice.out / PAGE, page.rendered(answer).encode())
    return answer


def _evaluated(choice: Choice, now: datetime) -> dict[str, Any]:
    chosen, begun = _chosen(choice), time.perf_counter()
    seconds: dict[str, float] = {}
    seasons = read_seasons(choice.data, choice.years, choice.out / "seasons")
    not_read = {game: why for season in seasons for game, why in season.not_read.items()}
    others = read_rivals(choice.data, pl.concat(one.games for one in seasons if one.year in choice.judged))
    del seasons
    seconds["reading"] = time.perf_counter() - begun
    with pool(WORKERS) as workers:
        savant = workers.submit(pitch_quality, choice.data)
        list(workers.map(partial(_keep_rows, choice), LINEUPS))
        more = {"games_not_read": not_read, "pitch_quality": savant.result()}
        seconds["states_and_rows"] = time.perf_counter() - begun - seconds["reading"]
        names = [target.name for target in sorted(chosen, key=_cost)]
        told = dict(workers.map(partial(_timed, choice, others), names))
    targets = {target.name: told[target.name][0] for target in chosen}
    seconds |= {name: took for name, (_, took) in told.items()}
    answer = _whole(choice, targets, others, seconds, now) | more
    return answer | {"seconds_in_all": time.perf_counter() - begun}


def _keep_rows(choice: Choice, lineups: Lineups) -> None:
    """Compute the rows of every season and leave them where the processes that judge find them."""
    rows = model_rows(read_seasons(choice.data, choice.years, choice.out / "seasons"), lineups)
    choice.rows.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        write(rows.of(kind).drop(_OF_THE_OTHER_ROLE[kind]), _file(choice, lineups, kind))


def _rows(choice: Choice, lineups: Lineups, kind: Rows) -> pl.DataFrame:
    return pl.read_parquet(_file(choice, lineups, kind))


def _file(choice: Choice, lineups: Lineups, kind: Rows) -> Path:
    return choice.rows / f"{lineups}-{kind}.parquet"


def _cost(target: Target) -> int:
    """Order targets so that two processes end together: those of batters have the most rows."""
    return KINDS.index(target.rows)


def _timed(choice: Choice, others: dict[str, Matched], name: str) -> tuple[str, tuple[dict[str, Any], float]]:
    started = time.perf_counter()
    (target,) = (target for target in TARGETS if target.name == name)
    judged = _judged(choice, others, target)
    return name, (judged, time.perf_counter() - started)


def _chosen(choice: Choice) -> list[Target]:
    known = {target.name: target for target in TARGETS}
    unknown = sorted(set(choice.targets) - known.keys())
    if unknown:
        raise UnknownTarget(f"expected targets among {sorted(known)}, got {unknown}")
    return [target for name, target in known.items() if not choice.targets or name in choice.targets]


def _judged(choice: Choice, others: dict[str, Matched], target: Target) -> dict[str, Any]:
    frame, seasons = _rows(choice, "confirmed", target.rows), choice.judged
    judged = walk(target, frame, seasons)
    found = report.target_report(
        judged, _variants(choice, judged), baselines_and_ablation.rivals(judged, frame, others, seasons)
    )
    return found | {"ablation": baselines_and_ablation.ablation(judged, frame)}


def _variants(choice: Choice, judged: Judged) -> dict[str, tuple[Sample, Forecasts]]:
    """Return forecasts without posted line-ups: of the same models, of a win also by models of their own."""
    target = judged.target
    if target.rows == "batter":
        return {}
    found = {
        name: again(judged, _rows(choice, lineups, target.rows)) for lineups, name in OTHER_LINEUPS.items()
    }
    if target.name == "home_win":
        own = walk(target, _rows(choice, "projected", "game"), choice.judged)
        found["projected line-ups, learnt from such"] = own.rows, own.ours
    return found


def _whole(
    choice: Choice,
    targets: dict[str, Any],
    others: dict[str, Matched],
    seconds: dict[str, float],
    now: datetime,
) -> dict[str, Any]:
    return {
        "made_at": now,
        "seasons": {"first": choice.first, "last": choice.last, "history": choice.history},
        "looks_at_held_out_seasons": holdout_log.note(choice.out, choice.judged, list(targets), now),
        "targets": targets,
        "asked_for": ASKED_FOR,
        "odds": {source: matched.summary() for source, matched in others.items()},
        "seconds": {name: round(took, 1) for name, took in seconds.items()},
        "notice": NOTICE,
    }
