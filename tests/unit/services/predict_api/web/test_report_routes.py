"""Morning reports for programs and for people: the archive, one report, and what is not there."""

from datetime import date, timedelta

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.serving.report_archive import KEPT_SECONDS, ReportArchive
from shared.storage.daily_reports import DailyReport, report_name, save_report
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import NOW
from tests.unit.shared.reporting.reports import DAY, FULL, QUIET


@pytest.fixture
def client(objects: InMemoryObjectStore) -> FlaskClient:
    for days, headline in ((1, "All well: one day later."), (20, "All well: in May.")):
        save_report(
            objects, msgspec.structs.replace(QUIET, day=DAY + timedelta(days), headline=headline), "", ""
        )
    return create_app(objects, lambda: NOW).test_client()


def test_programs_get_the_list_and_each_report(client: FlaskClient) -> None:
    assert client.get("/daily-reports").json["mornings"] == ["2026-05-05", "2026-04-16", "2026-04-15"]
    answer = client.get("/daily-reports/2026-04-15")
    assert msgspec.json.decode(answer.data, type=DailyReport) == FULL
    assert client.get("/daily-reports/latest").json["headline"] == "All well: in May."


def test_a_report_that_is_not_stored_names_the_nearest(client: FlaskClient) -> None:
    answer = client.get("/daily-reports/2026-04-17")
    assert (answer.status_code, answer.json["detail"]) == (404, "no report of 2026-04-17 is stored")
    assert answer.json["suggestions"] == ["2026-04-16", "2026-04-15", "2026-05-05"]
    assert client.get("/daily-reports/soon").status_code == 422


def test_without_a_report_everything_says_so() -> None:
    client = create_app(InMemoryObjectStore(), lambda: NOW).test_client()
    assert client.get("/daily-reports").json == {"world": "MLB Stats API", "mornings": []}
    assert client.get("/daily-reports/latest").status_code == 404
    page = client.get("/reports")
    assert (page.status_code, "No report is stored." in page.text) == (200, True)


def test_people_browse_by_month(client: FlaskClient) -> None:
    newest = client.get("/reports").text
    assert "All well: in May." in newest
    assert "one day later" not in newest
    april = client.get("/reports?month=2026-04").text
    assert april.index("/reports/2026-04-16") < april.index("/reports/2026-04-15")
    assert FULL.headline in april
    empty = client.get("/reports?month=2026-03").text
    assert "No report is stored for this month." in empty


def test_a_wrong_month_is_refused_on_a_page(client: FlaskClient) -> None:
    answer = client.get("/reports?month=<script>")
    assert (answer.status_code, answer.content_type) == (422, "text/html; charset=utf-8")
    assert "<script>" not in answer.text


def test_a_page_shows_the_report_in_the_frame_of_all_pages(client: FlaskClient) -> None:
    text = client.get("/reports/2026-04-15").text
    assert "José Núñez, NYY" in text
    assert 'href="/static/report.css"' in text
    assert 'href="/reports?month=2026-04"' in text
    style = client.get("/static/report.css")
    assert (style.content_type, ".report" in style.text) == ("text/css; charset=utf-8", True)
    missing = client.get("/reports/2026-04-14")
    assert (missing.status_code, "No report of 2026-04-14 is stored." in missing.text) == (404, True)


def test_reports_are_read_once_within_some_minutes(objects: InMemoryObjectStore) -> None:
    seconds = 0.0
    archive = ReportArchive(objects, lambda: seconds)
    assert archive.find_report(DAY) == FULL
    objects.delete(report_name(DAY))
    assert archive.find_report(DAY) == FULL
    seconds = KEPT_SECONDS
    assert archive.find_report(DAY) is None


def test_a_thousand_days_do_not_stay_in_memory(objects: InMemoryObjectStore) -> None:
    mornings = [date(2020, 1, 1) + timedelta(n) for n in range(150)]
    for day in mornings:
        save_report(objects, msgspec.structs.replace(QUIET, day=day), "", "")
    archive = ReportArchive(objects, lambda: 0.0)
    assert [archive.find_report(day).day for day in mornings * 2] == mornings * 2
    assert len(vars(archive)["_kept"]) == 100
