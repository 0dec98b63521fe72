"""Console output of the cluster: a line for each process and each hop, or JSON."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hankstank.cli.terminal import show_value, stdout_console
from hankstank.cli.views import draw_game, draw_slate
from hankstank.dev.local_cluster.cluster import LocalCluster
from hankstank.dev.local_cluster.trace import Hop


def make_notifier(as_json: bool) -> Callable[[Any], None]:
    """Return a function that prints progress; with JSON it prints nothing."""
    return _ignore_message if as_json else _print_progress


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
            stdout_console().print(f"{cluster.label}: already running")
            for name, one in cluster.process_specs.items():
                stdout_console().print(f"{name:<12} {one.address}  process {cluster.processes[name].pid}")
        stdout_console().print(
            f"Logs are in {cluster.home / 'logs'}. Next: `hankstank cluster trigger`, then `stop`"
        )

    show_value(report, draw_started, as_json)


def show_stopped(stopped: Sequence[str], home: Path, as_json: bool) -> None:
    """Print what was stopped."""

    def draw_stopped(_report: Mapping[str, Any]) -> None:
        ended = f"stopped {', '.join(stopped)}" if stopped else "nothing was running"
        stdout_console().print(f"{home}: {ended}; stores and logs are kept")

    show_value({"stopped": list(stopped)}, draw_stopped, as_json)


def show_tick(summary: Mapping[str, Any], as_json: bool) -> None:
    """Draw the result of a run: total seconds and the next day's forecasts."""

    def draw_tick(report: Mapping[str, Any]) -> None:
        stdout_console().print(f"{report['seconds']:6.1f} s from the tick to the end of {report['run_id']}")
        if "refused" in report:
            stdout_console().print(f"No forecast: {report['refused']}")
        else:
            draw_slate(report["slate"])
        if report["game"]:
            draw_game(report["game"])

    show_value(summary, draw_tick, as_json)


def _print_progress(message: str | Hop) -> None:
    if isinstance(message, Hop):
        message = f"{message.seconds:6.1f} s  {message.service:<12} {message.topic:<17} {message.detail}"
    stdout_console().print(message, markup=False)


def _ignore_message(_message: object) -> None:
    pass
