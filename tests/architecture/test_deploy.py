"""The files in deploy/: valid for the programs that read them, and what they start exists."""

import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from hankstank.cli.app import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HADOLINT = shutil.which("hadolint", path=Path(sys.executable).parent)
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on the PATH")


def unit() -> dict[str, str]:
    lines = (line.partition("=") for line in (DEPLOY / "hankstank.service").read_text().splitlines())
    return {name: value for name, sign, value in lines if sign and not name.startswith("#")}


def plist() -> dict[str, object]:
    found: dict[str, object] = plistlib.loads((DEPLOY / "com.hankstank.live.plist").read_bytes())
    return found


def compose() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["live"]
    return found


COMMANDS = {
    "systemd": shlex.split(unit()["ExecStart"])[1:],
    "launchd": plist()["ProgramArguments"][1:],  # type: ignore[index]
    "compose": compose()["command"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_command_that_is_started_exists(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output
    assert words[0] == "live"


def systemd_verdict(folder: Path, text: str) -> str:
    """Return what systemd says of a unit whose program is one of this machine."""
    path = folder / "hankstank.service"
    path.write_text(text.replace(unit()["ExecStart"].split()[0], sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, check=False
    )
    return "\n".join(line for line in done.stderr.splitlines() if "hankstank.service" in line)


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    assert systemd_verdict(tmp_path, (DEPLOY / "hankstank.service").read_text()) == ""


@needs_systemd
def test_systemd_sees_a_planted_fault(tmp_path: Path) -> None:
    text = (DEPLOY / "hankstank.service").read_text().replace("KillMode=mixed", "KillMode=gently")
    assert "kill mode" in systemd_verdict(tmp_path, text)


def test_stops_leave_time_to_finish_a_step_and_starts_follow_failures_only() -> None:
    assert (unit()["TimeoutStopSec"], unit()["Restart"]) == ("120", "on-failure")
    assert (plist()["ExitTimeOut"], plist()["KeepAlive"]) == (120, {"SuccessfulExit": False})
    assert (compose()["stop_grace_period"], compose()["restart"]) == ("2m", "unless-stopped")


def test_image_is_linted_and_based_on_the_services_python() -> None:
    assert HADOLINT, "hadolint is not installed: run `make install`"
    words = [HADOLINT, "--no-color", str(DEPLOY / "Dockerfile")]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stdout == ""
    base = next(line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("FROM"))
    assert base in (DEPLOY / "Dockerfile").read_text()


def test_image_gets_what_it_copies_and_nothing_else() -> None:
    copied = {
        line.split()[1]
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
    }
    sent = {
        line[1:]
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


def test_stores_are_on_a_volume_and_the_image_is_unprivileged() -> None:
    assert compose()["volumes"] == ["stores:/var/lib/hankstank"]
    assert compose()["read_only"] is True
    text = (DEPLOY / "Dockerfile").read_text()
    assert "USER 10001" in text
    assert "VOLUME /var/lib/hankstank" in text
