"""What Google's clients raise, told apart as the rooms do: asking again cannot help, or it may."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from google.api_core import exceptions as google
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

from shared.errors import Rejected, Unavailable

# Refusals that pass: a rate or a quota that is used up comes as 403 too, and a lost race or a call that
# was broken off as 4xx.
_PASSING_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "jobRateLimitExceeded")
_PASSING = (google.TooManyRequests, google.Conflict, google.Cancelled)
_REQUEST_TIMEOUT = 408
_LONGEST = 300  # characters of what Google said

_WORTH_ANOTHER_TRY = if_exception_type(
    google.Aborted,
    google.DeadlineExceeded,
    google.InternalServerError,
    google.ResourceExhausted,
    google.ServiceUnavailable,
    google.Unknown,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of Google: of which resource, and what to do where it is missing or forbidden."""

    of: str
    missing: str
    forbidden: str


@contextmanager
def translated(asked: Asked, unavailable: type[Unavailable] = Unavailable) -> Iterator[None]:
    """Raise Rejected for what stays refused, and `unavailable` for what may pass, naming the resource."""
    try:
        yield
    except google.NotFound as error:
        raise Rejected(f"{asked.of}: not found ({_said(error)}): {asked.missing}") from None
    except (google.Forbidden, google.Unauthorized) as error:
        if passes(error):
            raise unavailable(f"{asked.of}: {_said(error)}: a quota is used up, try again later") from None
        raise Rejected(f"{asked.of}: permission denied ({_said(error)}): {asked.forbidden}") from None
    except google.GoogleAPICallError as error:
        if passes(error):
            raise unavailable(f"{asked.of}: did not answer ({_said(error)}): try again later") from None
        raise Rejected(f"{asked.of}: refused: {_said(error)}") from None
    except DefaultCredentialsError as error:
        raise Rejected(f"{asked.of}: no credentials: run as a service account: {error}") from None
    except (google.RetryError, GoogleAuthError, requests.RequestException, ConnectionError) as error:
        raise unavailable(f"{asked.of}: did not answer ({error}): try again later") from None


def retry(deadline: float) -> Retry:
    """Return Google's own retry of a gRPC call while it may pass, for at most `deadline` seconds."""
    return Retry(predicate=_WORTH_ANOTHER_TRY, initial=0.1, maximum=5.0, timeout=deadline)


def passes(error: google.GoogleAPICallError) -> bool:
    """Return whether the same request may be answered later."""
    used_up = any(reason in f"{error} {error.errors}" for reason in _PASSING_REASONS)
    refused = isinstance(error, google.ClientError) and error.code != _REQUEST_TIMEOUT
    return used_up or isinstance(error, _PASSING) or not refused


def _said(error: google.GoogleAPICallError) -> str:
    told = str(error.message)[:_LONGEST]
    return f"{error.code}: {told}" if error.code else told
