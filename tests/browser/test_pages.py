"""The pages in Chromium: nothing complains, nothing comes from elsewhere, everybody can read them, the line moves."""

from collections.abc import Iterator

import pytest

from hankstank.local.api_client import run_api
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_reports import save_report
from tests.browser.chromium import DESK, PHONE, Chromium, chromium, host, lacking
from tests.unit.services.predict_api.release_store import BOS_BATTERS, BOS_STARTER, TOMORROW, fill
from tests.unit.shared.reporting.reports import FULL

PAGES = ("/", f"/day/{TOMORROW}", "/game/1", f"/player/{BOS_STARTER}", f"/player/{BOS_BATTERS[0]}", "/find?q=player", "/record", "/reports", "/reports/2026-04-15", "/freshness", "/docs")  # fmt: skip
HEAVIEST = 150_000  # bytes as sent, everything a page asks for
ARROW_RIGHT = "\ue014"

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"not installed: {lacking()}")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("pages")
    fill(FolderStore(home / "objects"))
    save_report(FolderStore(home / "objects"), FULL, "", "")
    with run_api(home) as address:
        yield address


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(
    ("size", "is_dark"), [(DESK, False), (PHONE, True)], ids=["desk", "phone in the dark"]
)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_read_by_everybody(
    url: str, window: Chromium, page: str, size: tuple[int, int], is_dark: bool
) -> None:
    window.look(size, is_dark=is_dark)
    loaded = window.load(f"{url}{page}")
    assert loaded.complaints == []
    assert {host(one) for one in loaded.asked if not one.startswith("data:")} == {host(url)}
    assert 0 < loaded.size < HEAVIEST
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert window.faults() == []


def test_the_slider_moves_the_line(url: str, window: Chromium) -> None:
    window.look(DESK, is_dark=False)
    window.load(f"{url}/player/{BOS_BATTERS[0]}")
    before = result(window)
    window.press("input[type=range]", ARROW_RIGHT)
    after = result(window)
    assert float(after["line"]) == float(before["line"]) + 0.5
    assert float(after["over"]) < float(before["over"]) + float(before["push"])
    assert sum(float(after[name]) for name in ("over", "under", "push")) == pytest.approx(100, abs=0.2)


def result(window: Chromium) -> dict[str, str]:
    """Return the line of the first statistic and the odds beside it."""
    return window.run("""
        const section = document.querySelector(".statistic"), said = {line: section.querySelector("output").value};
        for (const one of section.querySelectorAll("[data-is]")) said[one.dataset.is] = one.textContent;
        return said;
    """)
