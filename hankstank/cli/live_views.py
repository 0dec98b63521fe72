"""Draws the status of the live service, and its summary when it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer

from hankstank import terminal
from hankstank.live.first_start import Questions


def draw_live_status(status: Mapping[str, Any]) -> None:
    """Draw what the service does now and a line for each schedule."""
    process = status["process"]
    running = (
        f"runs as process {process.get('pid')} since {process.get('since')}" if process else "does not run"
    )
    terminal.print_text(
        f"{status['world']}: the live service {running}; its time is {status['now']:%Y-%m-%d %H:%M} UTC"
    )
    if job := status["job"]:
        terminal.print_text(f"now: {job['run_id']}, since {job['started_at']:%Y-%m-%d %H:%M} UTC")
    terminal.draw_rows(
        ("schedule", "when", "state", "next", "last", "ended"),
        [_row(one) for one in status["schedules"]],
    )


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    last = one["last"] or {}
    due = _local_time(datetime.fromisoformat(last["due"]), one["time_zone"]) if last else "never"
    ended = " ".join(filter(None, (last.get("outcome", ""), last.get("reason", ""))))
    return (
        one["name"],
        f"{one['cron']} {one['time_zone']}",
        one["state"],
        _local_time(one["next"], one["time_zone"]),
        due,
        ended,
    )


def _local_time(moment: datetime, time_zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"


def draw_live_end(summary: Mapping[str, Any]) -> None:
    """Draw where the service stopped."""
    left = f"; left to do: {', '.join(summary['pending'])}" if summary["pending"] else ""
    terminal.print_text(f"stopped at {summary['now']:%Y-%m-%d %H:%M} UTC{left}")


def first_start_questions() -> Questions:
    """Return what a first start asks at the terminal."""
    return Questions(
        choose_begin=lambda: typer.prompt(
            "These stores are new. How far back shall they be filled? A season (2025) or a day (2025-04-01)",
            err=True,
        ).strip(),
        confirm=lambda _estimate: typer.confirm("Begin?", default=True, err=True),
    )
