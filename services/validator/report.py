"""Renders the validator's report as Markdown, beside the struct of the same name."""

from collections.abc import Iterable

from shared.storage.staging import Issue, Report, StagedDataset


def render_report(report: Report) -> str:
    """Return the report as Markdown: grade and scores, rows by table, findings, errors first."""
    first, last = min(report.dates), max(report.dates)
    days = f"{first}" if first == last else f"{first} to {last}"
    blocks = (
        f"# {days}: grade {report.grade}",
        f"Run {report.run_id}, attempt {report.attempt}, {report.season_phase}, {len(report.games)} games.",
        _markdown_table(
            ("score", "value"), ((name, f"{value:.4f}") for name, value in report.scores.items())
        ),
        _markdown_table(("table", "accepted", "quarantined"), _row_counts(report)),
        "## Findings",
        "\n".join(map(_format_finding, sorted(report.issues, key=lambda issue: issue.severity))) or "None.",
    )
    return "\n\n".join(blocks) + "\n"


def _row_counts(report: Report) -> Iterable[tuple[str, str, str]]:
    accepted, quarantined = _rows_by_table(report.accepted), _rows_by_table(report.quarantined)
    for name in sorted(accepted | quarantined):
        yield name, f"{accepted.get(name, 0):,}", f"{quarantined.get(name, 0):,}"


def _rows_by_table(datasets: tuple[StagedDataset, ...]) -> dict[str, int]:
    return {dataset.table: dataset.rows for dataset in datasets}


def _markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _format_finding(issue: Issue) -> str:
    table = f" {issue.table}" if issue.table else ""
    return f"- **{issue.severity}** {issue.rule}{table}: {issue.message}"
