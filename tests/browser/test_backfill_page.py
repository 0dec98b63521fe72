"""The page of a backfill's report in Chromium: one file, no complaint, for everybody to read, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import DESK, PHONE, Chromium, chromium, lacking
from tests.unit.evaluation.test_backfill_page import CHECK, COVERAGE, STRIKEOUTS, page

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"not installed: {lacking()}")


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(strikeouts=STRIKEOUTS, coverage=COVERAGE, check=CHECK))
    return file.as_uri()


@pytest.mark.parametrize(
    ("size", "is_dark"), [(DESK, False), (PHONE, True)], ids=["desk", "phone in the dark"]
)
def test_report_is_read_by_everybody(
    url: str, window: Chromium, size: tuple[int, int], is_dark: bool
) -> None:
    window.look(size, is_dark=is_dark)
    loaded = window.load(url)
    assert loaded.complaints == []
    assert {one for one in loaded.asked if not one.startswith("data:")} == {url}
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert window.faults() == []
