"""How commands end: exit codes that mean something, and errors as one sentence instead of a trace."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec
import typer

from hankstank.exit_codes import COME_AGAIN, FAILED, INTERRUPTED
from shared.errors import CannotDo, Rejected, Unavailable
from shared.storage import disk_errors

P = ParamSpec("P")
R = TypeVar("R")

NOTHING_IS_LOST = "interrupted: nothing is lost; the same command goes on where this one stopped"
NOTHING_IS_CHANGED = "interrupted: nothing was changed; the same command begins anew"


def reported(command: Callable[P, R], interrupted: str = NOTHING_IS_LOST) -> Callable[P, R]:
    """Wrap a command so that expected failures become a sentence on stderr and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        ended = functools.partial(_ended, as_json=bool(kwargs.get("json")))
        try:
            return command(*args, **kwargs)
        except (Rejected, CannotDo) as error:
            raise ended(str(error), FAILED) from None
        except Unavailable as error:
            raise ended(str(error), COME_AGAIN) from None
        except OSError as error:
            if error.errno not in disk_errors.ADVICE:
                raise
            what = error.filename or "could not write"
            message = f"{what}: {error.strerror}: {disk_errors.advice(error)} and try again"
            raise ended(message, COME_AGAIN) from None
        except KeyboardInterrupt:
            raise ended(interrupted, INTERRUPTED) from None

    return wrapped


def looking(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command that changes nothing until its end: as `reported`, but interrupted it begins anew."""
    return reported(command, NOTHING_IS_CHANGED)


def report_error(message: str, code: int, *, as_json: bool) -> None:
    """Print why a command failed: a sentence on stderr, or for programs an object on stdout."""
    from hankstank.cli import terminal  # noqa: PLC0415 - loaded for those who fail only

    if as_json:
        terminal.say(msgspec.json.encode({"error": {"message": message, "exit_code": code}}).decode())
    else:
        terminal.complain(message)


def _ended(message: str, code: int, *, as_json: bool) -> typer.Exit:
    report_error(message, code, as_json=as_json)
    return typer.Exit(code)
