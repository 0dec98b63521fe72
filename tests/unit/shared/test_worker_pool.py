"""Processes lent to share work: they leave Ctrl-C to the lender, and end with him."""

import os
import signal
import subprocess
import sys

from hankstank.local.subprocesses import ROOT
from shared.worker_pool import worker_pool

LENDS = """
import time
from shared.worker_pool import worker_pool
if __name__ == "__main__":
    try:
        with worker_pool(2) as workers:
            print("lent", flush=True)
            workers.submit(time.sleep, 600).result()
    except KeyboardInterrupt:
        print("heard")
"""


def test_ctrl_c_is_not_the_workers():
    with worker_pool(1) as workers:
        assert workers.submit(signal.raise_signal, signal.SIGINT).result() is None


def test_workers_end_with_an_interrupted_lender(tmp_path):
    script = tmp_path / "lends.py"
    script.write_text(LENDS)
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as lender:
        assert lender.stdout.readline() == "lent\n"
        os.killpg(lender.pid, signal.SIGINT)  # as a terminal does: to all of them
        assert lender.stdout.read() == "heard\n"  # the end of it: nobody is left who could write
    assert lender.returncode == 0
