"""The prediction API as a client sees it: started as a child process, asked over HTTP."""

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
    """The API answered with a problem."""


@contextmanager
def run_api(home: Path) -> Iterator[str]:
    """Run the API on the stores below `home` and yield its address once it is ready."""
    words = ["hankstank", "serve", "--home", str(home), "--port", "0", "--announce"]
    with subprocesses.run_server(
        words, {"HANKSTANK_API_OPEN_LOOPBACK": "true"}
    ) as url:  # it serves this command alone
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
        answer = client.get("/readyz")
    except httpx.RequestError as error:
        return str(error)
    return None if answer.status_code == 200 else answer.text


class ApiClient:
    """Questions to a running API; `key` where it does not know the caller by where he sits."""

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

    def predict_game(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a game: POST /predict/game."""
        return self._request_json("POST", "/predict/game", question)

    def predict_player(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a player: POST /predict/player."""
        return self._request_json("POST", "/predict/player", question)

    def _request_json(
        self, method: str, path: str, question: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=question)
            body: dict[str, Any] = answer.json()
        except httpx.RequestError as error:
            raise SourceUnavailable(
                f"{self._http.base_url}: nobody answers ({error}): does it run?"
            ) from None
        except ValueError:
            raise ApiError(f"{self._http.base_url}: expected JSON, got {answer.text[:80]!r}") from None
        if answer.is_error:
            raise ApiError(f"{method} {path}: {body.get('title')}: {describe_problem(body)}")
        return body


def describe_problem(problem: Mapping[str, Any]) -> str:
    """Return a problem of the API with what helps to put it right."""
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
