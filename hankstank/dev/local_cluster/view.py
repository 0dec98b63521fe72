"""What people see of a town: a line for each process and each hop, or JSON for programs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hankstank.cli.terminal import out, show
from hankstank.cli.views import game, slate
from hankstank.dev.local_cluster.cluster import Town
from hankstank.dev.local_cluster.trace import Hop


def teller(as_json: bool) -> Callable[[Any], None]:
    """Return what says things as they happen; programs wait for the end."""
    return _nothing if as_json else _say


def came_up(town: Town, is_new: bool, as_json: bool) -> None:
    """Say what runs, and what can be done with it."""
    told = {
        "started": is_new,
        "home": town.home,
        "addresses": {name: one.address for name, one in town.residents.items()},
        "pids": {name: process.pid for name, process in town.processes.items()},
    }

    def draw(_told: Mapping[str, Any]) -> None:
        if not is_new:
            out().print(f"{town.label}: runs already")
            for name, one in town.residents.items():
                out().print(f"{name:<12} {one.address}  process {town.processes[name].pid}")
        out().print(f"Logs are in {town.home / 'logs'}. Next: `hankstank tick`, then `hankstank down`")

    show(told, draw, as_json)


def went_down(ran: Sequence[str], home: Path, as_json: bool) -> None:
    """Say what was ended."""

    def draw(_told: Mapping[str, Any]) -> None:
        ended = f"ended {', '.join(ran)}" if ran else "nothing was running"
        out().print(f"{home}: {ended}; the stores and logs stay")

    show({"ended": list(ran)}, draw, as_json)


def ticked(summary: Mapping[str, Any], as_json: bool) -> None:
    """Draw what a tick led to: seconds in all and the forecasts of the day after."""

    def draw(told: Mapping[str, Any]) -> None:
        out().print(f"{told['seconds']:6.1f} s from the tick to the end of {told['run_id']}")
        if "refused" in told:
            out().print(f"No forecast: {told['refused']}")
        else:
            slate(told["slate"])
        if told["game"]:
            game(told["game"])

    show(summary, draw, as_json)


def _say(told: str | Hop) -> None:
    if isinstance(told, Hop):
        told = f"{told.seconds:6.1f} s  {told.room:<12} {told.topic:<17} {told.told}"
    out().print(told, markup=False)


def _nothing(_told: object) -> None:
    pass
