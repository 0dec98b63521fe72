"""How a source can fail; all of it may be better later."""

from shared.errors import SourceUnavailable


class PermanentError(SourceUnavailable):
    """The source answered that it has no such thing (4xx): asking again at once does not help."""


class TransientError(SourceUnavailable):
    """Worth another try at once: 429, 5xx, a broken connection, a time-out, an unusable body."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds the source asked us to wait


class InvalidBody(TransientError):
    """A body is truncated, or not the format it should be."""


class EmptyResponse(TransientError):
    """A well-formed body says nothing where something must be."""


class MissingPlays(EmptyResponse):
    """A final game's feed has a box score and no plays: they may come, or never."""


class RowLimitReached(SourceUnavailable):
    """An answer has as many rows as the source ever gives: some are missing."""


class CircuitOpen(SourceUnavailable):
    """The source failed too often in a row and is left alone for a while."""
