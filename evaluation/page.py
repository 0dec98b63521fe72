"""The evaluation as one page of HTML that needs nothing else: tables and diagrams."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from evaluation import charts

_STYLE = Path(__file__).with_name("page.css")
_SCORES = (
    ("rows", "rows", "{:,.0f}"),
    ("log_loss", "log loss", "{:.4f}"),
    ("log_loss_se", "±", "{:.4f}"),
    ("any_log_loss", "log loss of at least one", "{:.4f}"),
    ("brier", "Brier", "{:.4f}"),
    ("rps", "RPS", "{:.4f}"),
    ("absolute_median", "MAE of the median", "{:.3f}"),
    ("absolute", "of the mean", "{:.3f}"),
    ("rmse", "RMSE", "{:.3f}"),
)


def render_page(report: Mapping[str, Any]) -> str:
    """Return the page."""
    seasons = report["seasons"]
    title = f"Forecasts of {seasons['first']} to {seasons['last']}, learnt from {seasons['history']} on"
    looks = ", ".join(f"{season}: {times}" for season, times in report["looks_at_held_out_seasons"].items())
    sections = "".join(_target_section(name, told) for name, told in report["targets"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE.read_text('utf-8')}</style></head><body><h1>{escape(title)}</h1>"
        "<p>Models are made anew before each season by the trainer's own rules, states are brought up to "
        "date every day. Lower scores are better. Differences are ours minus theirs on the same rows, with "
        "standard errors clustered by game: below 0 ours is better. The absolute error of a count is that of "
        "the served distribution's median, which makes it least; that of the mean is told beside it.</p>"
        f"<p>Times these seasons were looked at here: {escape(looks)}. "
        f"Made in {report['seconds_in_all']:.0f} s with {report['peak_memory_mb']:,} MB at most.</p>"
        f"{sections}{_pitch_quality_section(report['pitch_quality'])}{_requested_section(report['asked_for'])}"
        f"{_unread_games_section(report['games_not_read'])}{_odds_section(report['odds'])}"
        f"<footer>{escape(report['notice'])}</footer></body></html>"
    )


def _target_section(name: str, target_report: Mapping[str, Any]) -> str:
    forms = ", ".join(f"{season} {form.replace('_', ' ')}" for season, form in target_report["forms"].items())
    return (
        f"<section><h2>{escape(name.replace('_', ' '))}</h2><p>Champion by season: {escape(forms)}.</p>"
        f"<h3>Ours</h3>{_scores_table(target_report['variants'])}{_calibration_figures(target_report['variants'])}"
        f"<h3>Against others, on the rows they forecast</h3>{_benchmarks_table(target_report['rivals'])}"
        f"<h3>By season and month</h3>{_season_scores_table(target_report['variants'])}"
        f"{_scores_table(target_report['by_month'])}"
        f"{_ablation_table(target_report['ablation'])}</section>"
    )


def _scores_table(parts: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("", *(label for _, label, _ in _SCORES))
    rows = [(name, *(shape.format(one[key]) for key, _, shape in _SCORES)) for name, one in parts.items()]
    return _html_table(head, rows)


def _season_scores_table(variants: Mapping[str, Mapping[str, Any]]) -> str:
    return _scores_table(
        {
            f"{season}, {name}": one
            for name, variant in variants.items()
            for season, one in variant["by_season"].items()
        }
    )


def _calibration_figures(variants: Mapping[str, Mapping[str, Any]]) -> str:
    drawn = []
    for name, one in variants.items():
        line = one["calibration"]
        parts = [f"{name}: slope {line['slope']:.3f} ± {line['slope_se']:.3f}"]
        pictures = charts.reliability_diagram(one["reliability"])
        if "pit" in one:
            pit, coverage = one["pit"], one["coverage_80"]
            parts.append(
                f"{pit['between_10_and_90']:.1%} between .1 and .9, KS distance {pit['ks_distance']:.4f}"
            )
            parts.append(f"80 % intervals held {coverage['held']:.1%}, promised {coverage['promised']:.1%}")
            pictures += charts.pit_histogram(pit["histogram"])
        drawn.append(f"<figure>{pictures}<figcaption>{escape('; '.join(parts))}</figcaption></figure>")
    return "".join(drawn)


def _benchmarks_table(rivals: Mapping[str, Mapping[str, Any]]) -> str:
    head = (
        "",
        "rows",
        "log loss",
        "ours",
        "difference",
        "at least one",
        "RPS",
        "MAE of the median",
        "of the mean",
    )
    rows = [
        (
            name,
            f"{one['rows']:,}",
            f"{one['log_loss']:.4f}",
            f"{one['ours']['log_loss']:.4f}",
            *(
                _difference_text(one["ours_minus_theirs"][key])
                for key in ("log_loss", "any_log_loss", "rps", "absolute_median", "absolute")
            ),
        )
        for name, one in rivals.items()
        if one["rows"]
    ]
    return _html_table(head, rows)


def _ablation_table(families: Mapping[str, Mapping[str, Any]]) -> str:
    if not families:
        return ""
    rows = [
        (name, "read" if one["read"] else "added", _difference_text(one)) for name, one in families.items()
    ]
    return "<h3>What each family of features does</h3>" + _html_table(
        ("", "", "log loss with it, minus without"), rows
    )


def _unread_games_section(games: Mapping[str, str]) -> str:
    if not games:
        return ""
    items = "".join(f"<li>{escape(why)}</li>" for why in games.values())
    return f"<section><h2>Games that could not be read: {len(games)}</h2><ul>{items}</ul></section>"


def _pitch_quality_section(ablation: Mapping[str, Any]) -> str:
    if not ablation:
        return ""
    starts = f"{ablation['starts']:,} starts from {ablation['first']} to {ablation['last']}"
    return (
        f"<section><h2>What pitches were like</h2><p>Of {starts} in Savant's files: strikeouts per start "
        "until then, fitted, with and without rates of the pitcher's pitches until the day before.</p>"
        f"{_ablation_table(ablation['families'])}</section>"
    )


def _requested_section(requested: Mapping[str, Mapping[str, Any]]) -> str:
    kinds = ("game", "batter", "starter")
    rows = [
        (name, *(_availability_text(one[kind]) for kind in kinds), one.get("why", ""))
        for name, one in requested.items()
    ]
    return f"<section><h2>What was asked for</h2>{_html_table(('', *kinds, ''), rows)}</section>"


def _availability_text(answer: Sequence[str] | str) -> str:
    return answer if isinstance(answer, str) else ", ".join(answer)


def _odds_section(sources: Mapping[str, Mapping[str, Any]]) -> str:
    if not sources:
        return "<section><h2>Odds</h2><p>No odds and no other forecasts are in the data folder.</p></section>"
    head = ("", "quotes", "matched with result", "without", "unusable prices", "unmatched")
    counted = ("quotes", "matched_by_date_teams_and_result", "matched_by_date_and_teams")
    rows = [
        (name, *(f"{one[key]:,}" for key in counted), str(len(one["unusable"])), str(len(one["unmatched"])))
        for name, one in sources.items()
    ]
    left = [
        f"{name}: {line}" for name, one in sources.items() for line in (*one["unusable"], *one["unmatched"])
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in left)
    return (
        f"<section><h2>Odds</h2>{_html_table(head, rows)}<details>"
        f"<summary>What was left over: {len(left)}</summary><ul>{items}</ul></details></section>"
    )


def _difference_text(one: Mapping[str, float]) -> str:
    return f"{one['mean']:+.5f} ± {one['se']:.5f}"


def _html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(text)}</td>' for text in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
