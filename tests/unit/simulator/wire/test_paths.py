"""Every path our bodies have, a recorded real body has too, with the same type."""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.wire import clubs, people, savant, schedule, standings, stats, transactions, weather
from simulator.wire.feed import render_feed
from simulator.wire.game_summaries import WinLossRecords, list_listings, summarize_game
from simulator.wire.reference_data import ReferenceData
from tests.data import DATA, needs_data
from tests.unit.simulator.tiny_world import (
    BOSTON,
    NEW_YORK,
    TinyWorld,
    eventful_game,
    made_up_game,
    suspended_game,
)
from tests.unit.simulator.wire.recorded_games import FINAL_FEEDS, game_of, load

pytestmark = needs_data("mlb", "statsapi")
STATSAPI = DATA / "mlb" / "statsapi"
SAVANT = DATA / "mlb" / "savant"
FEEDS = "feed_live/*_Final.json.gz"
AFTER = datetime(2025, 6, 1, tzinfo=UTC)
HAND_WRITTEN = (eventful_game, made_up_game, suspended_game)
# In no recorded body, but in what the live service sends: suspended games, and whom a rostered player belongs to.
KNOWN_ELSEWHERE = re.compile(
    r"\.resume(d?From)?(Date|GameDate|DateTime)$|\.resumedFrom$|^\.roster\[\]\.parentTeamId$|^\.copyright$"
)


SAME = {"away": "side", "home": "side", "currentPlay": "allPlays[]"}


def leaves(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and type of every leaf; list places, ID keys, the two sides and the last play made alike."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, f"{path}.{SAME.get(key, re.sub(r'^ID[0-9]+$', 'ID', key))}")
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value, f"{path}[]")
    else:
        yield path, type(body).__name__


@cache
def leaves_of(path: Path) -> frozenset[tuple[str, str]]:
    return frozenset(leaves(load(*path.relative_to(STATSAPI).parts)))


def unknown(ours: Iterable[Any], real: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leaves of ours that no real body has with that type, through JSON and back."""
    wired = [msgspec.json.decode(msgspec.json.encode(body)) for body in ours]
    found = {leaf for body in wired for leaf in leaves(body)}.difference(real)
    return {leaf for leaf in found if not KNOWN_ELSEWHERE.search(leaf[0])}


def real(*patterns: str) -> set[tuple[str, str]]:
    """Leaves of all recorded bodies whose path fits."""
    return {leaf for pattern in patterns for path in STATSAPI.glob(pattern) for leaf in leaves_of(path)}


@pytest.fixture(scope="module")
def almanac() -> ReferenceData:
    world = TinyWorld()
    return ReferenceData(
        2025, {club.id: club for club in world.list_clubs(2025)}, world.venues_by_id(), world.people_by_id()
    )


@pytest.fixture(scope="module")
def bench() -> tuple[list[int], list[int]]:
    return [1012, 1011], [2012, 2011]


def test_final_feed_has_no_path_of_its_own(almanac: ReferenceData, bench: Any) -> None:
    ours = [render_feed(game(), almanac, rosters=bench) for game in HAND_WRITTEN]
    ours += [render_feed(*game_of(load("feed_live", path.name))) for path in FINAL_FEEDS]
    assert unknown(ours, real(FEEDS)) == set()


@pytest.mark.parametrize(
    ("state", "hour"), [("Scheduled", 10), ("Pre-Game", 20), ("Warmup", 22), ("InProgress", 23)]
)
def test_feed_before_the_end_has_no_path_of_its_own(
    almanac: ReferenceData, bench: Any, state: str, hour: int
) -> None:
    ours = render_feed(eventful_game(), almanac, datetime(2025, 5, 1, hour, 50, tzinfo=UTC), bench)
    assert unknown([ours], real(FEEDS, f"feed_live/*_{state}*.json.gz")) == set()


@pytest.mark.parametrize(
    ("state", "hour"), [("Scheduled", 10), ("Pre-Game", 20), ("Warmup", 22), ("InProgress", 23)]
)
def test_status_is_word_for_word_the_recorded_one(almanac: ReferenceData, state: str, hour: int) -> None:
    ours = render_feed(eventful_game(), almanac, datetime(2025, 5, 1, hour, 50, tzinfo=UTC))
    recorded = next(iter(STATSAPI.glob(f"feed_live/*_{state}.json.gz")))
    assert ours["gameData"]["status"] == load("feed_live", recorded.name)["gameData"]["status"]


@pytest.mark.parametrize("hydrate", ["", "team,weather,decisions"])
def test_schedule_has_no_path_of_its_own(almanac: ReferenceData, hydrate: str) -> None:
    cards = [summarize_game(game()) for game in HAND_WRITTEN]
    lister = schedule.ScheduleWriter(almanac, WinLossRecords(cards), AFTER, frozenset(hydrate.split(",")))
    listed = [
        lister.write_entry(one, where, (one.away_runs, one.home_runs))
        for one in cards
        for where in list_listings(one.game, AFTER)
    ]
    ours = schedule.render_schedule(listed)
    assert unknown([ours], real("schedule/*.gz", "*_and_friends/schedule*.gz")) == set()


def test_people_have_no_path_of_their_own(almanac: ReferenceData) -> None:
    ours = people.render_people(almanac.people.values(), 2025)
    assert unknown([ours], real("people_stats/*.gz")) == set()


def test_roster_has_no_path_of_its_own(almanac: ReferenceData) -> None:
    ours = people.render_roster(BOSTON, [1001, 1012], "active", almanac)
    assert unknown([ours], real("roster/*.gz", "*_and_friends/roster*.gz")) == set()


def test_teams_have_no_path_of_their_own(almanac: ReferenceData) -> None:
    assert unknown([clubs.render_teams(almanac)], real("*_and_friends/teams*.gz")) == set()


def test_venues_have_no_path_of_their_own(almanac: ReferenceData) -> None:
    ours = [{"venue": clubs.render_venue(park, 2025, AFTER)} for park in almanac.venues.values()]
    recorded = {(path.removeprefix(".gameData"), kind) for path, kind in real(FEEDS)}
    assert unknown(ours, recorded) == set()


def test_transactions_have_no_path_of_their_own(almanac: ReferenceData) -> None:
    moves = TinyWorld().list_transactions(date(2025, 5, 1), date(2025, 5, 31))
    assert unknown([transactions.render_transactions(moves, almanac)], real("transactions/*.gz")) == set()


def test_standings_have_no_path_of_their_own(almanac: ReferenceData) -> None:
    cards = [summarize_game(game()) for game in HAND_WRITTEN]
    ours = standings.render_standings(cards, date(2025, 5, 31), AFTER, [103], almanac)
    assert unknown([ours], real("standings/*.gz")) == set()


@pytest.mark.parametrize("group", stats.GROUPS)
def test_game_log_has_no_path_of_its_own(almanac: ReferenceData, group: str) -> None:
    player = {"hitting": 2008, "pitching": 2010}[group]
    ours = {"people": [stats.render_game_log(player, group, [eventful_game()], almanac)]}
    del ours["people"][0]["copyright"]
    assert unknown([ours], real("people_stats/*.gz")) == set()


@pytest.mark.parametrize("group", stats.GROUPS)
def test_team_stats_have_the_recorded_types(almanac: ReferenceData, group: str) -> None:
    ours = stats.render_team_stats(NEW_YORK, [group], [eventful_game()], almanac)
    recorded = dict(real(f"team_stats/{group}.json.gz"))
    wired = dict(leaves(msgspec.json.decode(msgspec.json.encode(ours))))
    assert {path: kind for path, kind in wired.items() if recorded.get(path, kind) != kind} == {}


def test_sports_and_seasons_have_no_path_of_their_own() -> None:
    assert unknown([clubs.render_sports()], real("sports/*.gz")) == set()
    assert (
        unknown(
            [clubs.render_seasons({2025: TinyWorld().season_dates(2025)})],
            real("seasons/*.gz", "*_and_friends/seasons*.gz"),
        )
        == set()
    )


def test_forecast_has_no_path_of_its_own() -> None:
    recorded = load("weather_open_meteo", "083fe4674313.json.gz")
    hourly = list(recorded["hourly_units"])[1:]
    days = date(2026, 8, 6), date(2026, 8, 8)
    ours = weather.render_forecast((39.29, -76.62), hourly, days, metric=False)
    assert unknown([ours], real("weather_open_meteo/*.gz")) == set()
    assert ours["hourly_units"] == recorded["hourly_units"]


@needs_data("mlb", "savant")
def test_savant_columns_begin_as_in_the_recorded_header(almanac: ReferenceData) -> None:
    """Of 2024's 94 columns, two were written twice; since 2025 they stand once, and 26 more follow."""
    day = sorted(SAVANT.glob("*.csv.gz"))[0]
    header = gzip.decompress(day.read_bytes()).decode().split("\n")[0].split(",")
    once = [
        name.replace("fielder_2_1", "fielder_2") for name in header if name not in ("pitcher_1", "fielder_2")
    ]
    ours = savant.render_csv([(eventful_game(), almanac)]).split("\n")[0].split(",")
    assert (ours[:92], len(set(ours))) == (once, 118)


@needs_data("mlb", "savant")
def test_savant_uses_the_recorded_words(almanac: ReferenceData) -> None:
    day = gzip.decompress((SAVANT / "2024-04-05.csv.gz").read_bytes()).decode()
    enumerated = ("description", "type", "events", "bb_type", "inning_topbot")
    known = {(name, row[name]) for row in csv.DictReader(day.splitlines()) for name in enumerated}
    ours = csv.DictReader(savant.render_csv([(eventful_game(), almanac)]).splitlines())
    assert {(name, row[name]) for row in ours for name in enumerated} <= known
