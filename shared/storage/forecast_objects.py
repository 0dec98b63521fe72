"""Forecasts as objects: everything a release forecasts for a day, written once, before it is served."""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from math import fsum
from typing import Annotated, Any, Literal

import msgspec
import zstandard

from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

PREFIX = "forecasts/"
LINES = ".jsonl"  # rows without answers, as earlier versions wrote them
_LEVEL = 7  # zstd: 3.2 MB of a full day shrink to 0.25 MB in 50 ms
_ROUNDING = 0.01  # how far the probabilities of a distribution may be from adding up to 1


class StoredForecast(msgspec.Struct, frozen=True):
    """A row of `tables/forecasts.json`."""

    forecast_id: str
    game_date: date
    game_pk: int
    target: str
    model_version: str
    release_id: str
    as_of: date
    made_at: Annotated[datetime, msgspec.Meta(tz=True)]
    is_challenger: bool
    mean: float
    distribution: str
    game_number: int | None = None
    home_team_id: int | None = None
    away_team_id: int | None = None
    player_id: int | None = None
    features_sha256: str | None = None
    stored_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    variant: Literal["confirmed", "projected", "unknown"] | None = None
    flags: str | None = None

    def __post_init__(self) -> None:
        """Refuse an invalid distribution, as msgspec refuses a wrong type."""
        chances = msgspec.json.decode(
            self.distribution, type=list[Annotated[float, msgspec.Meta(ge=0, le=1)]]
        )
        if abs(fsum(chances) - 1) > _ROUNDING:
            raise ValueError(f"expected probabilities that add up to 1, got {self.distribution[:60]}")


class DayForecasts(msgspec.Struct, frozen=True):
    """Everything that one release forecasts of a day.

    `rows` are rows of `tables/forecasts.json`, the challengers' too. `games` and `players` are the answers to
    the question about each game and each player, with reasons and without lines, as the API gives them.
    A forecast is made when its release is published: `made_at`. `stored_at` is when it was written down.
    """

    game_date: date
    release_id: str
    as_of: date
    made_at: datetime
    stored_at: datetime
    rows: tuple[msgspec.Raw, ...]
    games: tuple[msgspec.Raw, ...]
    players: tuple[msgspec.Raw, ...]


def forecast_object_name(day: date, release_id: str) -> str:
    """Return the name of the object with all that a release forecasts of a day."""
    return f"{PREFIX}{day}/release-{release_id}.json.zst"


def encode_forecasts(forecasts: DayForecasts) -> bytes:
    """Return the object's bytes."""
    return zstandard.ZstdCompressor(_LEVEL).compress(msgspec.json.encode(forecasts))


def decode_forecasts(name: str, data: bytes) -> DayForecasts:
    """Return what the bytes of an object say; raises ObjectCorrupted."""
    try:
        return msgspec.json.decode(zstandard.ZstdDecompressor().decompress(data), type=DayForecasts)
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise ObjectCorrupted(f"{name}: expected a day's forecasts: {error}") from None


def parse_forecast_rows(name: str, data: bytes) -> list[bytes]:
    """Return each row of an object as JSON, whichever version wrote it; raises ObjectCorrupted."""
    return data.splitlines() if name.endswith(LINES) else list(map(bytes, decode_forecasts(name, data).rows))


def load_day_forecasts(objects: ObjectStore, day: date) -> list[DayForecasts]:
    """Return what releases forecast of a day, the newest release last; a corrupted object is passed over."""
    found = []
    for name in objects.list_names(f"{PREFIX}{day}/release-"):
        try:
            found.append(decode_forecasts(name, objects.read_bytes(name)))
        except ObjectCorrupted as error:
            log.warning("passed over: %s", error)
    return found


def load_forecast_rows(objects: ObjectStore, day: date) -> list[dict[str, Any]]:
    """Return the rows stored for a day, the newest release last; what cannot be read is passed over."""
    rows: list[dict[str, Any]] = []
    for name in objects.list_names(f"{PREFIX}{day}/"):
        try:
            rows.extend(_decode_rows(name, parse_forecast_rows(name, objects.read_bytes(name))))
        except ObjectCorrupted as error:
            log.warning("passed over: %s", error)
    return rows


def _decode_rows(name: str, rows: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            yield msgspec.json.decode(row, type=dict[str, Any])
        except msgspec.MsgspecError:
            log.warning("%s: passed over a row that is no JSON object", name)
