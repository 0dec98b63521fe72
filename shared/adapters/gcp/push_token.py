"""Verifies that a push comes from our own Pub/Sub, by its signed token."""

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any

from google.auth.exceptions import TransportError
from google.auth.transport import Request, Response
from google.oauth2 import id_token

from shared.errors import TokenRefused, Unavailable

GOOGLE_CERTIFICATES_URL = "https://www.googleapis.com/oauth2/v1/certs"
_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
_REMOVED_SIGNATURE = "SIGNATURE_REMOVED_BY_GOOGLE"  # Cloud Run's replacement for a signature that it checked
_MAX_CLOCK_SKEW = 10  # seconds that two clocks may differ
_MAX_AGE = re.compile(r"max-age=(\d+)")
_FETCH_TIMEOUT = 10  # seconds for certificates to come
_DEFAULT_MAX_AGE = 3600.0  # seconds for which certificates serve that do not say


def verify_push(authorization_header: str | None, audience: str, sender: str) -> None:
    """Pass a push whose token Google signed for `audience` in the name of the account `sender`.

    Raises TokenRefused for any other, Unavailable while Google's certificates are unavailable.
    """
    _google_verifier().verify_push(authorization_header, audience, sender)


def verify_behind_iam(
    authorization_header: str | None, audience: str, sender: str, clock: Callable[[], float] = time.time
) -> None:
    """Accept a push to a private service: Cloud Run checked the signature and removed it.

    Only for services that cannot be reached without that check: all other claims are checked here, and a
    token that still has a signature is verified completely. Raises TokenRefused, Unavailable.
    """
    head, _, signature = _bearer_token(authorization_header).rpartition(".")
    if signature != _REMOVED_SIGNATURE:
        verify_push(authorization_header, audience, sender)
        return
    claims = _unsigned_claims(head)
    _require_sender(claims, audience, sender)
    expires = claims.get("exp")
    _require_claim(
        "expiry", isinstance(expires, int) and expires + _MAX_CLOCK_SKEW > clock(), "a time to come", expires
    )


class TokenVerifier:
    """Verifies tokens against the certificates at an address, which are kept as long as they say."""

    def __init__(self, request: Request, certificates: str = GOOGLE_CERTIFICATES_URL) -> None:
        """Take the transport that fetches the certificates."""
        self._request, self._certificates = request, certificates

    def verify_push(self, authorization_header: str | None, audience: str, sender: str) -> None:
        """Pass a token for `audience` by `sender`; raises TokenRefused, Unavailable."""
        _require_sender(
            self._verified_claims(_bearer_token(authorization_header), audience), audience, sender
        )

    def _verified_claims(self, token: str, audience: str) -> Mapping[str, Any]:
        try:
            return id_token.verify_token(token, self._request, audience, self._certificates, _MAX_CLOCK_SKEW)
        except TransportError as error:
            raise Unavailable(f"the certificates at {self._certificates} are unavailable: {error}") from None
        except Exception as error:  # noqa: BLE001 - any error in a token means refusal
            raise TokenRefused(f"expected a token signed by Google for {audience}: {error}") from None


class CachingTransport(Request):
    """A transport that gives the last answer of an address again until its max-age has passed."""

    def __init__(self, request: Request, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the transport that asks, and a clock in seconds."""
        self._request, self._clock = request, clock
        self._cached: dict[str, tuple[float, Response]] = {}
        self._lock = Lock()

    def __call__(self, url: str, *args: Any, **kwargs: Any) -> Response:
        """Return the kept answer, or ask; only a success is kept."""
        with self._lock:
            until, answer = self._cached.get(url, (0.0, None))
            if answer is None or self._clock() >= until:
                answer = self._request(url, *args, **{"timeout": _FETCH_TIMEOUT, **kwargs})
                if answer.status == 200:
                    self._cached[url] = (self._clock() + _max_age_seconds(answer), answer)
            return answer


@cache
def _google_verifier() -> TokenVerifier:
    from google.auth.transport.requests import Request as Requests  # noqa: PLC0415 - opens a session

    return TokenVerifier(CachingTransport(Requests()))


def _bearer_token(authorization_header: str | None) -> str:
    found = _BEARER.fullmatch((authorization_header or "").strip())
    if found is None:
        received = "none" if not authorization_header else "another"
        raise TokenRefused(f"expected an Authorization header 'Bearer <token>', got {received}")
    return found[1]


def _unsigned_claims(head: str) -> Mapping[str, Any]:
    try:
        encoded = head.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (IndexError, ValueError) as error:
        raise TokenRefused(f"expected a token's claims as JSON: {error}") from None
    if not isinstance(claims, dict):
        raise TokenRefused(f"expected a token's claims as an object, got {type(claims).__name__}")
    return claims


def _require_sender(claims: Mapping[str, Any], audience: str, sender: str) -> None:
    _require_claim("issuer", claims.get("iss") in _ISSUERS, " or ".join(_ISSUERS), claims.get("iss"))
    _require_claim("audience", claims.get("aud") == audience, audience, claims.get("aud"))
    _require_claim("sender", claims.get("email") == sender, sender, claims.get("email"))
    _require_claim(
        "verified sender", claims.get("email_verified") is True, True, claims.get("email_verified")
    )


def _require_claim(what: str, met: bool, expected: object, got: object) -> None:
    if not met:
        raise TokenRefused(f"the token's {what}: expected {expected}, got {got!r}")


def _max_age_seconds(answer: Response) -> float:
    cache_control = {name.lower(): value for name, value in answer.headers.items()}.get("cache-control", "")
    found = _MAX_AGE.search(cache_control)
    return float(found[1]) if found else _DEFAULT_MAX_AGE
