"""Every evaluation of a held-out season is logged."""

import errno
import os
from datetime import UTC, datetime

import pytest

from evaluation.holdout_log import record_evaluation

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def full_disk(_descriptor):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
