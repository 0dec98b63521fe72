"""Ctrl-C ends the console with 130 and one sentence: in a command, beside a hanging thread, through C code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hankstank.local.subprocesses import ROOT
from tests.patience import PATIENCE

INTERRUPTED = {
    "in a command": "raise KeyboardInterrupt",
    "beside a hanging thread": "Thread(target=sleep, args=(60,)).start(); raise KeyboardInterrupt",
    "through C code": "run_in_c(b'raise KeyboardInterrupt', 257, {'__builtins__': __builtins__}, {})",
}
SCRIPT = """
import ctypes, sys
from threading import Thread
from time import sleep
from hankstank.cli import entry
from hankstank.local import stores

run_in_c = ctypes.PyDLL(None).PyRun_String
run_in_c.argtypes = ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object
run_in_c.restype = ctypes.py_object

def interrupted(*_):
    {what}

stores.list_models = interrupted
sys.argv = ["hankstank", "models", "list"]
entry.main()
"""


@pytest.mark.parametrize("what", INTERRUPTED.values(), ids=INTERRUPTED)
def test_interrupt_ends_with_130_and_a_sentence(what: str, tmp_path: Path):
    (tmp_path / "interrupted.py").write_text(SCRIPT.format(what=what))
    words = [sys.executable, "-m", "interrupted"]  # as `python -m hankstank`: only so it comes back from C
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 130
    assert (
        ended.stderr.strip()
        == "hankstank: interrupted: nothing was changed; run the same command to start again"
    )
