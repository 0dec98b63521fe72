"""Every evaluation of a held-out season is logged with the data, whatever folder its report goes to."""

import errno
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from evaluation.holdout_log import LOG_FILE, log_folder, record_evaluation

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def full_disk(_descriptor):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def read_only(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o555)
    yield data
    data.chmod(0o755)


def test_evaluations_add_up(tmp_path):
    record_evaluation(tmp_path, [2015, 2016], ["home_win"], NOW)
    assert record_evaluation(tmp_path, [2016], ["home_win"], NOW) == {"2016": 2}


def test_failed_write_keeps_earlier_entries(tmp_path, monkeypatch):
    record_evaluation(tmp_path, [2016], ["home_win"], NOW)
    with monkeypatch.context() as full:
        full.setattr("os.fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            record_evaluation(tmp_path, [2016], ["home_win"], NOW)
    assert record_evaluation(tmp_path, [2016], ["home_win"], NOW) == {"2016": 2}


def test_a_former_log_is_taken_over_once(tmp_path):
    data, out = tmp_path / "data", tmp_path / "out"
    for day in range(3):
        record_evaluation(out, [2016], ["home_win"], NOW - timedelta(days=day + 1))
    assert record_evaluation(data, [2016], ["home_win"], NOW, former=out) == {"2016": 4}
    assert record_evaluation(data, [2016], ["home_win"], NOW, former=out) == {"2016": 5}
    assert record_evaluation(data, [2016], ["home_win"], NOW, former=tmp_path / "another") == {"2016": 6}


def test_a_report_in_the_folder_of_the_log_counts_itself_once(tmp_path):
    record_evaluation(tmp_path, [2016], ["home_win"], NOW, former=tmp_path)
    assert record_evaluation(tmp_path, [2016], ["home_win"], NOW, former=tmp_path) == {"2016": 2}


def test_runs_at_once_lose_no_line(tmp_path):
    def evaluate_often():
        for _ in range(10):
            record_evaluation(tmp_path, [2016], ["home_win"], NOW)

    threads = [threading.Thread(target=evaluate_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len((tmp_path / LOG_FILE).read_bytes().splitlines()) == 40


def test_log_lies_with_the_data(tmp_path):
    assert log_folder(tmp_path) == tmp_path


def test_log_of_data_that_cannot_be_written_lies_in_the_state_folder(tmp_path, read_only, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    linked = tmp_path / "linked"
    linked.symlink_to(read_only)
    folder = log_folder(read_only)
    assert folder.is_relative_to(tmp_path / "state" / "hankstank")
    assert log_folder(linked) == folder


def test_other_data_are_counted_apart(tmp_path, read_only, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    other = tmp_path / "other"
    other.mkdir(mode=0o555)
    assert log_folder(other) != log_folder(read_only)


def test_without_a_state_folder_it_is_the_users_usual_one(tmp_path, read_only, monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert log_folder(read_only).parent == tmp_path / ".local" / "state" / "hankstank" / "evaluations"
