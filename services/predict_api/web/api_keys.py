"""API keys: stored hashed, each with a name and limits, revocable while the API runs."""

import hashlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import msgspec

from shared.errors import Rejected, Unavailable
from shared.runtime import ports_factory

log = logging.getLogger(__name__)

RELOAD_INTERVAL = 30.0  # seconds between reads of the file or secret
PREFIX = "ht_"


class RateLimits(msgspec.Struct, frozen=True):
    """The most requests a client may send."""

    per_minute: int
    per_hour: int


class ApiKeysUnreadable(Rejected):
    """The keys cannot be read; the message names the source and the reason."""


class ApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stored key: only its SHA-256, from which 256 random bits cannot be guessed.

    `revoked` is an alias of `is_revoked` for files edited by hand.
    """

    name: str
    sha256: str
    per_minute: int = 600
    per_hour: int = 20_000
    is_revoked: bool = False
    revoked: bool | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.revoked is True:
            msgspec.structs.force_setattr(self, "is_revoked", True)

    @property
    def rate_limits(self) -> RateLimits:
        """Return the limits of its holder."""
        return RateLimits(self.per_minute, self.per_hour)


def new_key(name: str) -> tuple[str, ApiKey]:
    """Return a fresh secret, to be shown once, and the key to store."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, ApiKey(name, hash_secret(secret))


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_key_file(file: Path) -> str:
    """Return the text of a file of keys; raises ApiKeysUnreadable."""
    try:
        return file.read_text("utf-8")
    except IsADirectoryError:
        raise ApiKeysUnreadable(f"{file}: expected a file of keys, found a folder") from None
    except UnicodeDecodeError as error:
        raise ApiKeysUnreadable(f"{file}: expected UTF-8, {error.reason} at byte {error.start}") from None
    except OSError as error:
        raise ApiKeysUnreadable(f"{file}: {error.strerror}") from None


def decode_keys(text: str | bytes, where: str) -> tuple[list[ApiKey], list[str]]:
    """Return the keys of a JSON array, and the errors of its other entries.

    An entry with an unknown field is not a key: the field may have been meant to revoke it. Raises
    ApiKeysUnreadable where the text is not an array.
    """
    try:
        entries = msgspec.json.decode(text, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ApiKeysUnreadable(f"{where}: expected a JSON array of keys, {error}") from None
    keys, errors = [], []
    for number, entry in enumerate(entries, 1):
        try:
            keys.append(msgspec.json.decode(entry, type=ApiKey))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            errors.append(f"{where}: entry {number} is not a key: {error}")
    return keys, errors


def load_keys(
    source: str, resolve_source: Callable[[str], str] = ports_factory.resolve_setting
) -> tuple[list[ApiKey], list[str]]:
    """Return the keys that a source names, and the errors of its other entries.

    It is a JSON array, the file that holds one, or the address of a secret that is either.
    Raises ApiKeysUnreadable, Unavailable.
    """
    resolved = resolve_source(source)
    text = resolved if resolved.lstrip().startswith("[") else read_key_file(Path(resolved))
    return decode_keys(text, "API keys" if text is resolved else resolved)


class ApiKeyStore:
    """The keys that a deployment names: a JSON array, or the path of a file that holds one.

    `resolve_source` returns the source at each read: itself, or the secret at its address.
    """

    def __init__(
        self,
        source: str,
        timer: Callable[[], float] = monotonic,
        resolve_source: Callable[[str], str] = ports_factory.resolve_setting,
    ) -> None:
        self._source, self._timer, self._resolve_source = source.strip(), timer, resolve_source
        self._loaded_at = float("-inf")
        self._keys: dict[str, ApiKey] = {}
        self.reload_keys()

    def find_key(self, secret: str) -> ApiKey | None:
        """Return the key of a secret as last read; None for one not known or revoked."""
        key = self._keys.get(hash_secret(secret))
        return None if key is None or key.is_revoked else key

    def reload_keys(self) -> None:
        """Read the keys again where the last read is half a minute old.

        A source that cannot be read, such as a file half written, changes nothing: a fault must neither admit
        nor lock out every client.
        """
        if self._timer() - self._loaded_at < RELOAD_INTERVAL or not self._source:
            return
        self._loaded_at = self._timer()
        try:
            keys, errors = load_keys(self._source, self._resolve_source)
        except (Rejected, Unavailable) as error:
            log.error("the API keys cannot be read, those read before stay valid: %s", error)  # noqa: TRY400
            return
        self._keys = {key.sha256: key for key in keys}
        for message in errors:
            log.error("%s: it is ignored", message)
