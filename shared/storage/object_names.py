"""What an object may be called: parts divided by `/`, the same on a folder and on Cloud Storage."""

import re

from shared.errors import InvalidObjectName

# A part never begins with a dot: no `.` and `..`, and a folder store keeps its own files behind one.
_PART = r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*"
_NAME = re.compile(rf"{_PART}(/{_PART})*")
_LONGEST_PART, _LONGEST_NAME = 200, 1000  # bytes


def check_name(name: str) -> str:
    """Return the name if an object can have it; raises InvalidObjectName."""
    fits = len(name.encode(errors="replace")) <= _LONGEST_NAME and all(
        len(part.encode(errors="replace")) <= _LONGEST_PART for part in name.split("/")
    )
    if fits and _NAME.fullmatch(name):
        return name
    raise InvalidObjectName(
        f"expected an object name like 'raw/mlb/2026-04-01/a.json.zst', got {name[:80]!r}"
    )


def folder_of_prefix(prefix: str) -> str:
    """Return the folder in which every name that begins with `prefix` lies; raises InvalidObjectName."""
    head = prefix.rpartition("/")[0]
    return check_name(head) if head else ""
