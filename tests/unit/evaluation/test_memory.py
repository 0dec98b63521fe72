"""What is held at most is seen, this process's and its children's."""

import subprocess
import sys

from hankstank.evaluation.memory import PeakMemory

HOLDER = "held = bytearray(b'1' * 80_000_000); print('held', flush=True); input()"


def test_memory_given_back_is_remembered():
    with PeakMemory() as peak:
        before, held = peak.megabytes, bytearray(b"1" * 80_000_000)
        peak.look()
        del held
    assert peak.megabytes > before + 70


def test_children_count():
    with PeakMemory() as peak, subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:  # fmt: skip
        before = peak.megabytes
        child.stdout.readline()
        peak.look()
        child.communicate("\n")
    assert peak.megabytes > before + 70
