"""The stand-in as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "simulator.server",
        "--world",
        "recorded",
        "--data",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def address(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return str(json.loads(child.stdout.readline())["url"])


def test_process_tells_its_address(child: subprocess.Popen[str]) -> None:
    assert httpx.get(f"{address(child)}/simulator/clock").status_code == 200


def test_process_ends_with_its_parent(child: subprocess.Popen[str]) -> None:
    address(child)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(PATIENCE) == 0


def test_process_ends_when_told(child: subprocess.Popen[str]) -> None:
    address(child)
    child.terminate()
    assert child.wait(PATIENCE) == 0
