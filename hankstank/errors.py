"""Turns expected failures of commands into a one-line message and an exit code."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec
import typer

from hankstank.exit_codes import EXIT_TEMPORARY, FAILED, INTERRUPTED
from shared.errors import Rejected, Unavailable, UserError
from shared.storage import disk_errors

P = ParamSpec("P")
R = TypeVar("R")

MSG_RESUMABLE = "interrupted: nothing is lost; run the same command to continue where it stopped"
MSG_UNCHANGED = "interrupted: nothing was changed; run the same command to start again"


def handles_errors(command: Callable[P, R], interrupted: str = MSG_RESUMABLE) -> Callable[P, R]:
    """Decorate a command: expected failures become a message on stderr and an exit code."""

    @functools.wraps(command)
    def run_command(*args: P.args, **kwargs: P.kwargs) -> R:
        exit_with = functools.partial(_report_and_exit, as_json=bool(kwargs.get("json")))
        try:
            return command(*args, **kwargs)
        except (Rejected, UserError) as error:
            raise exit_with(str(error), FAILED) from None
        except Unavailable as error:
            raise exit_with(str(error), EXIT_TEMPORARY) from None
        except OSError as error:
            if error.errno not in disk_errors.ADVICE:
                raise
            what = error.filename or "could not write"
            message = f"{what}: {error.strerror}: {disk_errors.advice_for(error)} and try again"
            raise exit_with(message, EXIT_TEMPORARY) from None
        except KeyboardInterrupt:
            raise exit_with(interrupted, INTERRUPTED) from None

    return run_command


def handles_errors_read_only(command: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command that changes nothing before its end: as `handles_errors`, but not resumable."""
    return handles_errors(command, MSG_UNCHANGED)


def report_error(message: str, code: int, *, as_json: bool) -> None:
    """Print why a command failed: a line on stderr, or as JSON an object on stdout."""
    from hankstank import terminal  # noqa: PLC0415 - loaded only on failure

    if as_json:
        terminal.print_line(msgspec.json.encode({"error": {"message": message, "exit_code": code}}).decode())
    else:
        terminal.print_error(message)


def _report_and_exit(message: str, code: int, *, as_json: bool) -> typer.Exit:
    report_error(message, code, as_json=as_json)
    return typer.Exit(code)
