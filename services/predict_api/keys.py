"""API keys: hashed at rest, several, each with a name and limits, revocable while the API runs."""

import hashlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import msgspec

from shared import runtime
from shared.errors import Rejected, Unavailable

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = 30.0  # seconds between looks at the file or secret
PREFIX = "ht_"


class Limits(msgspec.Struct, frozen=True):
    """How often a caller may ask."""

    per_minute: int
    per_hour: int


class Key(msgspec.Struct, frozen=True):
    """One key as it rests: its SHA-256 suffices, for 256 random bits cannot be guessed from it."""

    name: str
    sha256: str
    per_minute: int = 600
    per_hour: int = 20_000
    is_revoked: bool = False

    @property
    def limits(self) -> Limits:
        """Return how often its holder may ask."""
        return Limits(self.per_minute, self.per_hour)


def new_key(name: str) -> tuple[str, Key]:
    """Return a fresh secret, to be told once, and the key that rests."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, Key(name, digest(secret))


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyRing:
    """The keys that a deployment names: a JSON array, or the path of a file that holds one.

    `told` says what the source is at each look: itself, or the secret whose address it is.
    """

    def __init__(
        self, source: str, timer: Callable[[], float] = monotonic, told: Callable[[str], str] = runtime.told
    ) -> None:
        self._source, self._timer, self._told = source.strip(), timer, told
        self._looked_at = float("-inf")
        self._keys: dict[str, Key] = {}

    def key(self, secret: str) -> Key | None:
        """Return the key of a secret; None for one that is not known or was revoked."""
        self._look()
        key = self._keys.get(digest(secret))
        return None if key is None or key.is_revoked else key

    def _look(self) -> None:
        if self._timer() - self._looked_at < LOOK_AGAIN_AFTER or not self._source:
            return
        self._looked_at = self._timer()
        try:
            said = self._told(self._source)
            keys = said if said.lstrip().startswith("[") else Path(said).read_text()
            self._keys = {key.sha256: key for key in msgspec.json.decode(keys, type=list[Key])}
        except (OSError, msgspec.MsgspecError, Rejected, Unavailable):
            # a file half written or a secret out of reach must not let everybody in or out
            log.exception("the API keys cannot be read; those read before stay valid")
