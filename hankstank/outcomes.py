"""How commands end: exit codes that mean something, and errors as one sentence instead of a trace."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec
import typer

from hankstank.cli import INTERRUPTED
from shared import disk
from shared.errors import Rejected, StoreUnavailable, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

FAILED = 1  # the work could not be done; 2 is typer's own, for wrong usage
COME_AGAIN = 3  # it may work later: another run holds the folder, a source is down
NOTHING_IS_LOST = "interrupted: nothing is lost; the same command goes on where this one stopped"
NOTHING_IS_CHANGED = "interrupted: nothing was changed; the same command begins anew"


class CannotDo(Exception):  # noqa: N818 - named for the condition
    """A command cannot do what was asked; the message says why and what to do."""


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
            if error.errno not in disk.ADVICE:
                raise
            what = error.filename or "could not write"
            message = f"{what}: {error.strerror}: {disk.advice(error)} and try again"
            raise ended(message, COME_AGAIN) from None
        except KeyboardInterrupt:
            raise ended(interrupted, INTERRUPTED) from None

    return wrapped


def looking(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command that changes nothing until its end: as `reported`, but interrupted it begins anew."""
    return reported(command, NOTHING_IS_CHANGED)


def make(folder: Path, option: str) -> None:
    """Make a folder that was named with an option.

    Raises:
        StoreUnavailable: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"cannot make {folder}: {error.strerror}: name another folder with {option}"
        raise StoreUnavailable(told) from None


def report_error(message: str, code: int, *, as_json: bool) -> None:
    """Print why a command failed: a sentence on stderr, or for programs an object on stdout."""
    from hankstank import terminal  # noqa: PLC0415 - loaded for those who fail only

    if as_json:
        terminal.say(msgspec.json.encode({"error": {"message": message, "exit_code": code}}).decode())
    else:
        terminal.complain(message)


def _ended(message: str, code: int, *, as_json: bool) -> typer.Exit:
    report_error(message, code, as_json=as_json)
    return typer.Exit(code)
