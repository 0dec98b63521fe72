"""The plugin of mypy that refuses `sum` over floats finds one, and leaves counts alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = f"[mypy]\nplugins = {ROOT}/tests/float_sums.py\n"


@pytest.mark.parametrize(
    ("summed", "is_refused"),
    [
        ("[0.1] * 10", True),
        ("(x / 3 for x in range(3))", True),
        ("{'a': 0.1}.values()", True),
        ("[1, 2]", False),
        ("map(len, ['a'])", False),
        ("(x > 1 for x in (1, 2))", False),
    ],
)
def test_a_sum_of_floats_is_refused(summed: str, is_refused: bool, tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text(SETTINGS)
    (tmp_path / "planted.py").write_text(f"total = sum({summed})\n")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "planted.py"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert bool(re.search("planted.py:1: error", found)) is is_refused, found
