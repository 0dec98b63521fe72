"""`python -m tests.bench [parsing …]`: measure, print a table, write build/bench.json."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec
from rich.console import Console

from shared.storage.files import write_atomically
from tests.bench import (
    backfill,
    game_runs,
    machine,
    merge,
    one_more_day,
    parsing,
    season,
    serving,
    six_processes,
    states,
    validation,
    windows,
)
from tests.bench.figures import Figure
from tests.bench.history import LEVELS
from tests.bench.table import markdown, show

_BUILD = Path("build")
_COMPARED = {"quick": (1, 2), "3": (1, 3), "7": (1, 3, 7)}

Bench = Callable[[argparse.Namespace], Iterator[Figure]]
BENCHES: dict[str, Bench] = {
    "parsing": lambda _asked: parsing.run(),
    "validation": lambda _asked: validation.run(),
    "game-runs": lambda _asked: game_runs.run(),
    "windows": lambda _asked: windows.run(),
    "merge": lambda _asked: merge.run(),
    "season": lambda _asked: season.run(_BUILD / "bench"),
    "backfill": lambda _asked: backfill.run(_BUILD / "bench-backfill"),
    "six_processes": lambda _asked: six_processes.run(_BUILD / "bench-up"),
    "serving": lambda _asked: serving.run(Path("var/run")),
    "states": lambda requested: states.run(_BUILD / "bench", _BUILD / "bench-home", _levels(requested)),
    "one_more_day": lambda requested: one_more_day.run(
        _BUILD / "bench", _BUILD / "bench-home", _levels(requested)
    ),
}


def main(words: Sequence[str] | None = None) -> None:
    """Run the benchmarks asked for, all of them by default."""
    requested = _arguments().parse_args(words)
    console = Console(stderr=True, highlight=False)
    facts, figures = machine.facts(), []
    for name in requested.benches or BENCHES:
        console.print(f"measuring {name} …")
        figures += BENCHES[name](requested)
    _write(requested.out, {"machine": facts, "figures": [asdict(figure) for figure in figures]})
    if requested.markdown:
        sys.stdout.write(markdown(figures, facts) + "\n")
    else:
        show(figures, facts, Console())


def _levels(requested: argparse.Namespace) -> tuple[int, ...]:
    return _COMPARED["quick" if requested.quick else str(requested.history)]


def _write(path: Path, result: dict[str, object]) -> None:
    write_atomically(path, msgspec.json.format(msgspec.json.encode(result), indent=2))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("benches", nargs="*", choices=[[], *BENCHES], metavar=" ".join(BENCHES))
    parser.add_argument(
        "--history", type=int, choices=LEVELS[2:], default=_history(), help="seasons behind one more day"
    )
    parser.add_argument("--quick", action="store_true", help="one and two seasons behind one more day")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--out", type=Path, default=_BUILD / "bench.json")
    return parser


def _history() -> int:
    return int(os.environ.get("HANKSTANK_BENCH_HISTORY", "3"))


if __name__ == "__main__":
    main()
