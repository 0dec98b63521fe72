"""The pages in Chromium: nothing complains, nothing comes from elsewhere, everybody can read them, the line moves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from hankstank.local.api_client import run_api
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_reports import save_report
from shared.storage.day_results import ScoredForecast
from tests.browser.chromium import DESK, PHONE, Chromium, chromium, host, lacking
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, BOS_STARTER, TOMORROW, fill
from tests.unit.services.predict_api.result_day import lines, result, scored, store_results, store_season
from tests.unit.shared.reporting.reports import FULL

PAGES = ("/", f"/day/{TOMORROW}", f"/day/{AS_OF}", "/game/1", "/game/77", f"/player/{BOS_STARTER}", f"/player/{BOS_BATTERS[0]}", "/find?q=player", "/record", "/reports", "/reports/2026-04-15", "/freshness", "/docs")  # fmt: skip
DAY = timedelta(days=1)
HEAVIEST = 150_000  # bytes as sent, everything a page asks for
ARROW_RIGHT = "\ue014"

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"not installed: {lacking()}")


def _forecasts(game_pk: int) -> tuple[ScoredForecast, ...]:
    """Return a forecast that missed and one that hit."""
    missed = scored("batter_hits", 2, BOS_BATTERS[0], game_pk=game_pk, interval_80=(0, 1), hit=False)
    return missed, scored("pitcher_strikeouts", 6, BOS_STARTER, game_pk=game_pk, interval_80=(3, 8))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("pages")
    objects = FolderStore(home / "objects")
    fill(objects)
    store_season(objects, AS_OF - DAY, 12)
    store_results(objects, AS_OF, games=(result(AS_OF, 77),), lines=lines(77), forecasts=_forecasts(77))
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


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_strip_of_days_leads_back(url: str, window: Chromium, size: tuple[int, int]) -> None:
    window.look(size, is_dark=False)
    window.load(f"{url}/day/{AS_OF - 3 * DAY}")
    earlier = window.run("return document.querySelector('.days a[rel=prev]').href")
    assert earlier.endswith(f"/day/{AS_OF - 7 * DAY}")
    assert window.run("""
        const strip = document.querySelector(".days"), last = strip.lastElementChild.getBoundingClientRect();
        return last.right <= window.innerWidth && last.width > 0;
    """)


def test_the_slider_moves_the_line(url: str, window: Chromium) -> None:
    window.look(DESK, is_dark=False)
    window.load(f"{url}/player/{BOS_BATTERS[0]}")
    before = shown_odds(window)
    window.press("input[type=range]", ARROW_RIGHT)
    after = shown_odds(window)
    assert float(after["line"]) == float(before["line"]) + 0.5
    assert float(after["over"]) < float(before["over"]) + float(before["push"])
    assert sum(float(after[name]) for name in ("over", "under", "push")) == pytest.approx(100, abs=0.2)


def shown_odds(window: Chromium) -> dict[str, str]:
    """Return the line of the first statistic and the odds beside it."""
    return window.run("""
        const section = document.querySelector(".statistic"), said = {line: section.querySelector("output").value};
        for (const one of section.querySelectorAll("[data-is]")) said[one.dataset.is] = one.textContent;
        return said;
    """)
