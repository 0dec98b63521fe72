"""Console screens of a backfill's report: coverage, the check of Savant's days, forecasts of strikeouts."""

from evaluation.savant_strikeouts import StrikeoutCheck
from evaluation.strikeout_report import PairedScore, StrikeoutReport
from hankstank.cli.backfill_views import draw_season_report
from hankstank.ops.backfill_report import BackfillReport
from hankstank.terminal import draw_rows, print_text

_SCORES = ({"log_loss": "Log loss", "rps": "RPS"}, {"mae": "MAE", "rmse": "RMSE"})


def draw_report(report: BackfillReport) -> None:
    """Draw what is stored of a season, the check of Savant's days, and forecasts of strikeouts."""
    if report.coverage:
        draw_season_report(report.coverage)
    if report.check:
        _draw_check(report.check)
    if report.strikeouts:
        _draw_strikeouts(report.strikeouts)
    else:
        print_text(f"\nStrikeouts: {report.not_compared}")


def _draw_check(check: StrikeoutCheck) -> None:
    title = f"Strikeouts counted from pitches: {check.agreeing:,} of {check.starts:,} starts are as on record"
    headers = ("Day", "Game", "Pitcher", "From pitches", "On record", "Because")
    rows = [
        (
            *(start.game_date, str(start.game_pk), str(start.pitcher_id), str(start.counted)),
            *(str(start.recorded), start.reason or "unexplained"),
        )
        for start in check.differing
    ]
    draw_rows(headers, rows, title=title)


def _draw_strikeouts(report: StrikeoutReport) -> None:
    """Draw a line for each forecaster: scores, each with the difference to ours and its standard error."""
    left_out = "".join(f"; {count:,} with {reason}" for reason, count in report.left_out.items())
    print_text(f"\nStrikeouts of {report.starts:,} starts, {report.first} to {report.last}{left_out}")
    for scores in _SCORES:  # two tables: one of all scores is wider than most terminals
        headers = ("Forecast", *(header for label in scores.values() for header in (label, "less ours")))
        rows = [
            (one.name, *(cell for name in scores for cell in _score(getattr(one, name))))
            for one in report.forecasters
        ]
        draw_rows(headers, rows)
    print_text("Lower is better. Less ours: minus ours with the usual features, ± one standard error.")
    print_text(report.verdict.text)
    looks = ", ".join(f"{season}: {times}" for season, times in report.evaluations.items())
    print_text(f"Rule: {report.rule} Evaluations so far: {looks}")


def _score(score: PairedScore) -> tuple[str, str]:
    return f"{score.value:.4f}", f"{score.difference:+.4f} ± {score.se:.4f}" if score.se else ""
