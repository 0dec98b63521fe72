"""The prediction API as a client sees it: started as a child process, asked over HTTP."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from hankstank import child
from hankstank.outcomes import CannotDo

READY_WITHIN = 60.0  # seconds


class NotReadyInTime(CannotDo):
    """The API did not become ready."""


class Refused(CannotDo):
    """The API answered with a problem."""


@contextmanager
def api(home: Path) -> Iterator[str]:
    """Run the API on the stores below `home` and yield its address once it is ready."""
    with child.server(["hankstank", "serve", "--home", str(home), "--port", "0", "--announce"]) as url:
        _wait_until_ready(url)
        yield url


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    with httpx.Client(base_url=url, timeout=5) as client:
        while (told := _readiness(client)) is not None:
            if time.monotonic() > deadline:
                raise NotReadyInTime(f"{url}/readyz: expected 200 within {READY_WITHIN:.0f} s, got: {told}")
            time.sleep(0.1)


def _readiness(client: httpx.Client) -> str | None:
    """Return why the API is not ready, None when it is."""
    try:
        answer = client.get("/readyz")
    except httpx.TransportError as error:
        return str(error)
    return None if answer.status_code == 200 else answer.text


class ApiClient:
    """Questions to a running API."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def slate(self, day: date) -> list[dict[str, Any]]:
        """Return the forecasts of a day's games."""
        games: list[dict[str, Any]] = _body(self._http.get(f"/slate/{day}"))["games"]
        return games

    def game(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a game: POST /predict/game."""
        return _body(self._http.post("/predict/game", json=dict(question)))

    def player(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a player: POST /predict/player."""
        return _body(self._http.post("/predict/player", json=dict(question)))


def _body(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        raise Refused(
            f"{answer.request.method} {answer.request.url.path}: {body.get('title')}: {body.get('detail')}"
        )
    return body
