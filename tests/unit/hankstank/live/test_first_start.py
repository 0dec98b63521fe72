"""What a first start asks for, and how it goes on while the sources do not answer."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hankstank.live import first_start
from hankstank.live.first_start import FirstStartRun, Questions, backfill_options, choose_begin
from hankstank.local import backfill
from services.collector.backfill_job import BackfillResult, DryRun
from shared.adapters.local.folder_store import FolderStore
from shared.errors import Unavailable, UserError
from shared.storage.first_start import FirstStart, load_first_start, save_first_start

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
ESTIMATE = DryRun(40, 900, 0, 900, 1000, 8.3, 10**8, 4)
DONE = BackfillResult("backfill-0001", "done", 40, 900, 0, 900, 899, 0, (7,), (), 1000, 0, 10**8, 4, 500.0)


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "plan_dry_run", lambda _options, _clock: ESTIMATE)


def chosen(given: str | None, questions: Questions | None, notes: list[str]) -> str:
    return choose_begin(Path("home"), Path("data"), given, questions, notes.append, lambda: NOW)


def test_season_is_filled_up_to_the_present_one():
    assert backfill_options("2024", Path(), Path(), NOW.date()).seasons == (2024, 2025, 2026)


def test_day_is_filled_up_to_yesterday():
    options = backfill_options("2026-03-20", Path(), Path(), NOW.date())
    assert (options.first, options.last, options.trains) == (date(2026, 3, 20), date(2026, 4, 1), True)


@pytest.mark.usefixtures("estimated")
def test_answer_of_a_person_is_taken_after_the_estimate():
    notes: list[str] = []
    assert chosen(None, Questions(lambda: "2025", lambda estimate: estimate == ESTIMATE), notes) == "2025"
    assert notes == ["900 games to collect: 1,000 requests, about 8 minutes at the pace of the settings"]


@pytest.mark.usefixtures("estimated")
def test_person_who_does_not_agree_begins_nothing():
    with pytest.raises(UserError, match="nothing was written: start again with another season or day"):
        chosen(None, Questions(lambda: "2025", lambda _estimate: False), [])


@pytest.mark.usefixtures("estimated")
def test_option_is_an_answer_and_nobody_is_asked():
    refuse = Questions(lambda: pytest.fail("asked"), lambda _estimate: False)
    assert chosen("2025", refuse, []) == "2025"


def test_days_without_games_are_refused(monkeypatch: pytest.MonkeyPatch):
    none = DryRun(0, 0, 0, 0, 1, None, 0, 0)
    monkeypatch.setattr(backfill, "plan_dry_run", lambda _options, _clock: none)
    with pytest.raises(UserError, match="--backfill-from 2026-04-01: expected days with games"):
        chosen("2026-04-01", None, [])


def test_sources_that_do_not_answer_are_tried_again_and_the_pages_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    objects, notes, waited = FolderStore(tmp_path), list[str](), list[tuple[float, str]]()
    save_first_start(objects, FirstStart("2025"))
    tries = iter([*[Unavailable("no network")] * 8, DONE])

    def run_backfill(*_: object) -> BackfillResult:
        if isinstance(result := next(tries), Unavailable):
            raise result
        return result

    def wait(seconds: float) -> None:
        known = load_first_start(objects)
        assert known is not None
        waited.append((seconds / 60, known.waiting))

    monkeypatch.setattr(first_start.backfill, "run_backfill", run_backfill)
    run = FirstStartRun(objects, tmp_path, tmp_path, notes.append, lambda: NOW, lambda: False, wait)
    assert run.run("2025")
    assert waited == [(minutes, "no network") for minutes in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert load_first_start(objects) is None
    assert notes[-1] == "899 games collected, 1 not"
