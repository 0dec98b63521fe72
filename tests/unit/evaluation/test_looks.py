"""Every look at a held-out season is remembered."""

from datetime import UTC, datetime

import pytest

from hankstank.evaluation.looks import LEDGER, note

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_looks_add_up(tmp_path):
    note(tmp_path, [2015, 2016], ["home_win"], NOW)
    assert note(tmp_path, [2016], ["home_win"], NOW) == {"2016": 2}


def test_look_that_could_not_be_written_leaves_those_before(tmp_path):
    note(tmp_path, [2016], ["home_win"], NOW)
    (tmp_path / f"{LEDGER}.partial").mkdir()  # nothing can be written there
    with pytest.raises(OSError, match="Is a directory"):
        note(tmp_path, [2016], ["home_win"], NOW)
    (tmp_path / f"{LEDGER}.partial").rmdir()
    assert note(tmp_path, [2016], ["home_win"], NOW) == {"2016": 2}
