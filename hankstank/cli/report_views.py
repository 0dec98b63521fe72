"""Draws morning reports."""

from collections.abc import Sequence
from typing import Any

from hankstank import terminal
from shared.reporting.text import describe_record, render_text
from shared.reporting.words import format_day, format_percent
from shared.storage.daily_reports import DailyReport


def draw_reports(reports: Sequence[dict[str, Any]]) -> None:
    """Draw a line for each report."""
    rows = [
        [str(one["day"]), "all well" if one["all_well"] else "needs you", one["headline"]] for one in reports
    ]
    empty = "No report is stored yet: the first comes at 07:00 in New York, after a collection."
    terminal.draw_rows(["morning", "state", "in one sentence"], rows, empty=empty)


def draw_report(report: DailyReport) -> None:
    """Draw a report: the short text, then games, starters and the record."""
    terminal.print_text(format_day(report.day), style="bold")
    terminal.print_text(render_text(report))
    if report.games:
        rows = [
            [
                f"{game.away} at {game.home}",
                f"{game.away_score}–{game.home_score}",
                game.favourite or "–",
                format_percent(game.chance),
                {True: "yes", False: "no", None: "–"}[game.is_hit],
            ]
            for game in report.games
        ]
        terminal.draw_rows(["game", "score", "favourite", "chance", "won"], rows, title="Games")
    if report.starters:
        rows = [
            [
                f"{one.name}, {one.club}",
                str(one.strikeouts),
                f"{one.expected:.1f}",
                f"{one.low} to {one.high}",
            ]
            for one in report.starters
        ]
        terminal.draw_rows(["starter", "strikeouts", "expected", "80 % range"], rows)
    if report.record:
        rows = [[one.title, one.window, describe_record(one)] for one in report.record]
        terminal.draw_rows(["forecast of", "window", "record"], rows, title="Track record")
