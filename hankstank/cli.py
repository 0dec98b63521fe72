"""The `hankstank` command as a process: Ctrl-C ends it with one sentence, whenever it comes."""

import signal
import sys


def main() -> None:
    """Run the command line; a Ctrl-C that comes when all is done no longer counts."""
    try:
        from hankstank.console.app import app  # noqa: PLC0415 - takes longer than it takes to press Ctrl-C

        app(prog_name="hankstank")
    except KeyboardInterrupt:
        from hankstank.outcomes import INTERRUPTED, NOTHING_IS_LOST  # noqa: PLC0415

        sys.stderr.write(f"hankstank: {NOTHING_IS_LOST}\n")
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
