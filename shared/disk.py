"""What a file system refuses, and what to do about it."""

import errno

ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit on file size",
    errno.EROFS: "mount the folder for writing",
    errno.EACCES: "allow this user to use the folder",
    errno.EEXIST: "move it away or name another place",
    errno.EPERM: "allow this user to use the folder",
}


def advice(error: OSError) -> str:
    """Return what a user can do."""
    return ADVICE.get(error.errno or 0, "see whether the disk is in order")
