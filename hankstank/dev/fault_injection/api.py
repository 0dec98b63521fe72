"""An API without a server: it serves the newest release from its store, and may die at any call."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec

from hankstank.dev.fault_injection.forecasts import Answered
from services.predict_api.serving import recording
from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web.requests import PlayerRequest
from shared.messaging.events import Event
from shared.ports import ObjectStore, Ports


class Api:
    """The parts of the API that stand behind its routes."""

    def __init__(self, objects: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._journal = Journal(objects, clock)
        never = lambda: 0.0  # noqa: E731 - a thread that looks again by itself would strike no two runs alike
        self._shelf = Shelf(objects, timer=never, store=self._journal.store_next_days)
        self._questions = Questions(objects, self._journal)

    def step(self, event: Event, ports: Ports, now: datetime) -> list[Event]:
        """Take a push, as the route does that the bus pushes to."""
        self._journal.flush()
        self._shelf.refresh()
        return recording.step(event, ports, now)

    def look(self) -> None:
        """Look at the newest release, as a server does every half minute, and store what waits."""
        self._shelf.look()
        self._journal.flush()

    def answers(self, day: date) -> Iterator[Answered]:
        """Yield the answer about one player of each of a day's games."""
        forecaster = self._shelf.current()
        if forecaster is None:
            return
        for player_id in (min(card.players) for card in forecaster.day(day).values() if card.players):
            asked = PlayerRequest(player_id=player_id, game_date=day)
            told = self._questions.player(forecaster, asked)
            yield Answered(day, told.release, told.player_id, msgspec.json.encode(told))
