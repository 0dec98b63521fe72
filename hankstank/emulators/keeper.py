"""Runs a command until it ends, or until whoever started this is gone: `python -S keeper.py <command>`.

A parent that is killed can end nothing. Its end of our standard input closes all the same, on every
system, and that is what is waited for here. It uses the standard library only, so that it starts at once.
"""

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run the command and return its code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_end_with_the_parent, args=[child], daemon=True).start()
    return child.wait()


def _end_with_the_parent(child: "subprocess.Popen[bytes]") -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
