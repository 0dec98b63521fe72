"""API keys of a deployment in a file: made, listed, revoked; the API reads the file again by itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hankstank.cli import suggestions
from services.predict_api.web.api_keys import Key, KeysUnreadable, decode_keys, new_key, read_key_file
from shared.errors import CannotDo
from shared.storage.disk_errors import make_folder
from shared.storage.files import locked, write_whole


def add(file: Path, name: str, per_minute: int, per_hour: int) -> str:
    """Add a key to the file and return its secret, which is told only now."""
    if not name.strip():
        raise CannotDo(f"expected a name for who will hold the key, got {name!r}")
    with _alone(file) as target:
        keys = read(target)
        if any(key.name == name and not key.is_revoked for key in keys):
            raise CannotDo(f"{file}: {name!r} has a key already: revoke it first")
        secret, key = new_key(name)
        _write(target, [*keys, msgspec.structs.replace(key, per_minute=per_minute, per_hour=per_hour)])
    return secret


def revoke(file: Path, name: str) -> None:
    """Make a name's key invalid; it stays in the file, so that its uses in the log keep a name."""
    with _alone(file) as target:
        keys = read(target)
        if not any(key.name == name and not key.is_revoked for key in keys):
            valid = [key.name for key in keys if not key.is_revoked]
            raise CannotDo(f"{file}: no valid key is called {name!r}{suggestions.near(name, valid)}")
        named = [msgspec.structs.replace(key, is_revoked=key.is_revoked or key.name == name) for key in keys]
        _write(target, named)


def read(file: Path) -> list[Key]:
    """Return the keys in the file, none where it is not there yet."""
    if not file.exists():
        return []
    try:
        keys, faults = decode_keys(read_key_file(file), str(file))
    except KeysUnreadable as error:
        raise CannotDo(str(error)) from None
    if faults:
        raise CannotDo("; ".join(faults))
    return keys


def _write(file: Path, keys: list[Key]) -> None:
    write_whole(file, msgspec.json.format(msgspec.json.encode(keys)), mode=0o600)


@contextmanager
def _alone(file: Path) -> Iterator[Path]:
    """Wait for others who change the file, so that no change is made to what was read before theirs.

    Yields the file to write, which is the target of a link.
    """
    if file.exists() and not file.is_file():
        raise CannotDo(f"{file}: expected a file of keys, it is a folder, a device or the like")
    target = _target(file)
    make_folder(target.parent, "--file")
    lock = target.with_name(f"{target.name}.lock")
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        raise CannotDo(
            f"{lock}: expected a plain file or none, it is a link, a folder or the like: remove it"
        )
    with locked(lock):
        yield target


def _target(file: Path) -> Path:
    """Return what a link of this user points to; in a shared folder somebody else's may lead anywhere."""
    if not file.is_symlink():
        return file
    if file.lstat().st_uid != os.geteuid():
        raise CannotDo(f"{file}: expected a file or a link of your own, it is another user's link: remove it")
    return file.resolve()
