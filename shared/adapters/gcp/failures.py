"""Translates errors of Google's clients into Rejected (permanent) and Unavailable (transient)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from google.api_core import exceptions as google
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

from shared.errors import Rejected, Unavailable

# Transient refusals: an exhausted rate or quota may be a 403, a lost race or a cancelled call another 4xx.
_TRANSIENT_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "jobRateLimitExceeded")
_TRANSIENT_ERRORS = (google.TooManyRequests, google.Conflict, google.Cancelled)
_REQUEST_TIMEOUT = 408
_MAX_MESSAGE_LENGTH = 300  # characters

_IS_RETRYABLE = if_exception_type(
    google.Aborted,
    google.DeadlineExceeded,
    google.InternalServerError,
    google.ResourceExhausted,
    google.ServiceUnavailable,
    google.Unknown,
)


@dataclass(frozen=True, slots=True)
class GoogleRequest:
    """A request to Google: its resource, and advice if that is missing or forbidden."""

    resource: str
    missing_advice: str
    forbidden_advice: str


@contextmanager
def translated_errors(request: GoogleRequest, unavailable: type[Unavailable] = Unavailable) -> Iterator[None]:
    """Raise Rejected for permanent errors and `unavailable` for transient ones, naming the resource."""
    try:
        yield
    except google.NotFound as error:
        raise Rejected(
            f"{request.resource}: not found ({_describe_error(error)}): {request.missing_advice}"
        ) from None
    except (google.Forbidden, google.Unauthorized) as error:
        if is_transient(error):
            raise unavailable(
                f"{request.resource}: {_describe_error(error)}: a quota is used up, try again later"
            ) from None
        raise Rejected(
            f"{request.resource}: permission denied ({_describe_error(error)}): {request.forbidden_advice}"
        ) from None
    except google.GoogleAPICallError as error:
        if is_transient(error):
            raise unavailable(
                f"{request.resource}: did not answer ({_describe_error(error)}): try again later"
            ) from None
        raise Rejected(f"{request.resource}: refused: {_describe_error(error)}") from None
    except DefaultCredentialsError as error:
        raise Rejected(f"{request.resource}: no credentials: run as a service account: {error}") from None
    except (google.RetryError, GoogleAuthError, requests.RequestException, ConnectionError) as error:
        raise unavailable(f"{request.resource}: did not answer ({error}): try again later") from None


def grpc_retry(deadline: float) -> Retry:
    """Return Google's retry of transient gRPC errors, for at most `deadline` seconds."""
    return Retry(predicate=_IS_RETRYABLE, initial=0.1, maximum=5.0, timeout=deadline)


def is_transient(error: google.GoogleAPICallError) -> bool:
    """Return whether the same request may succeed later."""
    used_up = any(reason in f"{error} {error.errors}" for reason in _TRANSIENT_REASONS)
    refused = isinstance(error, google.ClientError) and error.code != _REQUEST_TIMEOUT
    return used_up or isinstance(error, _TRANSIENT_ERRORS) or not refused


def _describe_error(error: google.GoogleAPICallError) -> str:
    message = str(error.message)[:_MAX_MESSAGE_LENGTH]
    return f"{error.code}: {message}" if error.code else message
