"""Every look at a held-out season is remembered."""

from datetime import UTC, datetime

from hankstank.evaluation.looks import note

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_looks_add_up(tmp_path):
    note(tmp_path, [2015, 2016], ["home_win"], NOW)
    assert note(tmp_path, [2016], ["home_win"], NOW) == {"2016": 2}
