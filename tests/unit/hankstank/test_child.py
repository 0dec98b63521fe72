"""Servers that the console starts end with it, however it ends."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from hankstank import child
from hankstank.child import ROOT, ServerDied

HOLDER = """
import sys
from hankstank import child
with child.server(sys.argv[1:]) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
PATIENCE = 60.0  # seconds


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def serving(home: Path) -> list[str]:
    return ["hankstank", "serve", "--home", str(home), "--port", "0", "--announce"]


def test_server_ends_with_a_killed_parent(tmp_path: Path):
    words = [sys.executable, "-c", HOLDER, *serving(tmp_path)]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        url = f"{parent.stdout.readline().strip()}/healthz"
        wait_until(lambda: answers(url))
        parent.kill()
    wait_until(lambda: not answers(url))


def test_server_that_dies_is_named_with_its_code():
    with (
        pytest.raises(ServerDied, match="hankstank fly: ended with code 2"),
        child.server(["hankstank", "fly"]),
    ):
        pass


def wait_until(what) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)
