"""Where the recorded and real seasons lie, and how a test skips, saying why, without them."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("HANKSTANK_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()


def list_data_files(folder: str, pattern: str) -> list[Path]:
    """Return the files to parametrize by; without the folder one that is missing, for `needs_data` to skip.

    An empty list fails the collection (`empty_parameter_set_mark`): no test vanishes without a word.
    """
    path = DATA / folder
    return sorted(path.glob(pattern)) if path.exists() else [path / pattern]


def needs_data(*parts: str) -> pytest.MarkDecorator:
    """Skip unless `HANKSTANK_DATA` (default ../shared/data) holds the file or folder `parts`."""
    path = DATA.joinpath(*parts)
    return pytest.mark.skipif(
        not path.exists(), reason=f"needs {path}: set HANKSTANK_DATA to the data folder"
    )
