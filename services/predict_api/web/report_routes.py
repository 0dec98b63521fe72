"""Routes of the morning reports, and the style sheet of their pages."""

from datetime import date

from flask import Flask, Response

from services.predict_api.problems import UnknownReport
from services.predict_api.schemas.report_responses import ReportsAnswer
from services.predict_api.serving.report_archive import ReportArchive
from services.predict_api.web.prediction_routes import json_response, read_day
from shared.reporting.page import read_style
from shared.storage.daily_reports import DailyReport

LATEST = "latest"
STYLE_PATH = "/static/report.css"


def add_routes(app: Flask, reports: ReportArchive) -> None:
    """Add /daily-reports, /daily-reports/<morning> and the style sheet."""

    @app.get("/daily-reports")
    def list_reports() -> Response:
        return json_response(ReportsAnswer(world=reports.world(), mornings=reports.list_days()))

    @app.get("/daily-reports/<morning>")
    def get_report(morning: str) -> Response:
        return json_response(find_report(reports, morning))

    @app.get(STYLE_PATH)
    def get_report_style() -> Response:
        return Response(read_style(), content_type="text/css; charset=utf-8")


def find_report(reports: ReportArchive, morning: str) -> DailyReport:
    """Return the report of a morning, or the `latest`; raises UnknownReport, InvalidRequest."""
    days = reports.list_days()
    day = days[0] if morning == LATEST and days else None if morning == LATEST else read_day(morning)
    report = reports.find_report(day) if day else None
    if report is None:
        raise UnknownReport(str(day or LATEST), [str(one) for one in _nearest(days, day)])
    return report


def _nearest(days: list[date], day: date | None) -> list[date]:
    """Return the three mornings nearest to a day."""
    return sorted(days, key=lambda one: abs(one - day) if day else -one.toordinal())[:3]
