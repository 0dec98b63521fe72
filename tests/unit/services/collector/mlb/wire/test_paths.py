"""Every path the collector reads exists, with that type, in the recorded real bodies."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.inspect import (
    AnyType,
    BoolType,
    DateTimeType,
    DateType,
    DictType,
    FloatType,
    IntType,
    ListType,
    NoneType,
    RawType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from services.collector.mlb.sources.savant import COUNTS, KNOWN, NUMBERS, REQUIRED, TEXTS
from services.collector.mlb.wire.common import Venue
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.misc import (
    Clubs,
    Forecast,
    GameLogs,
    Roster,
    Seasons,
    Standings,
    Transactions,
)
from services.collector.mlb.wire.schedule import Changes, Schedule, ScheduledGame
from tests.data import DATA, needs_data

FOLDER = DATA / "mlb" / "statsapi"

pytestmark = needs_data("mlb", "statsapi")

# What no recorded body shows, and why we read it nevertheless.
UNRECORDED = {
    "Feed.gameData.datetime.resumeDate": "no suspended game was recorded",
    "ScheduledGame.resumeGameDate": "no suspended game was recorded",
    "ScheduledGame.resumedFromDate": "no suspended game was recorded",
    "ScheduledGame.lineups": "no schedule was recorded with hydrate=lineups",
    "Venue.timeZone": "the venues were recorded without hydrate=timezone; feeds have it",
    "Roster.roster[].parentTeamId": "rosters were recorded as fullSeason, without it; box scores have it",
    "Feed.gameData.status.reason": "no shortened game's feed was recorded; schedules have reasons",
}


def leaves(kind: Type, path: str) -> Iterator[tuple[str, Type]]:
    """Yield every path under a type, with the type that stands there."""
    if isinstance(kind, StructType):
        for field in kind.fields:
            yield f"{path}.{field.encode_name}", field.type
            yield from leaves(field.type, f"{path}.{field.encode_name}")
    elif isinstance(kind, ListType | VarTupleType):
        yield from leaves(kind.item_type, f"{path}[]")
    elif isinstance(kind, DictType):
        yield from leaves(kind.value_type, f"{path}{{}}")
    elif isinstance(kind, UnionType):
        for one in kind.types:
            yield from leaves(one, path)


def found(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what stands at a path in a body."""
    if not steps:
        yield value
    elif steps[0] == "[]":
        for item in value if isinstance(value, list) else ():
            yield from found(item, steps[1:])
    elif steps[0] == "{}":
        for item in value.values() if isinstance(value, dict) else ():
            yield from found(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from found(value[steps[0]], steps[1:])


def steps_of(path: str) -> list[str]:
    return path.replace("[]", ".[]").replace("{}", ".{}").split(".")[1:]


JSON_TYPES: dict[type[Type], type | tuple[type, ...]] = {
    BoolType: bool,
    IntType: int,
    FloatType: (int, float),
    StrType: str,
    DateType: str,
    DateTimeType: str,
    NoneType: type(None),
    ListType: list,
    VarTupleType: list,
    DictType: dict,
    StructType: dict,
}


def fits(value: Any, kind: Type) -> bool:
    if isinstance(kind, UnionType):
        return any(fits(value, one) for one in kind.types)
    if isinstance(kind, AnyType | RawType):
        return True
    if isinstance(value, bool) and not isinstance(kind, BoolType):
        return False
    return isinstance(value, JSON_TYPES[type(kind)])


def bodies(pattern: str) -> list[Any]:
    read = (json.loads(gzip.decompress(path.read_bytes())) for path in sorted(FOLDER.glob(pattern)))
    return [body["body"] if set(body) == {"url", "status", "body"} else body for body in read]


def logs() -> list[Any]:
    return [{"stats": body["people"][0]["stats"]} for body in bodies("people_stats/*.gz")]


def listings() -> list[Any]:
    return [game for body in schedules() for day in body["dates"] for game in day["games"]]


def schedules() -> list[Any]:
    return bodies("schedule/*.gz") + bodies("747175_and_friends/schedule_*.gz")


RECORDED = {
    Feed: lambda: bodies("feed_live/*Final*.gz") + bodies("747175_and_friends/liveGameV1*.gz"),
    Schedule: schedules,
    ScheduledGame: listings,
    Changes: lambda: bodies("game_changes/*.gz"),
    Seasons: lambda: bodies("seasons/*.gz"),
    Clubs: lambda: bodies("teams/*.gz") + bodies("747175_and_friends/teams_*.gz"),
    Roster: lambda: bodies("roster/*.gz") + bodies("747175_and_friends/roster_*.gz"),
    Transactions: lambda: bodies("transactions/*.gz"),
    Standings: lambda: bodies("standings/*.gz"),
    Venue: lambda: bodies("venues/*.gz"),
    GameLogs: logs,
    Forecast: lambda: bodies("weather_open_meteo/*.gz"),
}


@pytest.mark.parametrize("kind", RECORDED, ids=lambda kind: kind.__name__)
def test_every_path_is_in_a_recorded_body_with_its_type(kind):
    read = RECORDED[kind]()
    wrong = []
    for path, expected in leaves(type_info(kind), kind.__name__):
        values = [value for body in read for value in found(body, steps_of(path))]
        excused = any(path.startswith(known) for known in UNRECORDED)
        if not values and not excused:
            wrong.append(f"{path} is in no recorded body")
        wrong += [f"{path} is {value!r}" for value in values if not fits(value, expected)][:1]
    assert wrong == []


@pytest.mark.parametrize("path", UNRECORDED)
def test_every_exception_is_still_needed(path):
    kind = next(kind for kind in RECORDED if path.startswith(f"{kind.__name__}."))
    assert not [value for body in RECORDED[kind]() for value in found(body, steps_of(path))]


@pytest.mark.parametrize("kind", RECORDED, ids=lambda kind: kind.__name__)
def test_every_recorded_body_decodes(kind):
    assert all(msgspec.json.decode(json.dumps(body), type=kind) for body in RECORDED[kind]())


@needs_data("mlb", "savant")
def test_savant_columns_are_those_of_a_recorded_header():
    first = next(iter(sorted((DATA / "mlb" / "savant").glob("*.gz"))))
    header = gzip.decompress(first.read_bytes()).split(b"\n", 1)[0].decode().strip().split(",")
    since_2025 = {"arm_angle", "attack_angle", "attack_direction", "swing_path_tilt"}
    assert {*REQUIRED, *NUMBERS.values(), *COUNTS.values(), *TEXTS.values()} - since_2025 <= set(header)
    assert set(header) <= KNOWN
