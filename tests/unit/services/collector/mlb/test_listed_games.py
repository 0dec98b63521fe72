"""Every game that the schedule lists is collected, once, and what is not stored is known by name."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.collector import status as collector_status
from shared.errors import SourceUnavailable
from shared.messaging.events import DataRetry, RetryReason, Ticked
from shared.storage import coverage
from tests.fakes import ports
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.fakes import StandingWarehouse, standing
from tests.unit.services.collector.loopback import Reply, World, listed, ok, world
from tests.unit.services.collector.sample_responses import listing
from tests.unit.services.collector.test_step import FEED, ask, manifest_of, rows_of

DAY = date(2026, 8, 5)
DAYS = timedelta(days=1)


def morning_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC) + DAYS


def daily(day: date, run_id: str = "") -> Ticked:
    return Ticked(run_id=run_id or f"daily-{day}", occurred_at=morning_after(day))


def schedule_of(*games: dict) -> dict:
    days: dict[str, list] = {}
    for game in games:
        days.setdefault(game["gameDate"][:10], []).append(game)
    return {"dates": [{"date": day, "games": of_day} for day, of_day in sorted(days.items())]}


@pytest.fixture
def outside():
    year = lambda query: ok({"seasons": [sample_responses.season(int(query["season"]))]})  # noqa: E731
    routes = {"/api/v1/game/changes": ok({"dates": []}), "/api/v1/seasons": year}
    around_games = {"teams": "teams", "transactions": "transactions", "standings": "records"}
    routes |= {f"/api/v1/{path}": ok({name: []}) for path, name in around_games.items()}
    with world(routes) as it:
        yield it


@pytest.fixture
def warehouse():
    return StandingWarehouse()


@pytest.fixture
def around(outside, warehouse):
    return ports(warehouse, mlb_api_url=outside.url, savant_url=outside.url, weather_url=outside.url)


def play(outside: World, *games: dict) -> None:
    """List games, each with a feed that fits it."""
    outside.routes["/api/v1/schedule"] = listed(schedule_of(*games))
    for game in games:
        body = sample_responses.feed(game["gamePk"], game["officialDate"])
        body["gameData"]["game"]["type"] = game["gameType"]
        outside.routes[FEED(game["gamePk"])] = ok(body)


def look(around, day: date, run_id: str = ""):
    return ask(daily(day, run_id), around, morning_after(day))


def covered(around, season: int = 2026) -> coverage.SeasonCoverage:
    return coverage.load_coverage(around.objects, season)


# --- The schedule decides what exists -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "game_type", "phase"),
    [
        ("2026-03-25", "R", "regular"),  # Opening Night
        ("2022-10-05", "R", "regular"),
        ("2025-03-18", "R", "regular"),  # Tokyo
        ("2025-03-19", "R", "regular"),
        ("2024-07-16", "A", "all_star"),
        ("2022-07-19", "A", "all_star"),
        ("2026-09-28", "F", "postseason"),
        ("2026-09-30", "F", "postseason"),
        ("2018-03-27", "S", "spring"),
        ("2026-03-26", "E", "spring"),
        ("2020-11-20", "W", "postseason"),
    ],
)
def test_every_game_of_a_type_is_collected_on_any_day(around, outside, day, game_type, phase):
    play(outside, listing(1, day, gameType=game_type))
    on = date.fromisoformat(day)
    (event,) = ask(Ticked(run_id="r1", occurred_at=morning_after(on), first=on, last=on), around)
    assert (event.counts["games_historical"], event.season_phase) == (1, phase)


def test_sixteen_games_of_a_last_day_are_collected(around, outside):
    play(outside, *(listing(number, "2022-10-05") for number in range(1, 17)))
    (event,) = look(around, date(2022, 10, 5))
    assert len(manifest_of(around, [event]).final_games) == 16


def test_season_that_cannot_be_had_drops_no_game(around, outside):
    outside.routes["/api/v1/seasons"] = Reply(500)
    play(outside, listing(1, "2026-09-28", gameType="F"))
    (event,) = look(around, date(2026, 9, 28))
    assert (event.counts["games_historical"], event.season_phase) == (1, "postseason")


def test_dates_known_of_a_season_serve_while_its_source_fails(around, outside):
    play(outside, listing(1, "2026-08-05"))
    look(around, DAY)
    outside.routes["/api/v1/seasons"] = Reply(500)
    look(around, DAY, "again")
    assert covered(around).dates.all_star == date(2026, 7, 14)


def test_game_of_another_type_is_named_and_alerted_once(around, outside):
    play(outside, listing(1, "2026-08-05"), listing(2, "2026-08-05", gameType="I"))
    look(around, DAY)
    look(around, DAY, "again")
    assert list(covered(around).refused) == ["2"]
    (alert,) = around.notifier.alerts
    assert (alert[:2], list(alert[2]["listings"])) == (("warning", "1 listed games are not collected"), ["2"])


# --- One odd listing ------------------------------------------------------------------------------------


def test_listing_that_cannot_be_read_fails_alone_and_is_named(around, outside):
    odd = listing(2, "2026-08-05")
    del odd["teams"]["home"]["team"]["id"]
    play(outside, listing(1, "2026-08-05"), odd)
    manifest = manifest_of(around, look(around, DAY))
    assert (manifest.games, [failure.game_pk for failure in manifest.failures]) == ((1,), [2])
    assert "2" in covered(around).refused


@pytest.mark.parametrize(
    ("path", "gone"),
    [("teams.home.team", "name"), ("venue", "id"), ("", "venue"), ("", "season"), ("", "doubleHeader")],
)
def test_listing_without_what_can_be_done_without_is_collected(around, outside, path, gone):
    odd = listing(2, "2026-08-06", "Scheduled")
    at = odd
    for step in filter(None, path.split(".")):
        at = at[step]
    del at[gone]
    play(outside, listing(1, "2026-08-05"), odd)
    assert manifest_of(around, look(around, DAY)).games == (1, 2)


# --- What stands, game by game --------------------------------------------------------------------------


def test_final_game_that_is_not_stored_is_missing_whatever_else_is(around, outside, warehouse):
    warehouse.games = [standing(1, DAY, morning_after(DAY))]
    play(outside, listing(1, "2026-08-05"), listing(2, "2026-08-05"))
    assert manifest_of(around, look(around, DAY)).games == (2,)


def test_game_whose_feed_is_of_another_game_is_missing_until_it_comes(around, outside, warehouse):
    play(outside, listing(1, "2026-08-05"), listing(2, "2026-08-05"))
    outside.routes[FEED(2)] = ok(sample_responses.feed(1))
    assert manifest_of(around, look(around, DAY)).final_games == (1,)
    assert covered(around).missing_games(DAY) == {DAY: (2,)}
    warehouse.games = [standing(1, DAY, morning_after(DAY))]
    outside.routes[FEED(2)] = ok(sample_responses.feed(2))
    assert manifest_of(around, look(around, DAY, "later")).final_games == (2,)
    assert covered(around).missing_games(DAY) == {}


def test_schedule_of_other_days_is_refused(around, outside):
    play(outside, listing(1, "2026-08-05"))
    outside.routes["/api/v1/schedule"] = ok(schedule_of(listing(1, "2026-01-05")))
    with pytest.raises(SourceUnavailable, match="expected games of 2026-07-29"):
        look(around, DAY)


def test_roster_of_another_club_is_refused(around, outside):
    play(outside, listing(1, "2026-08-05"))
    outside.routes["/api/v1/teams"] = ok({"teams": [sample_responses.club(110)]})
    outside.routes["/api/v1/teams/110/roster"] = ok({"teamId": 147, "roster": [sample_responses.rostered(1)]})
    events = look(around, DAY)
    assert "rosters_historical" not in events[0].counts
    assert any("expected the roster of club 110" in one.error for one in manifest_of(around, events).failures)


def test_pitches_of_another_day_are_refused(around, outside):
    play(outside, listing(1, "2026-08-05"))
    outside.routes["/statcast_search/csv"] = ok(
        sample_responses.savant_csv(game_pk=1, game_date="2026-08-04")
    )
    retry = DataRetry(
        run_id="r1",
        occurred_at=morning_after(DAY),
        attempt=1,
        dates=(DAY,),
        reason=RetryReason.STATCAST,
        manifest="m",
    )
    events = ask(retry, around, morning_after(DAY))
    assert rows_of(around, events, "statcast_pitches")["source"].to_list() == ["mlb_stats_api"]


# --- An outage ------------------------------------------------------------------------------------------


def stored(warehouse, *games: tuple[int, date]) -> None:
    warehouse.games = [standing(number, day, morning_after(day)) for number, day in games]


def test_days_missed_in_a_long_outage_are_collected_afterwards(around, outside, warehouse):
    missed = [DAY + n * DAYS for n in range(1, 31)]
    play(outside, *(listing(n, str(day)) for n, day in enumerate([DAY, *missed])))
    look(around, DAY)
    stored(warehouse, (0, DAY))
    events = look(around, missed[-1])
    assert {day for day in events[0].dates if DAY < day <= missed[-1]} == {*missed}


def test_store_made_before_coverage_was_kept_is_looked_at_from_its_first_day(around, outside, warehouse):
    first = DAY - 60 * DAYS
    warehouse.first = first
    stored(warehouse, (1, first), (3, DAY))
    play(outside, listing(1, str(first)), listing(2, str(first + 20 * DAYS)), listing(3, str(DAY)))
    assert manifest_of(around, look(around, DAY)).games == (2,)
    asked = [query for path, query in outside.asked if path == "/api/v1/schedule"]
    assert all(
        date.fromisoformat(q["endDate"]) - date.fromisoformat(q["startDate"]) < 31 * DAYS for q in asked
    )


def test_look_asks_no_more_when_nothing_is_missing(around, outside, warehouse):
    days = [date(2026, 6, 1) + n * DAYS for n in range(60)]
    play(outside, *(listing(n, str(day)) for n, day in enumerate(days)))
    costs = []
    for n, day in enumerate(days[:40]):
        outside.asked.clear()
        look(around, day)
        stored(warehouse, *enumerate(days[: n + 1]))
        spans = [query for path, query in outside.asked if path == "/api/v1/schedule"]
        costs.append((len(outside.asked), min(query["startDate"] for query in spans) >= str(day - 8 * DAYS)))
    assert costs[30:] == [costs[10]] * 10


def test_outage_longer_than_a_tick_may_be_is_made_good_look_by_look(outside, warehouse):
    urls = {"mlb_api_url": outside.url, "savant_url": outside.url, "weather_url": outside.url}
    around = ports(warehouse, max_tick_range_days=10, **urls)
    days = [DAY + n * DAYS for n in range(41)]
    play(outside, *(listing(n, str(day)) for n, day in enumerate(days)))
    look(around, days[0])
    known = {(0, days[0])}
    for n in range(40, 48):
        events = look(around, DAY + n * DAYS)
        known |= {(number, days[number]) for number in manifest_of(around, events).games} if events else set()
        stored(warehouse, *known)
    assert len(known) == 41
    assert covered(around).missing_games(DAY + 47 * DAYS) == {}


def test_season_bounds_what_a_look_goes_back_to(around, outside, warehouse):
    last, winter = date(2026, 10, 31), date(2026, 12, 20)
    play(outside, listing(1, str(last), gameType="W"))
    look(around, last)
    stored(warehouse, (1, last))
    look(around, last, "confirms")
    outside.asked.clear()
    look(around, winter)
    assert [path for path, _ in outside.asked] == ["/api/v1/schedule"]
    assert collector_status.load_last_status(around.objects).reason == "off_season"


def test_game_that_no_load_brings_in_is_named(around, outside):
    play(outside, listing(1, "2026-08-05"))
    look(around, DAY)
    assert covered(around).missing_games(DAY) == {}  # on its way
    look(around, DAY + DAYS)
    assert covered(around).missing_games(DAY) == {DAY: (1,)}


def test_same_tick_again_does_not_call_a_game_lost(around, outside):
    play(outside, listing(1, "2026-08-05"))
    look(around, DAY)
    look(around, DAY)
    assert covered(around).missing_games(DAY) == {}


def test_damaged_coverage_is_made_anew(around, outside):
    play(outside, listing(1, "2026-08-05"))
    around.objects.overwrite("coverage/2026.json", b'{"season":')
    look(around, DAY)
    assert covered(around).checked == ((DAY - 7 * DAYS, DAY),)


# --- Games without plays --------------------------------------------------------------------------------


def without_plays(outside: World, game_type: str, **status: str) -> None:
    game = listing(2, "2026-08-05", gameType=game_type)
    game["status"] |= status
    play(outside, listing(1, "2026-08-05"), game)
    body = sample_responses.feed(2, plays=[])
    body["gameData"]["game"]["type"] = game_type
    body["gameData"]["status"] |= status
    outside.routes[FEED(2)] = ok(body)


@pytest.mark.parametrize("kind", [{"game_type": "S"}, {"game_type": "E"}, {"game_type": "R"}])
def test_final_game_without_plays_keeps_its_box_score_and_is_told_once(around, outside, kind):
    without_plays(outside, **kind)
    events = look(around, DAY)
    manifest = manifest_of(around, events)
    assert (manifest.final_games, manifest.without_plays, manifest.failures) == ((1,), (2,), ())
    assert rows_of(around, events, "player_stats_historical").filter(game_pk=2).height == 4
    assert [title for _, title, _ in around.notifier.alerts] == [
        "final games without plays: the rest is kept"
    ]


def test_forfeit_without_a_line_is_kept(around, outside):
    without_plays(outside, "R", detailedState="Forfeit: Willful Rule Violation")
    outside.routes[FEED(2)] = ok(
        sample_responses.without_lines(sample_responses.feed(2, plays=[]))
        | {"gameData": _forfeited(sample_responses.feed(2)["gameData"])}
    )
    events = look(around, DAY)
    assert manifest_of(around, events).games == (1, 2)
    extra = rows_of(around, events, "games_historical").filter(game_pk=2)["extra"].item()
    assert '"plays_expected":false' in extra


def _forfeited(data: dict) -> dict:
    return data | {"status": data["status"] | {"detailedState": "Forfeit: Willful Rule Violation"}}


def test_plays_that_come_at_the_second_try_are_taken(around, outside):
    without_plays(outside, "R")
    outside.routes[FEED(2)] = [ok(sample_responses.feed(2, plays=[])), ok(sample_responses.feed(2))]
    assert manifest_of(around, look(around, DAY)).final_games == (1, 2)


def test_spring_game_without_plays_is_not_asked_for_again_and_again(around, outside):
    without_plays(outside, "S")
    look(around, DAY)
    assert outside.times_asked(FEED(2)) == 1
