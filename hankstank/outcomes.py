"""How commands end: exit codes that mean something, and errors as one sentence instead of a trace."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from shared.errors import Rejected, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

FAILED = 1  # the work could not be done; 2 is typer's own, for wrong usage
COME_AGAIN = 3  # it may work later: another run holds the folder, a source is down
INTERRUPTED = 130


class CannotDo(Exception):  # noqa: N818 - named for the condition
    """A command cannot do what was asked; the message says why and what to do."""


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command so that expected failures become a sentence on stderr and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (Rejected, CannotDo) as error:
            raise _ended(str(error), FAILED) from None
        except Unavailable as error:
            raise _ended(str(error), COME_AGAIN) from None
        except KeyboardInterrupt:
            told = "interrupted: nothing is lost; the same command goes on where this one stopped"
            raise _ended(told, INTERRUPTED) from None

    return wrapped


def _ended(message: str, code: int) -> typer.Exit:
    typer.secho(f"hankstank: {message}", err=True, fg=typer.colors.RED)
    return typer.Exit(code)
