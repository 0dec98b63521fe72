"""How commands end: a sentence and an exit code for what can be foreseen, a trace for what cannot."""

import errno
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.errors import handles_errors
from hankstank.exit_codes import EXIT_TEMPORARY, FAILED
from shared.errors import StoreUnavailable, UserError
from shared.storage.disk_errors import make_folder


def ended(error: BaseException) -> int:
    @handles_errors
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as end:
        command()
    return end.value.exit_code


def test_what_cannot_be_done_fails(capsys):
    assert ended(UserError("expected a season")) == FAILED
    assert "expected a season" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "advice"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "mount the folder"), (errno.EACCES, "allow this user")],
)
def test_disk_that_refuses_is_told_with_what_to_do(capsys, code, advice):
    assert ended(OSError(code, os.strerror(code), "report.json")) == EXIT_TEMPORARY
    reported = " ".join(capsys.readouterr().err.split())
    assert f"report.json: {os.strerror(code)}: {advice}" in reported


def test_what_nobody_foresaw_keeps_its_trace():
    @handles_errors
    def command() -> None:
        raise FileNotFoundError("a fault of ours")

    with pytest.raises(FileNotFoundError):
        command()


def test_folder_that_cannot_be_made_names_the_option(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"cannot make .*Not a directory: name another .* --out"):
        make_folder(tmp_path / "file" / "folder", "--out")


def test_setting_under_earlier_name_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANKSTANK_API_CALLERS", "platform")
    result = CliRunner().invoke(app, ["status", "--home", str(tmp_path)])
    assert result.exit_code == FAILED
    message = "HANKSTANK_API_CALLERS: expected the setting's new name: set HANKSTANK_API_AUTH instead"
    assert result.stderr.strip().removeprefix("hankstank: ") == message
