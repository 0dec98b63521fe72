"""Runs a command until it ends, or until whoever started this is gone: `python -S keeper.py <command>`.

A parent that is killed can end nothing. Its end of our standard input closes all the same, on every
system, and that is what is waited for here. It uses the standard library only, so that it starts at once.
The command runs in a session of its own, so that what it starts ends too: gcloud starts a Java machine.
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
