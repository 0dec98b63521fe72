"""The process of the `hankstank` command: Ctrl-C ends it with one message and exit code 130 at any time."""

import os
import signal
import sys
from typing import NoReturn

from hankstank.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line."""
    try:
        from hankstank.cli.app import app  # noqa: PLC0415 - slow: Ctrl-C during it is handled too

        app(prog_name="hankstank")
    except KeyboardInterrupt:
        sys.stderr.write("hankstank: interrupted: nothing is lost; run the same command to continue\n")
        _end_at_once()
    except SystemExit as ended:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the work is done, only the interpreter shuts down
        if ended.code == INTERRUPTED:
            _end_at_once()
        raise


def _end_at_once() -> NoReturn:
    """Exit without waiting for threads that still wait for the network; the stores tolerate that.

    Not by sys.exit: Python re-raises the signal if the interrupt came through a library's C code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
