"""Progress is shown wherever the output goes: a bar on a terminal, lines in a log, nothing beside JSON."""

import pytest

from hankstank import terminal


def test_progress_is_a_line_for_each_new_thing_where_no_terminal_is(capsys: pytest.CaptureFixture[str]):
    with terminal.show_progress(shown=True) as progress:
        for done in range(3):
            progress("objects", done, 3)
        progress("rows", 3, 3)
    assert capsys.readouterr().err.splitlines() == ["hankstank: objects (0 of 3)", "hankstank: rows (3 of 3)"]


def test_progress_is_silent_beside_json(capsys: pytest.CaptureFixture[str]):
    with terminal.show_progress(shown=False) as progress:
        progress("objects", 1, 3)
    assert capsys.readouterr() == ("", "")
