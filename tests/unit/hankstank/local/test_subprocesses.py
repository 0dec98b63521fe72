"""Servers that the console starts end with it, however it ends."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hankstank.local import subprocesses
from hankstank.local.subprocesses import ROOT, ServerDied
from shared.adapters.local.folder_store import FolderStore
from tests.patience import PATIENCE, wait_until

HOLDER = """
import sys
from hankstank.local import subprocesses
with subprocesses.run_server(sys.argv[1:]) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=30).status_code == 200
    except httpx.RequestError:
        return False


def serving(home: Path) -> list[str]:
    return ["hankstank", "serve", "--home", str(home), "--port", "0", "--print-address"]


def test_server_ends_with_a_killed_parent(tmp_path: Path):
    FolderStore(tmp_path / "objects").write_once(
        "status/collector.json", b"{}"
    )  # stores that an API may serve
    words = [sys.executable, "-c", HOLDER, *serving(tmp_path)]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        url = f"{parent.stdout.readline().strip()}/healthz"
        assert wait_until(lambda: answers(url), PATIENCE)
        parent.kill()
    assert wait_until(lambda: not answers(url), PATIENCE)


def test_server_that_dies_is_named_with_its_code():
    with (
        pytest.raises(ServerDied, match="hankstank fly: ended with code 2"),
        subprocesses.run_server(["hankstank", "fly"]),
    ):
        pass


def test_variables_are_set_while_the_block_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HERE", "before")
    monkeypatch.delenv("THERE", raising=False)
    with subprocesses.environment({"HERE": "inside", "THERE": "inside"}):
        assert (os.environ["HERE"], os.environ["THERE"]) == ("inside", "inside")
    assert (os.environ["HERE"], os.environ.get("THERE")) == ("before", None)
