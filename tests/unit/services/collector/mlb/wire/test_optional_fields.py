"""No field that a game can do without refuses it, whether it is absent or null."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec.inspect import DictType, ListType, StructType, Type, UnionType, VarTupleType, type_info

from hankstank.local.run_plan import tick_time
from services.collector.mlb import feed, schedule
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.schedule import ScheduleDay, ScheduledGame
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from tests.data import needs_data
from tests.pipeline.worlds import SEASON, day, small_world
from tests.unit.services.collector.recorded import misfits, read

# What a game cannot be told without: of all else that we read a field may be absent.
NEEDED_OF_A_LISTING = {
    "gamePk",
    "gameType",
    "gameDate",
    "officialDate",
    "status",
    "status.abstractGameState",
    "status.codedGameState",
    "teams",
    "teams.home",
    "teams.home.team",
    "teams.home.team.id",
    "teams.away",
    "teams.away.team",
    "teams.away.team.id",
}
NEEDED_OF_A_FEED = {
    "gameData",
    "gameData.game",
    "gameData.game.pk",
    "gameData.game.type",
    "gameData.datetime",
    "gameData.datetime.dateTime",
    "gameData.datetime.officialDate",
    "gameData.status",
    "gameData.status.abstractGameState",
    "gameData.status.codedGameState",
    "gameData.teams",
    "gameData.teams.home",
    "gameData.teams.home.id",
    "gameData.teams.away",
    "gameData.teams.away.id",
    "liveData",
    "liveData.boxscore",
    "liveData.boxscore.teams",
    "liveData.boxscore.teams.home",
    "liveData.boxscore.teams.home.team",
    "liveData.boxscore.teams.home.team.id",
    "liveData.boxscore.teams.home.players",
    "liveData.boxscore.teams.away",
    "liveData.boxscore.teams.away.team",
    "liveData.boxscore.teams.away.team.id",
    "liveData.boxscore.teams.away.players",
}


def fields(kind: Type, path: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every path under a type, and whether something must stand there."""
    if isinstance(kind, StructType):
        for field in kind.fields:
            yield f"{path}{field.encode_name}", field.required
            yield from fields(field.type, f"{path}{field.encode_name}.")
    elif isinstance(kind, ListType | VarTupleType):
        yield from fields(kind.item_type, f"{path}[].")
    elif isinstance(kind, DictType):
        yield from fields(kind.value_type, f"{path}{{}}.")
    elif isinstance(kind, UnionType):
        for one in kind.types:
            yield from fields(one, path)


def optional(kind: type) -> list[str]:
    return [path for path, needed in fields(type_info(kind)) if not needed]


def odd(body: Any, steps: list[str], change: Callable[[dict[str, Any], str], object]) -> None:
    """Change a field wherever it stands."""
    if steps[0] in ("[]", "{}"):
        for item in body if isinstance(body, list) else body.values():
            odd(item, steps[1:], change)
    elif isinstance(body, dict) and steps[0] in body:
        if len(steps) == 1:
            change(body, steps[0])
        elif body[steps[0]] is not None:
            odd(body[steps[0]], steps[1:], change)


def absent(body: dict[str, Any], name: str) -> None:
    del body[name]


def null(body: dict[str, Any], name: str) -> None:
    body[name] = None


def of_stand_in(folder) -> tuple[bytes, bytes]:
    world = small_world(1, 1)
    bodies = WorldApiBackend(SeasonStore(world, folder), tick_time(day(1)))
    (game,) = world.iter_games(SEASON)
    listings = bodies.get_schedule({"date": str(day(1)), "hydrate": "team,probablePitcher,lineups,weather"})
    return bodies.get_feed(game.game_pk, {}).decompressed().body, listings.decompressed().body


@pytest.fixture(scope="module")
def simulated(tmp_path_factory) -> tuple[bytes, bytes]:
    return of_stand_in(tmp_path_factory.mktemp("world"))


def shortened(body: bytes) -> bytes:
    """Return a feed with a few of its plays and men: each field is tried, so that a whole game takes long."""
    whole = msgspec.json.decode(body)
    whole["liveData"]["plays"] = {"allPlays": whole["liveData"]["plays"]["allPlays"][:3]}
    kept = set()
    for team in whole["liveData"]["boxscore"]["teams"].values():
        starters = [
            who for who, man in team["players"].items() if man["person"]["id"] in team["battingOrder"]
        ]
        kept |= {*starters[:3], *(f"ID{pitcher}" for pitcher in team["pitchers"][:1])}
        team["players"] = {who: man for who, man in team["players"].items() if who in kept}
    people = whole["gameData"]["players"]
    whole["gameData"]["players"] = {who: man for who, man in people.items() if who in kept}
    return msgspec.json.encode(whole)


def feeds_refused(body: bytes) -> list[str]:
    """Return the fields without which the feed gives no rows, or rows that do not fit their tables."""
    refused, few = [], shortened(body)
    for path in optional(Feed):
        for change in (absent, null):
            changed = msgspec.json.decode(few)
            odd(changed, path.split("."), change)
            refused += [
                f"{path} {change.__name__}: {why}" for why in feed_faults(msgspec.json.encode(changed))
            ]
    return refused


def feed_faults(body: bytes) -> list[str]:
    try:
        rows = feed.game_rows(feed.decode_feed(body, needs_plays=False))
    except Exception as error:  # noqa: BLE001 - whatever it is, it refuses the game
        return [repr(error)]
    tables = rows.tables.items()
    return [why[:80] for name, own in tables for why in misfits(name, rows.game_columns, own)][:1]


def listings_refused(body: bytes) -> list[str]:
    refused = []
    for path in optional(ScheduledGame):
        for change in (absent, null):
            whole = msgspec.json.decode(body)
            games = [game for day in whole["dates"] for game in day["games"]]
            odd(games, ["[]", *path.split(".")], change)
            days = [msgspec.json.decode(msgspec.json.encode(day), type=ScheduleDay) for day in whole["dates"]]
            found, bad = schedule.parse_listings(days)
            rows = [(schedule.game_columns(one.game), schedule.game_row(one)) for one in found]
            faults = [why for head, row in rows for why in misfits("games_historical", head, [row])]
            refused += [f"{path} {change.__name__}: {why}" for why in [*map(str, bad), *faults][:1]]
    return refused


def test_no_more_is_needed_of_a_listing_than_tells_which_game_it_is():
    needed = {path for path, is_needed in fields(type_info(ScheduledGame)) if is_needed}
    within = {path for path in needed if "." in path and path.rsplit(".", 1)[0] not in needed}
    assert needed - within == NEEDED_OF_A_LISTING


def test_no_more_is_needed_of_a_feed_than_tells_which_game_it_is():
    needed = {path for path, is_needed in fields(type_info(Feed)) if is_needed and "[]" not in path}
    within = {path for path in needed if "." in path and path.rsplit(".", 1)[0] not in needed}
    of_men = {path for path in needed if "{}" in path}
    assert needed - within - of_men == NEEDED_OF_A_FEED


def test_no_field_refuses_a_simulated_game(simulated):
    assert feeds_refused(simulated[0]) == []


def test_no_field_refuses_a_simulated_listing(simulated):
    assert listings_refused(simulated[1]) == []


@needs_data("mlb", "statsapi", "feed_live")
def test_no_field_refuses_a_recorded_game():
    assert feeds_refused(read("feed_live", "824322_Final.json.gz")) == []


@needs_data("mlb", "statsapi", "schedule")
@pytest.mark.parametrize("name", ["2026-08-05.json.gz", "2026-08-07.json.gz"])
def test_no_field_refuses_a_recorded_listing(name):
    assert listings_refused(read("schedule", name)) == []
