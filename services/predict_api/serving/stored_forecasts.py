"""The forecasts stored for one day: of each game the newest made before it, and those it superseded."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from services.predict_api.mlb.quality_flags import FLAG_TEXTS, QualityFlag
from services.predict_api.schemas import responses
from services.predict_api.schemas.result_responses import ForecastVersion
from services.predict_api.serving.stored_format import decode_stored_answer
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore
from shared.storage.forecast_objects import PREFIX, DayForecasts, decode_forecasts

log = logging.getLogger(__name__)

LATEST = datetime.max.replace(tzinfo=UTC)

T = TypeVar("T", responses.GameAnswer, responses.PlayerAnswer)


class _PlayerReference(msgspec.Struct):
    player_id: int
    game_pk: int


@dataclass
class StoredForecasts:
    """What releases forecast of a day, each game as the release that counts for it answered.

    `games` are answers by number, `versions` every forecast of who wins, by game, in the order in which they
    were made. Players' answers stay encoded: few are read.
    """

    objects: tuple[str, ...]  # the names that it was read from
    games: dict[int, responses.GameAnswer] = field(default_factory=dict)
    versions: dict[int, list[ForecastVersion]] = field(default_factory=lambda: defaultdict(list))
    _players: dict[int, dict[int, tuple[datetime, msgspec.Raw]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def versions_of(self, game_pk: int) -> list[ForecastVersion]:
        """Return every forecast of who wins a game, in the order in which they were made."""
        return list(self.versions.get(game_pk, []))

    def player_answers(self, player_id: int) -> list[responses.PlayerAnswer]:
        """Return a player's answers, one a game."""
        found = self._players.get(player_id, {}).values()
        return [
            answer
            for made_at, raw in found
            for answer in _decode_answer(raw, responses.PlayerAnswer, made_at)
        ]

    def add_release(self, forecasts: DayForecasts) -> None:
        """Add what a newer release forecast: it counts for the games that it was made before."""
        counts = set()
        for raw in forecasts.games:
            for answer in _decode_answer(raw, responses.GameAnswer, forecasts.made_at):
                is_before = forecasts.made_at < (answer.scheduled_start or LATEST)
                self.versions[answer.game_pk].append(_forecast_version(answer, forecasts.made_at, is_before))
                if is_before or answer.game_pk not in self.games:
                    self.games[answer.game_pk] = answer
                    counts.add(answer.game_pk)
        for of_player in self._players.values():
            for game_pk in counts & of_player.keys():
                del of_player[game_pk]
        for raw in forecasts.players:
            reference = _decode_reference(raw)
            if reference and (reference.game_pk in counts or reference.game_pk not in self.games):
                self._players[reference.player_id][reference.game_pk] = forecasts.made_at, raw.copy()


def load_stored_forecasts(
    objects: ObjectStore, day: date, known: StoredForecasts | None = None
) -> StoredForecasts:
    """Return what releases forecast of a day; `known` where no object was added since it was read.

    One release is in memory at a time; a corrupted object is passed over.
    """
    names = tuple(objects.list_names(f"{PREFIX}{day}/release-"))
    if known is not None and known.objects == names:
        return known
    found = StoredForecasts(names)
    for name in names:
        try:
            found.add_release(decode_forecasts(name, objects.read_bytes(name)))
        except (ObjectCorrupted, ObjectMissing) as error:
            log.warning("passed over: %s", error)
    return found


def _forecast_version(answer: responses.GameAnswer, made_at: datetime, is_before: bool) -> ForecastVersion:
    return ForecastVersion(
        release=answer.release,
        made_at=made_at,
        variant=None if answer.variant is msgspec.UNSET else answer.variant,
        home_win_probability=answer.predictions.home_win_probability,
        made_before_start=is_before,
    )


def _decode_answer(raw: msgspec.Raw, kind: type[T], made_at: datetime) -> Iterator[T]:
    """Yield a stored answer with its flag and when it was made; nothing where it cannot be read."""
    try:
        answer: T = decode_stored_answer(raw, kind)
    except msgspec.MsgspecError as error:
        log.warning("a stored answer is skipped: %s", error)
        return
    flags = [FLAG_TEXTS[QualityFlag.STORED_FORECAST], *answer.flags]
    yield msgspec.structs.replace(answer, flags=flags, made_at=made_at)


def _decode_reference(raw: msgspec.Raw) -> _PlayerReference | None:
    try:
        return msgspec.json.decode(raw, type=_PlayerReference)
    except msgspec.MsgspecError as error:
        log.warning("a stored answer is skipped: %s", error)
        return None
