"""The page of a first start in Chromium: how far it is, for everybody to read, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from hankstank.local.subprocesses import run_server
from services.predict_api.pages.routes import REFRESH_S
from shared.adapters.local.folder_store import FolderStore
from shared.storage.first_start import FirstStart, save_first_start
from tests.browser.chromium import DESK, PHONE, Chromium, chromium, host, lacking
from tests.patience import PATIENCE, wait_until

UNDER_WAY = FirstStart(
    "2025", "backfill", "2025-05-07 to 2025-05-16", 6, 41, games=812, of_games=4905, seconds_left=2490
)

_TEXT = "return document.querySelector('main').innerText"

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"not installed: {lacking()}")


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("first-start")
    save_first_start(FolderStore(folder / "objects"), UNDER_WAY)
    return folder


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with run_server(["hankstank", "serve", "--home", str(home), "--port", "0", "--print-address"]) as address:
        wait_until(lambda: _listens(address), PATIENCE)
        yield address


def _listens(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 503
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("size", "is_dark"), [(DESK, False), (PHONE, True)], ids=["desk", "phone in the dark"]
)
def test_first_start_is_read_by_everybody(
    url: str, window: Chromium, size: tuple[int, int], is_dark: bool
) -> None:
    window.look(size, is_dark=is_dark)
    loaded = window.load(f"{url}/")
    assert [one for one in loaded.complaints if "503" not in one] == []
    assert {host(one) for one in loaded.asked if not one.startswith("data:")} == {host(url)}
    assert "Chunk 6 of 41, 2025-05-07 to 2025-05-16: 812 of 4,905 games." in window.run(_TEXT)
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert window.faults() == []


def test_page_follows_the_first_start(url: str, window: Chromium, home: Path) -> None:
    window.load(f"{url}/")
    objects = FolderStore(home / "objects")
    save_first_start(objects, replace(UNDER_WAY, chunk=7, games=930))
    try:
        wait_until(lambda: "Chunk 7 of 41" in window.run(_TEXT), REFRESH_S + PATIENCE)
    finally:
        save_first_start(objects, UNDER_WAY)
