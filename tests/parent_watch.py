"""Runs a command and stops it when the parent process ends: `python -S parent_watch.py <command>`.

A killed parent cannot stop its children, but its end of our standard input closes: that is the signal.
Only the standard library is used, to start fast. The command leads a session of its own, so that its
children are stopped too: gcloud starts a Java process.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def main(command: list[str]) -> int:
    """Run the command and return its code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: _signal_group(child, signal.SIGTERM))
    threading.Thread(target=_stop_with_parent, args=[child], daemon=True).start()
    return child.wait()


def _stop_with_parent(child: "subprocess.Popen[bytes]") -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        _signal_group(child, signal.SIGKILL)


def _signal_group(child: "subprocess.Popen[bytes]", signum: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signum)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
