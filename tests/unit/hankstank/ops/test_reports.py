"""`hankstank report` shows, lists, writes and sends the morning reports of the stores."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from hankstank.cli.app import app
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_reports import DailyReport, save_report
from tests.loopback_targets import http_target
from tests.unit.shared.reporting.reports import DAY, FULL, QUIET, YESTERDAY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    objects = FolderStore(tmp_path / "objects")
    save_report(objects, msgspec.structs.replace(QUIET, day=YESTERDAY), "", "")
    save_report(objects, FULL, "", "")
    return tmp_path


def ran(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["report", "--home", str(home), *words])


def answer(home: Path, *words: str) -> Any:
    return json.loads(ran(home, *words, "--json").stdout)


def flat(result: Result) -> str:
    return " ".join(result.stdout.split())


def test_the_newest_report_is_shown(home: Path) -> None:
    page = flat(ran(home))
    assert "Wednesday, 15 April 2026" in page
    assert "2 things need you" in page
    assert "BOS at NYY" in page
    assert "José Núñez" in page
    assert "56 % of favourites won" in page


def test_a_report_of_a_day_is_shown_and_others_are_named(home: Path) -> None:
    assert "Tuesday, 14 April 2026" in flat(ran(home, str(YESTERDAY)))
    missing = ran(home, "2026-04-20")
    assert missing.exit_code == 1
    assert "the nearest are 2026-04-14, 2026-04-15" in " ".join(missing.stderr.split())


def test_programs_get_the_whole_report(home: Path) -> None:
    assert msgspec.json.decode(ran(home, "--json").stdout, type=DailyReport) == FULL


def test_reports_are_listed_newest_first(home: Path) -> None:
    assert answer(home, "--list") == [
        {"day": "2026-04-15", "all_well": False, "headline": FULL.headline},
        {"day": "2026-04-14", "all_well": True, "headline": QUIET.headline},
    ]
    assert "needs you" in flat(ran(home, "--list"))


def test_without_a_report_a_sentence_says_so(tmp_path: Path) -> None:
    listed = ran(tmp_path, "--list")
    assert (listed.exit_code, "No report is stored yet" in flat(listed)) == (0, True)
    shown = ran(tmp_path)
    assert (shown.exit_code, "no report is stored yet" in " ".join(shown.stderr.split())) == (1, True)


def test_a_page_is_written_once_unless_forced(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("out") / "report.html"
    assert answer(home, "--html", str(file)) == {"file": str(file)}
    assert "José Núñez" in file.read_text()
    assert ran(home, "--html", str(file)).exit_code == 1
    assert ran(home, "--html", str(file), "--force").exit_code == 0


def test_a_report_is_sent_to_the_targets_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_target() as target:
        monkeypatch.setenv("HANKSTANK_NOTIFY", f"json://{target.address}/key")
        assert answer(home, "--send") == {"report": str(DAY), "targets": 1}
        assert ran(home, "--send").exit_code == 0
    ((_, body),) = target.received
    assert body["title"] == "Hank's Tank: report of 2026-04-15: 2 things need you"


def test_without_targets_nothing_is_sent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANKSTANK_NOTIFY", raising=False)
    result = ran(home, "--send")
    assert (result.exit_code, "got none" in result.stderr) == (1, True)
