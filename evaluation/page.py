"""Renders the evaluation as one self-contained HTML page of tables and diagrams."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from evaluation import charts

RETROSHEET_NOTICE = (
    "The information used here was obtained free of charge from and is copyrighted by Retrosheet. Interested "
    "parties may contact Retrosheet at 20 Sunset Rd., Newark, DE 19711."
)
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
    """Return the page of an evaluation's report (see `run.run_evaluation`)."""
    seasons = report["seasons"]
    title = f"Forecasts of {seasons['first']} to {seasons['last']}, trained from {seasons['history']} on"
    runs = report["evaluations_of_held_out_seasons"]
    counts = ", ".join(f"{season}: {times}" for season, times in runs.items())
    sections = "".join(_target_section(name, target) for name, target in report["targets"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{page_style()}</style></head><body><h1>{escape(title)}</h1>"
        "<p>Models are trained before each season by the trainer's own rules; states are updated every day. "
        "Lower scores are better. Differences are ours minus theirs on the same rows, with standard errors "
        "clustered by game: below 0 ours is better. The absolute error of a count is that of the "
        "distribution's median, which minimises it; the mean's is given beside it.</p>"
        f"<p>Evaluations of these seasons of these data: {escape(counts)}, counted in "
        f"{escape(report['evaluations_are_counted_in'])}. "
        f"Run time {report['seconds_in_all']:.0f} s, peak memory {report['peak_memory_mb']:,} MB.</p>"
        f"{_comparisons_note(report['ablation_comparisons'])}"
        f"{sections}{_one_game_section(report['one_game'])}{_pitch_quality_section(report['pitch_quality'])}"
        f"{_requested_section(report['requested_features'])}"
        f"{_unreadable_games_section(report['unreadable_games'])}"
        f"{_odds_section(report['odds'], report['odds_not_read'])}"
        f"<footer>{escape(report['notice'])}</footer></body></html>"
    )


def _comparisons_note(comparisons: int) -> str:
    if not comparisons:
        return ""
    return (
        f"<p>Effects of feature groups: {comparisons} comparisons in all. Were every group worth nothing, "
        f"some {0.0455 * comparisons:.0f} of them would lie beyond two standard errors.</p>"
    )


def page_style() -> str:
    """Return the style sheet of the evaluation's pages."""
    return _STYLE.read_text("utf-8")


def _target_section(name: str, target_report: Mapping[str, Any]) -> str:
    variants = target_report["variants"]
    voices = ", ".join(target_report["pool"])
    warnings = "".join(f"<p>{escape(line)}</p>" for line in target_report["too_good_to_be_true"])
    return (
        f"<section><h2>{escape(name.replace('_', ' '))}</h2><p>Mean of: {escape(voices)}. An honest log loss "
        f"is at least {target_report['bound']:g}.</p>{warnings}"
        f"<h3>Our forecasts</h3>{_scores_table(variants)}{_calibration_figures(variants)}"
        f"{_gate_table(variants)}{_lines_table(variants)}"
        "<h3>Compared with benchmarks, on the rows they forecast</h3>"
        f"{_benchmarks_table(target_report['rivals'])}"
        f"<h3>By season and month</h3>{_season_scores_table(variants)}"
        f"{_scores_table(target_report['by_month'])}"
        f"{_ablation_table(target_report.get('ablation', {}))}"
        f"{_nested_section(target_report.get('nested', {}))}</section>"
    )


def _gate_table(variants: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            name,
            _with_error(gate["slope"], gate["slope_se"]),
            _with_error(gate["intercept"], gate["intercept_se"]),
            gate["fault"] or "passes",
        )
        for name, gate in ((name, variant["gate"]) for name, variant in variants.items())
    ]
    head = ("", "slope", "intercept at the mean forecast", "gate")
    return f"<h3>Calibration of the mean</h3>{html_table(head, rows)}"


def _lines_table(variants: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            f"over {line}, {name}",
            f"{at_line['promised']:.4f}",
            f"{at_line['happened']:.4f}",
            _with_error(at_line["difference"], at_line["difference_se"]),
        )
        for name, variant in variants.items()
        for line, at_line in variant.get("by_line", {}).items()
    ]
    if not rows:
        return ""
    return "<h3>Calibration at lines</h3>" + html_table(("", "promised", "happened", "difference"), rows)


def _nested_section(nested: Mapping[str, Any]) -> str:
    if not nested:
        return ""
    chosen = [(season, name) for season, name in nested["chosen"].items()]
    losses = [
        (label, _with_error(nested[key]["log_loss"], nested[key]["se"]))
        for key, label in (
            ("nested", "chosen on earlier seasons"),
            ("pool", "the pool as it is"),
            ("hindsight", f"best with hindsight: {nested['hindsight']['candidate']}"),
        )
    ]
    bias, cost = nested["hindsight_minus_nested"], nested["nested_minus_pool"]
    losses += [
        ("selection bias: hindsight minus nested", _difference_text(bias)),
        ("nested minus the pool", _difference_text(cost)),
    ]
    return (
        f"<h3>Chosen on earlier seasons alone, among {nested['candidates']} candidates</h3>"
        f"{html_table(('season', 'candidate'), chosen)}{html_table(('', 'log loss'), losses)}"
    )


def _scores_table(parts: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("", *(label for _, label, _ in _SCORES))
    rows = [
        (name, *(shape.format(scores[key]) for key, _, shape in _SCORES)) for name, scores in parts.items()
    ]
    return html_table(head, rows)


def _season_scores_table(variants: Mapping[str, Mapping[str, Any]]) -> str:
    return _scores_table(
        {
            f"{season}, {name}": scores
            for name, variant in variants.items()
            for season, scores in variant["by_season"].items()
        }
    )


def _calibration_figures(variants: Mapping[str, Mapping[str, Any]]) -> str:
    figures = []
    for name, variant in variants.items():
        line = variant["calibration"]
        parts = [f"{name}: slope {line['slope']:.3f} ± {line['slope_se']:.3f}"]
        diagrams = charts.reliability_diagram(variant["reliability"])
        if "pit" in variant:
            pit, coverage = variant["pit"], variant["coverage_80"]
            parts.append(
                f"{pit['between_10_and_90']:.1%} between .1 and .9, KS distance {pit['ks_distance']:.4f}"
            )
            parts.append(
                f"80 % intervals covered {coverage['held']:.1%}, nominally {coverage['promised']:.1%}"
            )
            diagrams += charts.pit_histogram(pit["histogram"])
        figures.append(f"<figure>{diagrams}<figcaption>{escape('; '.join(parts))}</figcaption></figure>")
    return "".join(figures)


def _benchmarks_table(benchmarks: Mapping[str, Mapping[str, Any]]) -> str:
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
            f"{scores['rows']:,}",
            f"{scores['log_loss']:.4f}",
            f"{scores['ours']['log_loss']:.4f}",
            *(
                _difference_text(scores["ours_minus_theirs"][key])
                for key in ("log_loss", "any_log_loss", "rps", "absolute_median", "absolute")
            ),
        )
        for name, scores in benchmarks.items()
        if scores["rows"]
    ]
    return html_table(head, rows)


def _ablation_table(groups: Mapping[str, Mapping[str, Any]]) -> str:
    if not groups:
        return ""
    rows = [
        (name, "used" if effect["read"] else "added", _difference_text(effect))
        for name, effect in groups.items()
    ]
    return "<h3>Effect of each feature group</h3>" + html_table(
        ("", "", "log loss with it, minus without"), rows
    )


def _one_game_section(judged: Mapping[str, Any]) -> str:
    if not judged:
        return ""
    agreement = judged["consistency"]
    reversed_favourites = agreement["favourites_expected_to_score_less"]
    return (
        f"<section><h2>One game</h2><p>{judged['games']:,} games: everything of runs is read from one "
        "distribution of scores. Its chance of a home win is the served one within "
        f"{agreement['largest_gap_to_served_chance']:.6f}; {reversed_favourites:,} "
        f"of {agreement['clear_favourites']:,} favourites beyond 51 % are expected to score less.</p>"
        f"{_one_game_scores(judged['scores'])}{_one_game_shares(judged['shares'])}"
        f"{_one_game_lines(judged['lines'])}</section>"
    )


def _one_game_scores(scores: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (name, f"{one['ours']:.4f}", f"{one['former']:.4f}", _difference_text(one))
        for name, one in scores.items()
    ]
    return html_table(("", "ours", "clubs that score apart", "difference"), rows)


def _one_game_shares(shares: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (
            name,
            f"{one['forecast']:.2%}",
            f"{one['happened']:.2%} ± {one['se']:.2%}",
            f"{one['errors_apart']:+.1f}",
        )
        for name, one in shares.items()
    ]
    return html_table(("Share of games", "forecast", "happened", "standard errors apart"), rows)


def _one_game_lines(lines: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (
            name,
            f"{one['rows']:,}",
            f"{one['pushes']:,}",
            f"{one['ours']:.4f}",
            f"{one['market']:.4f}",
            _difference_text(one),
        )
        for name, one in lines.items()
    ]
    head = ("Betting line", "games", "pushes, left out", "Brier, ours", "market", "difference")
    return html_table(head, rows) if rows else ""


def _unreadable_games_section(games: Mapping[str, str]) -> str:
    if not games:
        return ""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in games.values())
    return f"<section><h2>Games that could not be read: {len(games)}</h2><ul>{items}</ul></section>"


def _pitch_quality_section(ablation: Mapping[str, Any]) -> str:
    if not ablation:
        return ""
    starts = f"{ablation['starts']:,} starts from {ablation['first']} to {ablation['last']}"
    return (
        f"<section><h2>Pitch quality</h2><p>{starts} in Savant's files: a model of the pitcher's earlier "
        "strikeouts per start, with and without rates of the pitches thrown before that day.</p>"
        f"{_ablation_table(ablation['families'])}</section>"
    )


def _requested_section(requested: Mapping[str, Mapping[str, Any]]) -> str:
    kinds = ("game", "batter", "starter")
    rows = [
        (name, *(_availability_text(answer[kind]) for kind in kinds), answer.get("why", ""))
        for name, answer in requested.items()
    ]
    return f"<section><h2>Requested features</h2>{html_table(('', *kinds, ''), rows)}</section>"


def _availability_text(answer: Sequence[str] | str) -> str:
    return answer if isinstance(answer, str) else ", ".join(answer)


def _odds_section(sources: Mapping[str, Mapping[str, Any]], unread: Sequence[str]) -> str:
    missing = f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in unread)}</ul>" if unread else ""
    if not sources:
        nothing = "<p>The data folder has no odds or other forecasts of these seasons.</p>"
        return f"<section><h2>Odds</h2>{nothing}{missing}</section>"
    head = ("", "quotes", "matched with result", "without", "unusable prices", "unmatched")
    counted = ("quotes", "matched_by_date_teams_and_result", "matched_by_date_and_teams")
    rows = [
        (
            name,
            *(f"{source[key]:,}" for key in counted),
            str(len(source["unusable"])),
            str(len(source["unmatched"])),
        )
        for name, source in sources.items()
    ]
    skipped = [
        f"{name}: {line}"
        for name, source in sources.items()
        for line in (*source["unusable"], *source["unmatched"])
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in skipped)
    return (
        f"<section><h2>Odds</h2>{html_table(head, rows)}{missing}<details>"
        f"<summary>Rows not used: {len(skipped)}</summary><ul>{items}</ul></details></section>"
    )


def _difference_text(difference: Mapping[str, float]) -> str:
    return f"{difference['mean']:+.5f} ± {difference['se']:.5f}"


def _with_error(value: float, error: float) -> str:
    return f"{value:.4f} ± {error:.4f}"


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of escaped text; each row's first cell is its heading."""
    cells = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(text)}</td>' for text in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
