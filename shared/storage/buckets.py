"""Which bucket holds which objects: read from `buckets.json` by the Cloud Storage adapter and Terraform."""

import json
from functools import cache
from pathlib import Path

STATE = "state"  # holds what no folder claims: status, leases, the world's clock


@cache
def _load_folders() -> dict[str, str]:
    folders: dict[str, str] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return folders


def list_buckets() -> tuple[str, ...]:
    """Return every bucket that holds objects of the ObjectStore port."""
    return (*dict.fromkeys(_load_folders().values()), STATE)


def bucket_of(name: str) -> str:
    """Return the bucket that holds the object `name`, decided by its first folder."""
    folder, slash, _ = name.partition("/")
    return _load_folders().get(folder, STATE) if slash else STATE


def buckets_for(prefix: str) -> tuple[str, ...]:
    """Return the buckets that may hold names that begin with `prefix`."""
    if "/" in prefix:
        return (bucket_of(prefix),)
    claimed = (bucket for folder, bucket in _load_folders().items() if folder.startswith(prefix))
    return tuple(dict.fromkeys((*claimed, STATE)))
