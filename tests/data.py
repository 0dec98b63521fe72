"""Where the recorded and real seasons lie, and how a test skips, saying why, without them."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("HANKSTANK_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()


def needs_data(*parts: str) -> pytest.MarkDecorator:
    """Skip unless `HANKSTANK_DATA` (default ../shared/data) holds the file or folder `parts`."""
    path = DATA.joinpath(*parts)
    return pytest.mark.skipif(
        not path.exists(), reason=f"needs {path}: set HANKSTANK_DATA to the data folder"
    )
