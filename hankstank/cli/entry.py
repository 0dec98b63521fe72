"""The `hankstank` command as a process: Ctrl-C ends it with one sentence and 130, whenever it comes."""

import os
import signal
import sys
from typing import NoReturn

from hankstank.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line."""
    try:
        from hankstank.cli.app import app  # noqa: PLC0415 - takes longer than it takes to press Ctrl-C

        app(prog_name="hankstank")
    except KeyboardInterrupt:
        sys.stderr.write("hankstank: interrupted: nothing is lost; the same command goes on from here\n")
        _end_at_once()
    except SystemExit as ended:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done: only the interpreter is put away
        if ended.code == INTERRUPTED:
            _end_at_once()
        raise


def _end_at_once() -> NoReturn:
    """End without waiting for threads that still ask somebody; the stores outlive that.

    Not by sys.exit: Python kills itself by the signal where the interrupt came through a library's C code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
