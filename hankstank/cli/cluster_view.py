"""Console output of the cluster: a line for each process and each hop, or JSON."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hankstank.cli.views import draw_game, draw_slate
from hankstank.dev.local_cluster.cluster import LocalCluster
from hankstank.dev.local_cluster.trace import Hop
from hankstank.terminal import print_text, show_value


def make_notifier(as_json: bool) -> Callable[[Any], None]:
    """Return a function that prints progress; with JSON it prints nothing."""
    return (lambda _message: None) if as_json else _print_progress


def show_started(cluster: LocalCluster, is_new: bool, as_json: bool) -> None:
    """Print what runs and the next commands."""
    report = {
        "started": is_new,
        "home": cluster.home,
        "addresses": {name: one.address for name, one in cluster.process_specs.items()},
        "pids": {name: process.pid for name, process in cluster.processes.items()},
    }

    def draw_started(_report: Mapping[str, Any]) -> None:
        if not is_new:
            print_text(f"{cluster.label}: already running")
            for name, one in cluster.process_specs.items():
                print_text(f"{name:<12} {one.address}  process {cluster.processes[name].pid}")
        print_text(f"Logs are in {cluster.home / 'logs'}. Next: `hankstank cluster trigger`, then `stop`")

    show_value(report, draw_started, as_json)


def show_stopped(stopped: Sequence[str], home: Path, as_json: bool) -> None:
    """Print what was stopped."""
    ended = f"stopped {', '.join(stopped)}" if stopped else "nothing was running"
    show_value(
        {"stopped": list(stopped)},
        lambda _report: print_text(f"{home}: {ended}; stores and logs are kept"),
        as_json,
    )


def draw_tick(report: Mapping[str, Any]) -> None:
    """Draw the result of a run: total seconds and the next day's forecasts."""
    print_text(f"{report['seconds']:6.1f} s from the tick to the end of {report['run_id']}")
    if "refused" in report:
        print_text(f"No forecast: {report['refused']}")
    else:
        draw_slate(report["slate"])
    if report["game"]:
        draw_game(report["game"])


def _print_progress(message: str | Hop) -> None:
    if isinstance(message, Hop):
        message = f"{message.seconds:6.1f} s  {message.service:<12} {message.topic:<17} {message.detail}"
    print_text(message)
