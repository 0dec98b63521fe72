"""An object store in a folder: one file an object, its first line the SHA-256 of what follows."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from shared.errors import ObjectConflict, ObjectCorrupted, ObjectMissing, StoreUnavailable
from shared.storage import disk_errors, object_names

_LABEL = b"sha256 "
_HEADER = len(_LABEL) + 64 + 1
_serial = count()


class FolderStore:
    """Write-once objects that many threads and processes may share.

    Bytes reach their name complete or not at all: they are written to a temporary file, forced to disk,
    and linked, which fails where the name is taken; then the folder is forced to disk too, so that a
    published object survives a power cut. A name that is an object cannot also be a folder of objects.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temporary = root / ".tmp"
        _remove_leftovers(self._temporary)

    def write_once(self, name: str, data: bytes) -> None:
        """Write once; the same bytes again are no error, and repair a corrupted object."""
        if self.create_if_absent(name, data):
            return
        try:
            stored = self.read_bytes(name)
        except ObjectCorrupted:
            self.overwrite(name, data)
            return
        if stored != data:
            message = (
                f"{name}: expected {_sha256_hex(data)}, holds {_sha256_hex(stored)}: it is written only once"
            )
            raise ObjectConflict(message)

    def create_if_absent(self, name: str, data: bytes) -> bool:
        """Write if absent and return whether this call wrote it."""
        path = self._object_path(name)
        if self.exists(name):
            return False
        with self._temporary_file(name, path, data) as temporary:
            try:
                os.link(temporary, path)
            except FileExistsError:
                _refuse_folder(name, path)
                return False
            _fsync_folder(path.parent)
        return True

    def overwrite(self, name: str, data: bytes) -> None:
        """Write whether or not it exists: readers see the old bytes or the new ones, whole."""
        path = self._object_path(name)
        with self._temporary_file(name, path, data) as temporary:
            _refuse_folder(name, path)
            temporary.replace(path)
            _fsync_folder(path.parent)

    def read_bytes(self, name: str) -> bytes:
        """Return the bytes. Raises ObjectMissing, ObjectCorrupted, StoreUnavailable."""
        path = self._object_path(name)
        try:
            stored = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise ObjectMissing(f"{name}: no such object") from None
        except OSError as error:
            raise _unavailable_error(name, path, error) from None
        data = stored[_HEADER:]
        if stored[:_HEADER] != _checksum_header(data):
            raise ObjectCorrupted(f"{name}: the bytes are not the bytes that were written")
        return data

    def exists(self, name: str) -> bool:
        """Return whether the name is taken."""
        path = self._object_path(name)
        with _translated_errors(name, path):
            return path.is_file()

    def list_names(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, sorted."""
        folder = self._root / object_names.folder_of_prefix(prefix)
        with _translated_errors(prefix, folder):
            found = [name for name in self._walk_names(folder) if name.startswith(prefix)]
        return sorted(found)

    def size_on_disk(self, name: str) -> int:
        """Return an object's bytes on disk; raises ObjectMissing."""
        path = self._object_path(name)
        with _translated_errors(name, path):
            if not path.is_file():
                raise ObjectMissing(f"{name}: no such object")
            return path.stat().st_size

    def delete(self, name: str) -> None:
        """Remove an object; an absent one is no error."""
        path = self._object_path(name)
        with _translated_errors(name, path):
            if path.is_file():
                path.unlink(missing_ok=True)

    def _object_path(self, name: str) -> Path:
        return self._root / object_names.check_name(name)

    def _walk_names(self, folder: Path) -> Iterator[str]:
        for parent, folders, files in os.walk(folder):
            folders[:] = [one for one in folders if not one.startswith(".")]
            inside = Path(parent).relative_to(self._root).as_posix()
            yield from (file if inside == "." else f"{inside}/{file}" for file in files)

    @contextmanager
    def _temporary_file(self, name: str, path: Path, data: bytes) -> Iterator[Path]:
        """Yield a temporary file with `data` on disk, and make the folder of `path`."""
        temporary = self._temporary / f"{os.getpid()}-{next(_serial)}"
        with _translated_errors(name, path):
            _make_folder(self._temporary)
            try:
                _write_file(temporary, data)
                _make_parent(name, path)
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)


def _write_file(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(_checksum_header(data))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _checksum_header(data: bytes) -> bytes:
    return _LABEL + _sha256_hex(data).encode() + b"\n"


def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _make_parent(name: str, path: Path) -> None:
    try:
        _make_folder(path.parent)
    except (FileExistsError, NotADirectoryError):
        raise ObjectConflict(f"{name}: a part of this name is itself an object") from None


def _refuse_folder(name: str, path: Path) -> None:
    if path.is_dir():
        raise ObjectConflict(f"{name}: this name is a folder of objects")


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents, forcing each new name to disk."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _fsync_folder(folder.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated_errors(name: str, path: Path) -> Iterator[None]:
    """Turn what the file system refuses into StoreUnavailable that names the object and the file."""
    try:
        yield
    except OSError as error:
        raise _unavailable_error(name, path, error) from None


def _unavailable_error(name: str, path: Path, error: OSError) -> StoreUnavailable:
    message = (
        f"{name}: {path} could not be used, {error.strerror}: {disk_errors.advice_for(error)} and try again"
    )
    return StoreUnavailable(message)


def _remove_leftovers(temporary: Path) -> None:
    """Remove partial files of dead processes; a read-only folder keeps them."""
    with suppress(OSError):
        for path in temporary.glob("[0-9]*-[0-9]*"):
            if not _is_process_alive(int(path.name.partition("-")[0])):
                path.unlink(missing_ok=True)


def _is_process_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
