"""The live service's options, its first start, its stop signal and the API beside it."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.cli.live_views import draw_live_end, draw_live_status
from hankstank.live.api_process import ApiProcess
from hankstank.live.ledger import FinishedRun, Ledger, ScheduleState, save_ledger
from hankstank.live.scheduler import StopRequested
from hankstank.live.service import LOCK_FOLDER, StopSignal, end_of_day
from hankstank.live.status import read_live_status
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.run_lock import lock_holder, run_lock
from shared.storage.first_start import FirstStart, save_first_start
from tests.patience import PATIENCE, wait_until

NOW = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)


def reported(*words: object) -> str:
    """Return the message of a command that is refused."""
    result = CliRunner().invoke(app, ["live", *map(str, words)])
    assert result.exit_code in (1, 2), result.output
    return " ".join(result.stderr.replace("│", " ").split())


def test_live_sources_run_at_the_real_time(tmp_path: Path):
    assert "--speed is for simulated sources" in reported("--speed", "max", "--home", tmp_path)
    assert "--from is for simulated sources" in reported("--from", "2026-04-01", "--home", tmp_path)


def test_empty_home_of_the_live_sources_asks_how_far_back_to_fill_it(tmp_path: Path):
    message = reported("--home", tmp_path / "home")
    assert "say how far back to fill them with --backfill-from, a season such as 2025" in message


@pytest.mark.parametrize("begin", ["soon", "20", "2999", "2999-04-01", "2025-13-01"])
def test_begin_that_is_no_day_before_today_is_refused(begin: str, tmp_path: Path):
    message = reported("--backfill-from", begin, "--home", tmp_path / "home")
    assert "--backfill-from: expected a season such as 2" in message
    assert message.endswith(f"got {begin}")


def test_simulated_sources_are_not_filled_from_a_season_on(tmp_path: Path):
    message = reported("--source", "league", "--backfill-from", "2025", "--home", tmp_path)
    assert "--backfill-from is for the live data sources: --from names the first live day" in message


@pytest.mark.parametrize("speed", ["0", "-3", "fast"])
def test_speed_that_is_none_is_refused(speed: str, tmp_path: Path):
    message = reported("--source", "league", "--speed", speed, "--home", tmp_path)
    assert f"expected a number above 0, or max, got {speed}" in message


def test_home_that_is_in_use_is_refused(tmp_path: Path):
    with run_lock(tmp_path / LOCK_FOLDER):
        result = CliRunner().invoke(app, ["live", "--source", "league", "--home", str(tmp_path)])
    assert result.exit_code == 3
    assert f"is in use by the run of process {os.getpid()}" in result.stderr


def test_last_day_is_over_in_the_morning_after_its_jobs():
    assert end_of_day(date(2026, 3, 31)) == datetime(2026, 4, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_requests_a_stop_and_ends_every_wait(number: signal.Signals):
    with StopSignal().handled() as stop:
        stop.check()
        signal.raise_signal(number)
        assert stop.is_set()
        stop.wait(3600)
        with pytest.raises(StopRequested):
            stop.check()


def test_second_interrupt_is_not_waited_for():
    with StopSignal().handled():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_signals_are_handled_as_before_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with StopSignal().handled():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_api_that_cannot_start_is_left_for_later(tmp_path: Path):
    api = ApiProcess(tmp_path / "nothing", "127.0.0.1", 0)
    api.ensure_running()
    assert api.url is None
    api.stop()


def test_workers_of_a_killed_api_do_not_hold_its_port(tmp_path: Path):
    save_first_start(FolderStore(tmp_path / "objects"), FirstStart("2025"))
    api = ApiProcess(tmp_path, "127.0.0.1", 0)
    api.ensure_running()
    try:
        (killed,) = (one for one in psutil.Process().children() if "serve" in one.cmdline())
        assert wait_until(lambda: len(killed.children()) == 1, PATIENCE)
        (worker,) = killed.children()
        killed.kill()
        assert wait_until(lambda: api.url is None, PATIENCE)
        api.ensure_running()
        assert api.url is not None
        assert psutil.wait_procs([worker], PATIENCE)[0] == [worker]
    finally:
        api.stop()


def test_holder_of_a_folder_is_known_while_it_holds_it(tmp_path: Path):
    assert lock_holder(tmp_path / "home") is None
    with run_lock(tmp_path / "home"):
        holder = lock_holder(tmp_path / "home")
        assert holder is not None
        assert holder["pid"] == os.getpid()
    assert lock_holder(tmp_path / "home") is None


@pytest.fixture
def drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    monkeypatch.setenv("COLUMNS", "200")  # a narrow terminal shows each row as a list
    return lambda: " ".join(capsys.readouterr().out.split())


def test_status_is_drawn_with_the_reason_of_a_failure(tmp_path: Path, drawn: Callable[[], str]):
    failed = FinishedRun("daily-1", NOW, NOW, NOW, "failed", "OSError: no network")
    save_ledger(tmp_path, Ledger(NOW, {"daily": ScheduleState(NOW, last=failed)}))
    draw_live_status(read_live_status(tmp_path, lambda: NOW))
    text = drawn()
    assert "MLB Stats API: the live service does not run; its time is 2026-04-01 06:30 UTC" in text
    assert "2026-04-02 02:00 2026-04-01 02:30 failed OSError: no network" in text
    assert "grade" in text


def test_end_names_what_is_left_to_do(drawn: Callable[[], str]):
    draw_live_end({"now": NOW, "pending": ["daily-1"]})
    assert drawn() == "stopped at 2026-04-01 06:30 UTC; left to do: daily-1"
