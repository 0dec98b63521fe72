"""Chromium as a reader uses it, driven through chromedriver's own protocol (WebDriver over HTTP)."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

PHONE, DESK = (390, 844), (1280, 900)  # width and height in CSS pixels
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_STARTED = re.compile(r"started successfully on port (\d+)")
_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then((told) => done(told.violations.map(
  ({id, impact, help, nodes}) => ({id, impact, help, where: nodes.map((node) => node.target.join(" "))}))));
"""


def lacking() -> str:
    """Return which tools are not here: Chromium, chromedriver, or axe-core in a folder of NODE_PATH."""
    found = {
        "chromium": any(map(shutil.which, _BROWSERS)),
        "chromedriver": shutil.which("chromedriver"),
        "axe-core (npm, NODE_PATH)": axe(),
    }
    return ", ".join(name for name, path in found.items() if not path)


def axe() -> Path | None:
    """Return the file of axe-core, the accessibility checker."""
    folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    files = (folder / "axe-core/axe.min.js" for folder in [*folders, Path("node_modules")])
    return next((file for file in files if file.exists()), None)


@dataclass(frozen=True)
class Loaded:
    """What loading a page took: the addresses asked, their bytes as sent, and what the console complained of."""

    asked: Sequence[str]
    size: int
    complaints: Sequence[str]


class Chromium:
    """One window."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def look(self, size: tuple[int, int], *, is_dark: bool) -> None:
        """Become a screen of a size, light or dark."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self._devtools("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", features=[scheme])

    def load(self, url: str) -> Loaded:
        """Go to a page and return what that took."""
        self._log("browser"), self._log("performance")  # of the page before
        self._post("url", url=url)
        result = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        asked = [
            one["params"]["request"]["url"] for one in result if one["method"] == "Network.requestWillBeSent"
        ]
        size = sum(
            one["params"]["encodedDataLength"] for one in result if one["method"] == "Network.loadingFinished"
        )
        return Loaded(asked, int(size), [entry["message"] for entry in self._log("browser")])

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns."""
        return self._post("execute/sync", script=script, args=arguments)

    def press(self, selector: str, keys: str) -> None:
        """Type into the first element that fits."""
        (element,) = self._post("element", using="css selector", value=selector).values()
        self._post(f"element/{element}/value", text=keys)

    def faults(self) -> list[Mapping[str, Any]]:
        """Return what axe finds serious or worse on the page as it stands."""
        self.run(axe().read_text())
        found = self._post("execute/async", script=_AXE, args=[])
        return [one for one in found if one["impact"] in ("serious", "critical")]

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        result = self._devtools("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(result["data"])

    def _log(self, kind: str) -> list[dict[str, Any]]:
        return self._post("se/log", type=kind)

    def _devtools(self, command: str, **parameters: Any) -> Any:
        return self._post("goog/cdp/execute", cmd=command, params=parameters)

    def _post(self, path: str, **result: Any) -> Any:
        answer = self._http.post(path, json=result)
        assert answer.is_success, answer.text
        return answer.json()["value"]


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Open a window without a screen; close it, and what was started for it, on leaving."""
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        port = next(found[1] for line in driver.stdout if (found := _STARTED.search(line)))
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]}
        logs = {"browser": "ALL", "performance": "ALL"}
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": logs}}
        opened = httpx.post(f"http://127.0.0.1:{port}/session", json={"capabilities": wanted}, timeout=60)
        assert opened.is_success, opened.text
        session = f"http://127.0.0.1:{port}/session/{opened.json()['value']['sessionId']}"
        try:
            with httpx.Client(base_url=f"{session}/", timeout=60) as http:
                yield Chromium(http)
        finally:
            assert httpx.delete(session, timeout=60).is_success  # the browser would outlive its driver
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()


def host(url: str) -> str:
    """Return the host and port of an address."""
    return urlsplit(url).netloc
