"""How a source can fail; every failure may pass later."""

from shared.errors import SourceUnavailable


class PermanentError(SourceUnavailable):
    """The source answered 4xx: an immediate retry does not help."""


class TransientError(SourceUnavailable):
    """Worth an immediate retry: 429, 5xx, a broken connection, a time-out, an unusable body."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds to wait, from Retry-After


class InvalidBody(TransientError):
    """A body is truncated, or not the format it should be."""


class EmptyResponse(TransientError):
    """A well-formed body is empty where data is required."""


class MissingPlays(EmptyResponse):
    """A final game's feed has a box score and no plays: they may be published later, or never."""


class RowLimitReached(SourceUnavailable):
    """A response has as many rows as the source's limit: some are missing."""


class CircuitOpen(SourceUnavailable):
    """The source failed too often in a row: no request is made for a while."""
