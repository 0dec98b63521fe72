"""Creates, lists and revokes API keys in a file; a running API reloads the file by itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hankstank import suggestions
from services.predict_api.web.api_keys import ApiKey, ApiKeysUnreadable, decode_keys, new_key, read_key_file
from shared.errors import UserError
from shared.storage.disk_errors import make_folder
from shared.storage.files import file_lock, write_atomically


def add_key(file: Path, name: str, per_minute: int, per_hour: int) -> str:
    """Add a key to the file and return its secret, which is not stored."""
    if not name.strip():
        raise UserError(f"expected a name for the key's holder, got {name!r}")
    with _locked_file(file) as target:
        keys = read_keys(target)
        if any(key.name == name and not key.is_revoked for key in keys):
            raise UserError(f"{file}: {name!r} has a key already: revoke it first")
        secret, key = new_key(name)
        _write_keys(target, [*keys, msgspec.structs.replace(key, per_minute=per_minute, per_hour=per_hour)])
    return secret


def revoke_key(file: Path, name: str) -> None:
    """Revoke a key; it stays in the file, so that log entries keep their name."""
    with _locked_file(file) as target:
        keys = read_keys(target)
        if not any(key.name == name and not key.is_revoked for key in keys):
            valid = [key.name for key in keys if not key.is_revoked]
            raise UserError(
                f"{file}: no valid key is called {name!r}{suggestions.suggest_names(name, valid)}"
            )
        named = [msgspec.structs.replace(key, is_revoked=key.is_revoked or key.name == name) for key in keys]
        _write_keys(target, named)


def read_keys(file: Path) -> list[ApiKey]:
    """Return the keys in the file; none if it does not exist."""
    if not file.exists():
        return []
    try:
        keys, errors = decode_keys(read_key_file(file), str(file))
    except ApiKeysUnreadable as error:
        raise UserError(str(error)) from None
    if errors:
        raise UserError("; ".join(errors))
    return keys


def _write_keys(file: Path, keys: list[ApiKey]) -> None:
    write_atomically(file, msgspec.json.format(msgspec.json.encode(keys)), mode=0o600)


@contextmanager
def _locked_file(file: Path) -> Iterator[Path]:
    """Lock the file against concurrent changes and yield the path to write, with links followed."""
    if file.exists() and not file.is_file():
        raise UserError(f"{file}: expected a file of keys, it is a folder or a device")
    target = _target(file)
    make_folder(target.parent, "--file")
    lock = target.with_name(f"{target.name}.lock")
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        raise UserError(f"{lock}: expected a plain file or none, it is a link or a folder: remove it")
    with file_lock(lock):
        yield target


def _target(file: Path) -> Path:
    """Follow a link of this user only: in a shared folder another user's link may lead anywhere."""
    if not file.is_symlink():
        return file
    if file.lstat().st_uid != os.geteuid():
        raise UserError(
            f"{file}: expected a file or a link of your own, it is another user's link: remove it"
        )
    return file.resolve()
