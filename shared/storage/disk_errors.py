"""Advice for errors of the file system."""

import errno
from pathlib import Path

from shared.errors import StoreUnavailable

ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit on file size",
    errno.EROFS: "mount the folder for writing",
    errno.EACCES: "allow this user to use the folder",
    errno.EEXIST: "move it away or name another place",
    errno.EPERM: "allow this user to use the folder",
}


def advice_for(error: OSError) -> str:
    """Return what a user can do."""
    return ADVICE.get(error.errno or 0, "check the disk")


def make_folder(folder: Path, option: str) -> None:
    """Make a folder that was named with an option.

    Raises:
        StoreUnavailable: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make {folder}: {error.strerror}: name another folder with {option}"
        raise StoreUnavailable(message) from None
