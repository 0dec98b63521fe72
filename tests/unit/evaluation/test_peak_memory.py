"""Peak memory counts this process and its children; measured in small processes of their own."""

import os
import subprocess
import sys

import pytest

from hankstank.local.subprocesses import ROOT

HOLDS = "held = bytearray(b'1' * 80_000_000)"
GIVEN_BACK = f"""
from evaluation.peak_memory import PeakMemory
with PeakMemory() as peak:
    before = peak.megabytes
    {HOLDS}
    peak.sample_memory()
    del held
print(before, peak.megabytes)
"""
BY_A_CHILD = f"""
import subprocess, sys
from evaluation.peak_memory import PeakMemory
with PeakMemory() as peak:
    before = peak.megabytes
    words = [sys.executable, "-c", "{HOLDS}; print(flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        child.stdout.readline()
        peak.sample_memory()
        child.communicate("\\n")
print(before, peak.megabytes)
"""


@pytest.mark.parametrize("script", [GIVEN_BACK, BY_A_CHILD], ids=["given back", "by a child"])
def test_peak_survives_the_release_of_memory(script: str):
    result = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, most = map(float, result.stdout.split())
    assert most > before + 70
