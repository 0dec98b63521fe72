"""Renders a backfill's report as one self-contained HTML page: coverage, and forecasts of strikeouts."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evaluation.page import RETROSHEET_NOTICE, html_table, page_style

_COVERAGE = {
    "scheduled": "scheduled",
    "final": "final",
    "postponed": "postponed",
    "collected": "collected",
    "graded": "graded",
    "plate_appearances": "plate appearances",
    "pitches": "pitches",
    "lineups": "line-ups",
}
_SCORES = {"log_loss": "log loss", "rps": "RPS", "mae": "MAE", "rmse": "RMSE"}
_CHART_WIDTH, _ROW_HEIGHT, _NAME_WIDTH = 640, 26, 190


def render_page(report: Mapping[str, Any]) -> str:
    """Return the page of a backfill's report, whose fields are in built-in types."""
    strikeouts, coverage = report["strikeouts"], report["coverage"]
    season = next((part["season"] for part in (coverage, strikeouts) if part), "of Savant's days")
    title = f"Season {season}: {'what is stored, and ' if coverage else ''}forecasts of strikeouts"
    notice = RETROSHEET_NOTICE if "retrosheet" in report["source"].lower() else ""
    parts = (
        _coverage_section(coverage) if coverage else "",
        _check_section(report["check"]) if report["check"] else "",
        _strikeouts_section(strikeouts)
        if strikeouts
        else f"<section><h2>Strikeouts</h2><p>{escape(report['not_compared'])}.</p></section>",
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{page_style()}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main>"
        f"<footer>Source: {escape(report['source'])}. {escape(notice)}</footer></body></html>"
    )


def _coverage_section(coverage: Mapping[str, Any]) -> str:
    months = (*coverage["months"], coverage["total"], coverage["postseason"])
    rows = [
        (
            month["month"],
            *(f"{month[name]:,}" for name in _COVERAGE),
            f"{month['strikeouts_agree']:,} of {month['starts']:,}",
            f"{month['scores_agree']:,} of {month['final']:,}",
        )
        for month in months
        if month["scheduled"] or month["final"]
    ]
    head = ("", *_COVERAGE.values(), "strikeouts agree", "scores agree")
    collected = f"{coverage['total']['collected']:,} of {coverage['expected']:,} regular games are collected."
    return (
        f"<section><h2>Coverage</h2><p>{collected} Starters' strikeouts agree where the box score has the "
        "number that the plays have; a score agrees where it is the sum of its innings.</p>"
        f"{_scrolling(html_table(head, rows))}{_missing_list(coverage['missing'])}</section>"
    )


def _missing_list(missing: Sequence[Mapping[str, Any]]) -> str:
    if not missing:
        return "<p>No game is missing.</p>"
    items = "".join(
        f"<li>{escape(' '.join(str(one[key]) for key in ('game_date', 'game_pk') if one[key]))}: "
        f"{escape(one['reason'])}</li>"
        for one in missing
    )
    return f"<details><summary>Missing games</summary><ul>{items}</ul></details>"


def _check_section(check: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{start['game_date']}, game {start['game_pk']}, pitcher {start['pitcher_id']}",
            f"{start['counted']}",
            f"{start['recorded']}",
            start["reason"] or "unexplained",
        )
        for start in check["differing"]
    ]
    agree = f"{check['agreeing']:,} of {check['starts']:,} starts"
    table = html_table(("differing", "from pitches", "on record", "because"), rows)
    return (
        f"<section><h2>Strikeouts counted from Savant's pitches</h2><p>In {agree} they are those on record."
        f"</p>{_scrolling(table) if rows else ''}</section>"
    )


def _strikeouts_section(report: Mapping[str, Any]) -> str:
    left_out = ", ".join(f"{count:,} with {reason}" for reason, count in report["left_out"].items())
    verdict, looks = report["verdict"], ", ".join(f"{n}" for n in report["evaluations"].values())
    rows = [
        (one["name"], *(text for key in _SCORES for text in _score_cells(one[key])))
        for one in report["forecasters"]
    ]
    head = ("", *(text for label in _SCORES.values() for text in (label, "difference")))
    return (
        f"<section><h2>Forecasts of starters' strikeouts</h2><p>{report['starts']:,} starts in "
        f"{report['games']:,} games from {report['first']} to {report['last']}, all forecast by fits on the "
        f"starts known before; left out: {escape(left_out) or 'none'}. Lower is better. Differences are to "
        "ours with the usual features, on the same starts, with standard errors clustered by game: below 0 "
        "is better than ours. Log loss and RPS are of the whole distribution, MAE and RMSE of its mean.</p>"
        f"{_scrolling(html_table(head, rows))}{_difference_chart(report['forecasters'])}"
        f'<p class="verdict"><strong>{escape(verdict["text"])}</strong></p><p>{escape(report["rule"])} '
        f"Evaluations of this season so far: {looks or 'not counted'}.</p>"
        f"{_periods_table(report['periods'])}</section>"
    )


def _score_cells(score: Mapping[str, float]) -> tuple[str, str]:
    difference = f"{score['difference']:+.4f} ± {score['se']:.4f}" if score["se"] else ""
    return f"{score['value']:.4f}", difference


def _difference_chart(forecasters: Sequence[Mapping[str, Any]]) -> str:
    """Draw each forecaster's difference in log loss with bars of two standard errors."""
    shown = [(one["name"], one["log_loss"]) for one in forecasters if one["log_loss"]["se"]]
    ranges = [[score["difference"] + side * 2 * score["se"] for side in (-1, 0, 1)] for _, score in shown]
    ends = [0.0, *(end for one in ranges for end in one)]
    scale = (_CHART_WIDTH - _NAME_WIDTH - 20) / ((max(ends) - min(ends)) or 1.0)
    height = _ROW_HEIGHT * len(shown) + 24

    def to_x(value: float) -> str:
        return f"{_NAME_WIDTH + 10 + (value - min(ends)) * scale:.1f}"

    marks = ""
    for row, ((name, _), (low, middle, high)) in enumerate(zip(shown, ranges, strict=True)):
        y = row * _ROW_HEIGHT + 14
        marks += (
            f'<text x="0" y="{y + 4}">{escape(name)}</text>'
            f'<line x1="{to_x(low)}" y1="{y}" x2="{to_x(high)}" y2="{y}" class="error"/>'
            f'<circle cx="{to_x(middle)}" cy="{y}" r="4"/>'
        )
    zero = f'<line x1="{to_x(0.0)}" y1="0" x2="{to_x(0.0)}" y2="{height - 20}" class="even"/>'
    label = f'<text x="{to_x(0.0)}" y="{height - 4}" text-anchor="middle">0: ours, usual features</text>'
    return (
        f'<figure><svg viewBox="0 0 {_CHART_WIDTH} {height}" width="{_CHART_WIDTH}" role="img" '
        f'aria-label="Difference in log loss to ours">{zero}{marks}{label}</svg>'
        "<figcaption>Log loss less that of ours with the usual features; bars are two standard errors "
        "to each side.</figcaption></figure>"
    )


def _periods_table(periods: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"{one['first']} to {one['last']}",
            f"{one['judged']:,}",
            f"{one['fitted_on']:,}",
            f"{one['fitted_through']}",
        )
        for one in periods
    ]
    table = html_table(("judged days", "starts", "fitted on starts", "through"), rows)
    return f"<details><summary>Fits: {len(rows)}</summary>{_scrolling(table)}</details>"


def _scrolling(table: str) -> str:
    return f'<div class="scroll" tabindex="0">{table}</div>'
