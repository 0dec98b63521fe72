"""The whole evaluation: seasons read, rows computed day by day, models made each spring, forecasts judged."""

import logging
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from hankstank.evaluation import looks, opponents, page, report
from hankstank.evaluation.rivals import Matched, read_rivals
from hankstank.evaluation.rows import ModelRows, model_rows
from hankstank.evaluation.seasons import read_seasons
from hankstank.evaluation.walk import again, walk
from hankstank.outcomes import CannotDo
from services.trainer.targets import TARGETS, Target

log = logging.getLogger(__name__)

REPORT, PAGE = "report.json", "report.html"
OTHER_LINEUPS = {"projected": "projected line-ups", "unknown": "line-ups unknown"}
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


class UnknownTarget(CannotDo):
    """A target that is not forecast."""


def evaluate(choice: Choice, now: datetime) -> dict[str, Any]:
    """Judge the targets and write report.json and report.html; return the report.

    Raises:
        UnknownTarget: a target is not among the trainer's.
        CannotDo: a season is not in the data folder.
    """
    chosen, begun = _chosen(choice), time.perf_counter()
    years, judged = range(choice.history, choice.last + 1), range(choice.first, choice.last + 1)
    seconds: dict[str, float] = {}
    seasons = read_seasons(choice.data, years, choice.out / "seasons")
    seconds["reading"] = time.perf_counter() - begun
    rows = {name: model_rows(seasons, name) for name in ("confirmed", *OTHER_LINEUPS)}  # type: ignore[arg-type]
    seconds["states_and_rows"] = time.perf_counter() - begun - seconds["reading"]
    others = read_rivals(choice.data, rows["confirmed"].games.filter(pl.col("season").is_in(list(judged))))
    targets = {}
    for target in chosen:
        started = time.perf_counter()
        targets[target.name] = _judged(target, rows, others, judged)
        seconds[target.name] = time.perf_counter() - started
        log.info("%s judged in %.0f s", target.name, seconds[target.name])
    answer = _whole(choice, targets, others, seconds, now) | {"seconds_in_all": time.perf_counter() - begun}
    choice.out.mkdir(parents=True, exist_ok=True)
    (choice.out / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(answer)))
    (choice.out / PAGE).write_text(page.rendered(answer), encoding="utf-8")
    return answer


def _chosen(choice: Choice) -> list[Target]:
    known = {target.name: target for target in TARGETS}
    unknown = sorted(set(choice.targets) - known.keys())
    if unknown:
        raise UnknownTarget(f"expected targets among {sorted(known)}, got {unknown}")
    return [target for name, target in known.items() if not choice.targets or name in choice.targets]


def _judged(
    target: Target, rows: dict[str, ModelRows], others: dict[str, Matched], seasons: Sequence[int]
) -> dict[str, Any]:
    frame = rows["confirmed"].of(target.rows)
    judged = walk(target, frame, seasons)
    variants = {
        name: again(judged, rows[lineups].of(target.rows))
        for lineups, name in OTHER_LINEUPS.items()
        if target.rows != "batter"
    }
    found = report.target_report(judged, variants, opponents.rivals(judged, frame, others, seasons))
    return found | {"ablation": opponents.ablation(judged, frame, seasons)}


def _whole(
    choice: Choice,
    targets: dict[str, Any],
    others: dict[str, Matched],
    seconds: dict[str, float],
    now: datetime,
) -> dict[str, Any]:
    judged = range(choice.first, choice.last + 1)
    return {
        "made_at": now,
        "seasons": {"first": choice.first, "last": choice.last, "history": choice.history},
        "looks_at_held_out_seasons": looks.note(choice.out, judged, list(targets), now),
        "targets": targets,
        "odds": {source: matched.summary() for source, matched in others.items()},
        "seconds": {name: round(took, 1) for name, took in seconds.items()},
        "peak_memory_mb": round(_peak_memory_mb()),
        "notice": NOTICE,
    }


def _peak_memory_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
