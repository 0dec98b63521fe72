"""Forecasts for the console: asked of a running API, or of the stores by its own code without a server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from hankstank.local.api_client import ApiClient, sentence
from hankstank.ops.queries import objects_of
from services.predict_api.serving.cached_answers import KINDS, parsed
from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_loader import loaded
from services.predict_api.web.problems import Problem
from shared.errors import CannotDo, Rejected
from shared.modeling.registry import current_release
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import utc_now

T = TypeVar("T")


class Oracle(Protocol):
    """Who answers questions, written as bodies of the API."""

    def game(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a game."""

    def player(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the forecast of a player."""

    def slate(self, day: date) -> dict[str, Any]:
        """Return the forecasts of a day's games, or why it has none."""


@contextmanager
def oracle(home: Path, url: str | None, key: str | None) -> Iterator[Oracle]:
    """Lend who answers: the API at `url`, without one the stores below `home`."""
    if url is None:
        yield _Stores(home)
    else:
        with closing(ApiClient(url, key)) as client:
            yield client


def about_game(day: date, clubs: str, game_number: int | None) -> dict[str, Any]:
    """Return the question about AWAY@HOME."""
    away, at, host = (part.strip() for part in clubs.partition("@"))
    if not (away and at and host):
        raise CannotDo(f"expected AWAY@HOME, such as BOS@NYY, got {clubs!r}")
    asked = {"home_team": host, "away_team": away, "game_date": str(day), "game_number": game_number}
    return {name: told for name, told in asked.items() if told is not None}


def about_player(day: date, player: str, game_number: int | None, lines: list[str]) -> dict[str, Any]:
    """Return the question about a player by id or whole name; `lines` are like strikeouts=5.5."""
    prices = dict(map(_line, lines))
    who = {"player_id": int(player)} if player.isdecimal() else {"player": player}
    asked = {**who, "game_date": str(day), "game_number": game_number, "lines": prices or None}
    return {name: told for name, told in {**asked, "stats": list(prices) or None}.items() if told is not None}


class _Stores:
    """The stores below a folder. What is answered is stored before, to be graded, as if asked over HTTP."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._objects = objects_of(home)

    def game(self, question: Mapping[str, Any]) -> dict[str, Any]:
        return self._asked("/predict/game", question)

    def player(self, question: Mapping[str, Any]) -> dict[str, Any]:
        return self._asked("/predict/player", question)

    def slate(self, day: date) -> dict[str, Any]:
        return _built(self._answered(lambda questions, forecaster: questions.slate(forecaster, day)))

    def _asked(self, path: str, question: Mapping[str, Any]) -> dict[str, Any]:
        kind, body = KINDS[path], msgspec.json.encode(question)
        return _built(
            self._answered(
                lambda given, forecaster: kind.answer(given, forecaster, parsed(kind.request, body))
            )
        )

    def _answered(self, ask: Callable[[Questions, Forecaster], T]) -> T:
        forecaster = self._newest_release()
        try:
            return ask(Questions(self._objects, Journal(self._objects, self._now)), forecaster)
        except Problem as problem:
            raise CannotDo(sentence(problem.told())) from None

    def _newest_release(self) -> Forecaster:
        """Return the newest release; raises CannotDo without one, and what makes it unfit to be served."""
        release = current_release(self._objects)
        if release is None or not release.models:
            raise CannotDo(f"{self._home}: no release with models is here yet: `hankstank run` makes one")
        try:
            return loaded(self._objects, release, None)[0]
        except Rejected as error:
            raise CannotDo(f"{self._home}: release {release.id} cannot be used: {error}") from None

    def _now(self) -> Any:
        return read_world(self._objects).time(utc_now)


def _built(answer: msgspec.Struct) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(answer)
    return told


def _line(text: str) -> tuple[str, float]:
    stat, _, number = text.partition("=")
    try:
        return stat, float(number)
    except ValueError:
        raise CannotDo(f"expected STAT=LINE, such as strikeouts=5.5, got {text!r}") from None
