"""An HTTP client of the prediction API, and the API as a child process."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from hankstank.local import subprocesses
from shared.errors import SourceUnavailable, UserError

READY_WITHIN = 60.0  # seconds


class ApiNotReady(UserError):
    """The API did not become ready."""


class ApiError(UserError):
    """The API returned an error."""


@contextmanager
def run_api(home: Path) -> Iterator[str]:
    """Run the API on the stores below `home` and yield its address once it is ready."""
    command = ["hankstank", "serve", "--home", str(home), "--port", "0", "--print-address"]
    with subprocesses.run_server(
        command, {"HANKSTANK_API_OPEN_LOOPBACK": "true"}
    ) as url:  # only this process knows the port
        _wait_until_ready(url)
        yield url


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    with httpx.Client(base_url=url, timeout=5) as client:
        while (reason := _unready_reason(client)) is not None:
            if time.monotonic() > deadline:
                raise ApiNotReady(f"{url}/readyz: expected 200 within {READY_WITHIN:.0f} s, got: {reason}")
            time.sleep(0.1)


def _unready_reason(client: httpx.Client) -> str | None:
    """Return why the API is not ready, None when it is."""
    try:
        response = client.get("/readyz")
    except httpx.RequestError as error:
        return str(error)
    return None if response.status_code == 200 else response.text


class ApiClient:
    """Requests to a running API; `key` is needed unless it trusts this machine."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, headers={"X-API-Key": key} if key else {})

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def fetch_today(self) -> date:
        """Return the date of the API's clock, which is the season's where that is simulated or past."""
        status = self._request_json("GET", "/status")
        return date.fromisoformat(status["as_of"]) + timedelta(days=status["age_days"])

    def predict_slate(self, day: date) -> dict[str, Any]:
        """Return the forecasts of a day's games, or why it has none: GET /slate/{day}."""
        return self._request_json("GET", f"/slate/{day}")

    def fetch_results(self, day: date) -> dict[str, Any]:
        """Return the results of a day beside its forecasts: GET /results."""
        return self._request_json("GET", f"/results?date={day}")

    def fetch_record(self) -> list[dict[str, Any]]:
        """Return the windows of the record of forecasts: GET /track-record."""
        windows: list[dict[str, Any]] = self._request_json("GET", "/track-record")["windows"]
        return windows

    def predict_game(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a game: POST /predict/game."""
        return self._request_json("POST", "/predict/game", request)

    def predict_player(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a player: POST /predict/player."""
        return self._request_json("POST", "/predict/player", request)

    def _request_json(
        self, method: str, path: str, request: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, json=request)
            body: dict[str, Any] = response.json()
        except httpx.RequestError as error:
            raise SourceUnavailable(f"{self._http.base_url}: no answer ({error}): is it running?") from None
        except ValueError:
            raise ApiError(f"{self._http.base_url}: expected JSON, got {response.text[:80]!r}") from None
        if response.is_error:
            raise ApiError(f"{method} {path}: {body.get('title')}: {describe_problem(body)}")
        return body


def describe_problem(problem: Mapping[str, Any]) -> str:
    """Return an API error as one line, with its suggestions."""
    parts = [str(problem.get("detail")).partition(": `errors`")[0]]
    if suggestions := problem.get("suggestions"):
        parts.append(f"did you mean {' or '.join(map(str, suggestions))}?")
    if players := problem.get("players"):
        parts.append(", ".join(f"{one['name']} ({one['team']}) {one['player_id']}" for one in players))
    if numbers := problem.get("game_numbers"):
        parts.append(f"games {', '.join(map(str, numbers))}")
    if as_of := problem.get("as_of"):
        parts.append(f"the first day to forecast is {date.fromisoformat(as_of) + timedelta(days=1)}")
    parts += [f"{one['path']}: {one['expected']}, got {one['got']}" for one in problem.get("errors", ())]
    return "; ".join(parts)
