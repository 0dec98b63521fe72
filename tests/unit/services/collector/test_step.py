"""The collector's step against an outside world on loopback: what is asked, staged, announced, refused."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from services.collector import status
from services.collector.mlb import feed
from services.collector.mlb.sources.registry import open_sources
from services.collector.step import run_collection, step
from shared.errors import Rejected, SourceUnavailable
from shared.messaging.events import DataRetry, RetryReason, Ticked
from shared.storage.staging import Fallback, Manifest, read_staged, read_struct
from tests.fakes import ports
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.fakes import StandingWarehouse, Waits, standing
from tests.unit.services.collector.loopback import Reply, listed, ok, world
from tests.unit.services.collector.sample_responses import listing, play, schedule

DAY = date(2026, 8, 5)
NOW = datetime(2026, 8, 6, 6, tzinfo=UTC)  # two in the morning in New York
FEED = "/api/v1.1/game/{}/feed/live".format


@pytest.fixture
def outside():
    with world(
        {
            "/api/v1/schedule": listed(schedule(d20260805=[listing(1, "2026-08-05")])),
            "/api/v1/game/changes": ok(schedule()),
            "/api/v1/seasons": ok({"seasons": [sample_responses.season(2026)]}),
            "/api/v1/teams": ok(
                {"teams": [sample_responses.club(110), sample_responses.club(147) | {"sport": {"id": 51}}]}
            ),
            "/api/v1/teams/110/roster": ok(
                {"roster": [sample_responses.rostered(1102), sample_responses.rostered(1103)]}
            ),
            "/api/v1/transactions": ok({"transactions": [sample_responses.move(9, "2026-08-05")]}),
            "/api/v1/standings": ok({"records": [sample_responses.division(110)]}),
            FEED(1): ok(sample_responses.feed(1)),
        }
    ) as it:
        yield it


@pytest.fixture
def warehouse():
    return StandingWarehouse()


@pytest.fixture
def around(outside, warehouse):
    return ports(warehouse, mlb_api_url=outside.url, savant_url=outside.url, weather_url=outside.url)


def ask(event, around, now=NOW):
    with open_sources(around.settings, sleep=Waits()) as sources:
        return run_collection(event, around, now, sources)


def ticked(first=DAY, last=DAY):
    return Ticked(run_id="r1", occurred_at=NOW, first=first, last=last)


def daily(now=NOW):
    return Ticked(run_id="r1", occurred_at=now)


def retried(reason, attempt=1, games=()):
    return DataRetry(
        run_id="r1",
        occurred_at=NOW,
        attempt=attempt,
        dates=(DAY,),
        games=games,
        reason=reason,
        manifest="staging/r1/0/manifest-0.json",
    )


def manifest_of(around, events):
    return read_struct(around.objects, events[0].manifest, Manifest)


def rows_of(around, events, name):
    datasets = manifest_of(around, events).datasets
    return read_staged(around.objects, next(one for one in datasets if one.table == name))


def digest_of(body):
    return feed.game_rows(feed.decode_feed(msgspec.json.encode(body)), DAY).digest()


def test_announces_what_it_staged(around):
    (event,) = ask(ticked(), around)
    assert (event.dates, event.season_phase, event.players_seen) == ((DAY,), "regular", 4)
    assert event.counts["plate_appearances"] == 1


def test_manifest_names_games_and_bodies(around):
    manifest = manifest_of(around, ask(ticked(), around))
    assert (manifest.games, manifest.final_games, manifest.failures) == ((1,), (1,), ())
    assert all(around.objects.exists(body.object) for body in manifest.raw)


def test_every_row_says_where_it_was_read(around):
    events = ask(ticked(), around)
    row = rows_of(around, events, "plate_appearances").row(0, named=True)
    assert (row["source"], row["run_id"], row["collected_at"]) == ("mlb_stats_api", "r1", NOW)
    assert row["raw_object"].startswith("raw/mlb_stats_api/2026-08-05/1/")


def test_collects_what_surrounds_the_games(around):
    (event,) = ask(ticked(), around)
    expected = {"rosters_historical": 4, "transactions_historical": 1, "standings_historical": 1}
    assert expected.items() <= event.counts.items()


def test_day_collected_late_has_its_own_standings(around, outside):
    late = DAY - timedelta(days=1)
    games = {"d20260804": [listing(2, "2026-08-04")], "d20260805": [listing(1, "2026-08-05")]}
    outside.routes |= {
        "/api/v1/schedule": listed(schedule(**games)),
        FEED(2): ok(sample_responses.feed(2, "2026-08-04")),
    }
    standings = rows_of(around, ask(ticked(first=late), around), "standings_historical")
    assert standings["standings_date"].to_list() == [late, DAY]


def test_lists_the_rostered_without_a_line(around):
    assert manifest_of(around, ask(ticked(), around)).idle_rostered == (1103,)


def test_answer_is_recorded(around):
    ask(ticked(), around)
    result = status.load_last_status(around.objects)
    assert (result.status, result.dates, result.games) == ("collected", (DAY,), (1,))


def paths_asked(outside):
    return [path for path, _ in outside.asked]


def test_off_season_costs_one_request(around, outside):
    assert (
        ask(daily(datetime(2026, 12, 4, 7, tzinfo=UTC)), around, datetime(2026, 12, 4, 7, tzinfo=UTC)) == []
    )
    assert (status.load_last_status(around.objects).reason, paths_asked(outside)) == (
        "off_season",
        ["/api/v1/schedule"],
    )


def test_day_without_games_in_the_season_is_no_off_season(around):
    ask(daily(), around)
    assert ask(ticked(date(2026, 7, 13), date(2026, 7, 13)), around) == []
    assert status.load_last_status(around.objects).reason == "no_games"


def test_complete_range_is_skipped_without_asking_for_a_game(around, outside, warehouse):
    warehouse.games = [standing(1, DAY, NOW)]
    assert ask(ticked(), around) == []
    result = status.load_last_status(around.objects).reason, outside.times_asked(FEED(1))
    assert result == ("all_data_exists", 0)


def test_range_that_runs_backwards_is_rejected(around):
    with pytest.raises(Rejected, match="not after the last"):
        ask(ticked(date(2026, 8, 6), DAY), around)


def test_several_missing_days_are_one_schedule_request(around, outside, warehouse):
    warehouse.games = [standing(7, date(2026, 8, 4), NOW)]
    ask(ticked(date(2026, 8, 3), DAY), around)
    asked = [query for path, query in outside.asked if path == "/api/v1/schedule"]
    assert [(query["startDate"], query["endDate"]) for query in asked] == [("2026-08-03", "2026-08-05")]


def test_asks_the_warehouse_once_what_stands(around, warehouse):
    ask(daily(), around)
    ask(daily(), around)
    assert ["season" in asked for asked in warehouse.queries] == [True, False, False]


def test_daily_look_covers_the_week_before_and_two_weeks_ahead(around, outside):
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260806=[listing(2, "2026-08-06", "Scheduled")]))
    ask(daily(), around)
    asked = [query for path, query in outside.asked if path == "/api/v1/schedule"]
    result = [(query["startDate"], query["endDate"], "hydrate" in query) for query in asked]
    assert result == [("2026-07-29", "2026-08-19", False), ("2026-08-06", "2026-08-06", True)]


def test_games_of_two_weeks_ahead_are_staged_without_a_forecast(around, outside):
    far = listing(3, "2026-08-19", "Scheduled")
    outside.routes["/api/v1/schedule"] = listed(
        schedule(d20260805=[listing(1, "2026-08-05")], d20260819=[far])
    )
    assert manifest_of(around, ask(daily(), around)).games == (1, 3)
    assert outside.times_asked("/v1/forecast") == outside.times_asked("/api/v1/venues") == 0


def test_unchanged_game_is_not_staged_again(around, outside, warehouse):
    warehouse.games = [standing(1, DAY, NOW, rows_sha256=digest_of(sample_responses.feed(1)))]
    outside.routes["/api/v1/game/changes"] = ok(schedule(d20260805=[listing(1, "2026-08-05")]))
    assert ask(daily(), around) == []
    assert outside.times_asked(FEED(1)) == 1


def test_same_game_of_which_rows_were_left_out_is_staged_again(around, warehouse):
    digest = digest_of(sample_responses.feed(1))
    warehouse.games = [standing(1, DAY, NOW, rows_sha256=digest, pitches=0, incomplete=True)]
    assert manifest_of(around, ask(ticked(), around)).games == (1,)


def test_game_that_nobody_has_pitches_of_is_not_staged_for_ever(around, outside, warehouse):
    body = sample_responses.feed(1, plays=[play(0, pitches=[])])
    outside.routes[FEED(1)] = ok(body)
    warehouse.games = [standing(1, DAY, NOW, rows_sha256=digest_of(body), pitches=0, incomplete=True)]
    assert ask(ticked(), around) == []


def test_player_with_a_nonsensical_order_fails_his_game_alone(around, outside):
    games = [listing(1, "2026-08-05"), listing(2, "2026-08-05")]
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=games))
    body = sample_responses.feed(2)
    body["liveData"]["boxscore"]["teams"]["home"]["players"]["ID1472"]["battingOrder"] = "first"
    outside.routes[FEED(2)] = ok(body)
    manifest = manifest_of(around, ask(ticked(), around))
    assert (manifest.final_games, manifest.failures[0].game_pk) == ((1,), 2)


def test_corrected_game_is_staged_again(around, outside, warehouse):
    before = sample_responses.feed(1, plays=[play(0), play(1)])
    warehouse.games = [standing(1, DAY, NOW, rows_sha256=digest_of(before))]
    outside.routes["/api/v1/game/changes"] = ok(schedule(d20260805=[listing(1, "2026-08-05")]))
    (event,) = ask(daily(), around)
    assert event.counts == {"games_historical": 1, "plate_appearances": 1} | event.counts
    assert "rosters_historical" not in event.counts


def test_asks_for_changes_since_the_last_look_and_a_day(around, outside, warehouse):
    warehouse.games = [standing(1, DAY, NOW)]
    ask(daily(), around)
    asked = next(query for path, query in outside.asked if path == "/api/v1/game/changes")
    assert asked["updatedSince"] == "2026-08-05T06:00:00Z"


def test_changes_that_cannot_be_had_do_not_stop_the_day(around, outside, warehouse):
    warehouse.games = [standing(2, DAY, NOW)]
    outside.routes["/api/v1/game/changes"] = Reply(500)
    manifest = manifest_of(around, ask(daily(), around))
    assert [failure.request for failure in manifest.failures] == ["/api/v1/game/changes"]


def test_coming_games_are_staged_from_the_schedule(around, outside):
    coming = listing(2, "2026-08-06", "Scheduled")
    coming["teams"]["home"]["probablePitcher"] = {"id": 1471}
    coming["lineups"] = {"homePlayers": [{"id": 1472, "fullName": "A", "primaryPosition": {}}]}
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260806=[coming]))
    events = ask(daily(), around)
    rows = rows_of(around, events, "lineups_historical").select("player_id", "batting_slot").rows()
    assert (rows, outside.times_asked(FEED(2))) == ([(1472, 1), (1471, None)], 0)


def test_coming_games_have_a_forecast(around, outside):
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260806=[listing(2, "2026-08-06", "Scheduled")]))
    outside.routes["/api/v1/venues"] = ok({"venues": [sample_responses.park(1)]})
    outside.routes["/v1/forecast"] = ok(sample_responses.forecast("2026-08-06T23:00"))
    row = rows_of(around, ask(daily(), around), "weather_forecasts").row(0, named=True)
    assert (row["game_pk"], row["temperature_f"], row["issued_at"]) == (2, 71.5, NOW)


def test_unknown_weather_does_not_stop_the_day(around, outside):
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260806=[listing(2, "2026-08-06", "Scheduled")]))
    manifest = manifest_of(around, ask(daily(), around))
    assert (manifest.games, manifest.failures[0].request) == ((2,), "venues of 2026-08-06")


def test_game_listed_twice_is_taken_where_it_got_furthest(around, outside):
    twice = [listing(1, "2026-08-05", "Scheduled"), listing(1, "2026-08-05")]
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=twice))
    games = rows_of(around, ask(ticked(), around), "games_historical")
    assert games["status"].to_list() == ["Final"]


def test_postponed_game_moves_to_its_new_day(around, outside, warehouse):
    warehouse.games = [standing(1, DAY, NOW, status="Preview", incomplete=True)]
    moved = listing(1, "2026-08-05", "Postponed", "2026-09-01")
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=[moved]))
    row = rows_of(around, ask(ticked(), around), "games_historical").row(0, named=True)
    assert (row["game_date"], row["status"], row["detailed_state"]) == (
        date(2026, 9, 1),
        "Other",
        "Postponed",
    )


def test_resumed_game_keeps_its_date_and_is_completed_later(around, outside):
    resumed = listing(1, "2026-08-05", "Final", "2026-06-26", resumedFromDate="2026-06-26")
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=[resumed]))
    outside.routes[FEED(1)] = ok(sample_responses.feed(1, day="2026-06-26"))
    row = rows_of(around, ask(ticked(), around), "games_historical").row(0, named=True)
    assert (row["game_date"], row["completed_date"]) == (date(2026, 6, 26), DAY)


def test_suspended_game_is_not_final(around, outside):
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=[listing(1, "2026-08-05", "Suspended")]))
    manifest = manifest_of(around, ask(ticked(), around))
    assert (manifest.games, manifest.final_games) == ((1,), ())


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        msgspec.json.encode(sample_responses.without_lines(sample_responses.feed(2, plays=[]))),
        b'{"gameData":',
        msgspec.json.encode(sample_responses.feed(3)),
        msgspec.json.encode(sample_responses.feed(2, "2026-08-04")),
        msgspec.json.encode(sample_responses.between(sample_responses.feed(2), 110, 121)),
        msgspec.json.encode(sample_responses.with_box_score_of(sample_responses.feed(2), 110, 121)),
    ],
    ids=[
        "nothing",
        "neither plays nor lines",
        "truncated",
        "of another game",
        "of another day",
        "of another club",
        "box score of another club",
    ],
)
def test_game_that_fails_is_noted_and_the_day_goes_on(around, outside, body):
    games = [listing(1, "2026-08-05"), listing(2, "2026-08-05")]
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=games))
    outside.routes[FEED(2)] = ok(body)
    manifest = manifest_of(around, ask(ticked(), around))
    assert (manifest.games, manifest.final_games) == ((1, 2), (1,))
    assert [(one.game_pk, one.request) for one in manifest.failures] == [(2, FEED(2))]


def test_standing_game_that_fails_is_left_as_it_stands(around, outside, warehouse):
    warehouse.games = [standing(2, DAY, NOW, incomplete=True)]
    games = [listing(1, "2026-08-05"), listing(2, "2026-08-05")]
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=games))
    assert manifest_of(around, ask(ticked(), around)).games == (1,)


def test_archived_feed_stands_in_for_a_source_that_fails(around, outside):
    ask(ticked(), around)
    outside.routes[FEED(1)] = Reply(500)
    events = ask(retried(RetryReason.UNAVAILABLE), around)
    row = rows_of(around, events, "games_historical").row(0, named=True)
    assert (row["source"], row["collected_at"]) == ("archive", datetime(2026, 8, 5, 23, 59, 59, tzinfo=UTC))


def test_schedule_that_cannot_be_had_stops_the_day(around, outside):
    outside.routes["/api/v1/schedule"] = Reply(500)
    with pytest.raises(SourceUnavailable, match="/api/v1/schedule"):
        ask(ticked(), around)


def test_no_game_to_be_had_stops_the_day(around, outside):
    outside.routes[FEED(1)] = Reply(500)
    with pytest.raises(SourceUnavailable, match="expected at least one of 1 games, fetched none"):
        ask(ticked(), around)


def test_game_that_stays_incomplete_for_a_week_alerts(around, outside, warehouse):
    old = DAY - timedelta(days=8)
    warehouse.games = [standing(5, old, NOW, incomplete=True)]
    ask(daily(), around)
    assert around.notifier.alerts == [("warning", "games incomplete for more than a week", {"games": [5]})]


def test_player_without_a_line_is_fetched(around, outside):
    body = sample_responses.feed(1)
    body["liveData"]["boxscore"]["teams"]["home"]["players"]["ID1472"]["stats"]["batting"] = {}
    outside.routes[FEED(1)] = ok(body)
    outside.routes["/api/v1/people/1472/stats"] = lambda query: ok(
        sample_responses.game_log(query["group"], 1, 147)
    )
    events = ask(ticked(), around)
    found = rows_of(around, events, "player_stats_historical").filter(player_id=1472)
    assert (found["hits"].to_list(), manifest_of(around, events).missing_players) == ([3], {})


def test_player_nobody_has_a_line_of_is_named(around, outside):
    body = sample_responses.feed(1)
    body["liveData"]["boxscore"]["teams"]["home"]["players"]["ID1472"]["stats"]["batting"] = {}
    outside.routes[FEED(1)] = ok(body)
    assert manifest_of(around, ask(ticked(), around)).missing_players == {"1": (1472,)}


def test_statcast_retry_takes_pitches_from_the_other_source(around, outside):
    outside.routes["/statcast_search/csv"] = ok(sample_responses.savant_csv(game_pk=1))
    events = ask(retried(RetryReason.STATCAST, games=(1,)), around)
    row = rows_of(around, events, "statcast_pitches").row(0, named=True)
    assert (row["source"], row["bat_speed"], row["collected_at"]) == ("savant", 71.25, NOW)
    assert (events[0].attempt, "rosters_historical" in events[0].counts) == (1, False)


def test_feed_pitches_stand_where_savant_fails(around, outside):
    outside.routes["/statcast_search/csv"] = Reply(500)
    events = ask(retried(RetryReason.STATCAST), around)
    assert rows_of(around, events, "statcast_pitches")["source"].to_list() == ["mlb_stats_api"]
    assert manifest_of(around, events).failures[0].source == "savant"


def test_savant_is_asked_where_the_feed_has_no_pitches(around, outside):
    outside.routes[FEED(1)] = ok(sample_responses.feed(1, plays=[play(0, pitches=[])]))
    outside.routes["/statcast_search/csv"] = ok(sample_responses.savant_csv(game_pk=1))
    assert rows_of(around, ask(ticked(), around), "statcast_pitches")["source"].to_list() == ["savant"]


def three_pitches(outside):
    outside.routes[FEED(1)] = ok(sample_responses.feed(1, plays=[play(0), play(1), play(2)]))


def test_savant_with_fewer_pitches_than_the_feed_is_asked_again(around, outside):
    three_pitches(outside)
    short, whole = (ok(sample_responses.savant_csv(rows=rows, game_pk=1)) for rows in (2, 3))
    outside.routes["/statcast_search/csv"] = [short, whole]
    events = ask(retried(RetryReason.STATCAST), around)
    assert rows_of(around, events, "statcast_pitches")["source"].to_list() == ["savant"] * 3
    assert manifest_of(around, events).fallbacks == ()


@pytest.mark.parametrize(("game", "rows", "got"), [(1, 2, 2), (7, 3, 0)], ids=["short", "absent"])
def test_feed_pitches_stand_where_savant_stays_short(around, outside, game, rows, got):
    three_pitches(outside)
    outside.routes["/statcast_search/csv"] = ok(sample_responses.savant_csv(rows=rows, game_pk=game))
    events = ask(retried(RetryReason.STATCAST), around)
    assert rows_of(around, events, "statcast_pitches")["source"].to_list() == ["mlb_stats_api"] * 3
    assert manifest_of(around, events).fallbacks == (
        Fallback(1, "savant", "mlb_stats_api", f"expected 3 pitches as in the feed, got {got}"),
    )
    assert outside.times_asked("/statcast_search/csv") == 2


def test_automatic_balls_make_up_for_no_pitch(around, outside):
    three_pitches(outside)
    thrown, automatic = (
        sample_responses.savant_csv(rows=2, game_pk=1),
        sample_responses.savant_csv(description="automatic_ball", game_pk=1),
    )
    outside.routes["/statcast_search/csv"] = ok(thrown + automatic.split(b"\n", 1)[1])
    assert len(manifest_of(around, ask(retried(RetryReason.STATCAST), around)).fallbacks) == 1


def test_savant_that_breaks_off_is_asked_again_and_then_left(around, outside):
    three_pitches(outside)
    outside.routes["/statcast_search/csv"] = ok(sample_responses.savant_csv(rows=3, game_pk=1)[:-20])
    events = ask(retried(RetryReason.STATCAST), around)
    (failure,) = manifest_of(around, events).failures
    assert (failure.source, "line end" in failure.error) == ("savant", True)
    assert rows_of(around, events, "statcast_pitches")["source"].to_list() == ["mlb_stats_api"] * 3
    assert outside.times_asked("/statcast_search/csv") == 5


def test_unknown_columns_are_kept_aside_and_named(around, outside):
    outside.routes["/statcast_search/csv"] = ok(sample_responses.savant_csv(game_pk=1, new_column="7"))
    events = ask(retried(RetryReason.STATCAST), around)
    assert rows_of(around, events, "statcast_pitches")["extra"].to_list() == ['{"new_column":"7"}']
    assert manifest_of(around, events).unknown_columns == {"statcast_pitches": ("new_column",)}


def test_retry_of_games_asks_for_those_only(around, outside):
    games = [listing(1, "2026-08-05"), listing(2, "2026-08-05")]
    outside.routes["/api/v1/schedule"] = listed(schedule(d20260805=games))
    assert manifest_of(around, ask(retried(RetryReason.UNAVAILABLE, games=(1,)), around)).games == (1,)


def test_retry_of_whole_days_asks_for_everything(around):
    (event,) = ask(retried(RetryReason.SCHEMA_MISMATCH), around)
    assert event.counts["rosters_historical"] == 4


def test_fourth_round_is_rejected_with_an_alert(around):
    with pytest.raises(Rejected, match="at most 3 rounds"):
        ask(retried(RetryReason.UNAVAILABLE, attempt=4), around)
    assert around.notifier.alerts[0][0] == "critical"


def test_same_tick_twice_stages_the_same_objects(around):
    first, second = ask(ticked(), around), ask(ticked(), around)
    assert first == second


def test_step_opens_its_own_sources(around):
    assert len(step(ticked(), around, NOW)) == 1


def test_a_game_that_cannot_be_had_again_gets_its_next_round(around, outside):
    outside.routes[FEED(1)] = Reply(404)
    (repeated,) = step(retried(RetryReason.UNAVAILABLE, attempt=2, games=(1,)), around, NOW)
    assert (type(repeated), repeated.attempt, repeated.games) == (DataRetry, 3, (1,))


AFTERNOON = datetime(2026, 8, 6, 19, tzinfo=UTC)  # three in the afternoon in New York


def refreshed(trigger):
    return Ticked(run_id="r2", occurred_at=AFTERNOON, trigger=trigger)


def plays_today(outside):
    """Of today's games one is over, one is being played, and one has not begun; one is tomorrow's."""
    games = [
        listing(1, "2026-08-06"),
        listing(2, "2026-08-06", "In Progress"),
        listing(3, "2026-08-06", "Scheduled"),
    ]
    outside.routes["/api/v1/schedule"] = listed(
        schedule(d20260806=games, d20260807=[listing(4, "2026-08-07", "Scheduled")])
    )
    outside.routes["/api/v1/venues"] = ok({"venues": []})


@pytest.mark.parametrize("trigger", ["lineups", "weather"])
def test_refresh_stages_only_games_that_have_not_begun(around, outside, trigger):
    plays_today(outside)
    events = ask(refreshed(trigger), around, AFTERNOON)
    assert manifest_of(around, events).games == (3, 4)
    assert (events[0].trigger, outside.times_asked(FEED(1))) == (trigger, 0)


def test_refresh_leaves_the_coverage_of_days_alone(around, outside):
    ask(daily(), around)
    plays_today(outside)
    before = around.objects.read_bytes("coverage/2026.json")
    ask(refreshed("lineups"), around, AFTERNOON)
    assert around.objects.read_bytes("coverage/2026.json") == before


def test_weather_is_fetched_although_no_game_changed(around, outside, warehouse):
    plays_today(outside)
    staged = rows_of(around, ask(refreshed("lineups"), around, AFTERNOON), "games_historical")
    digests = {row["game_pk"]: msgspec.json.decode(row["extra"])["rows_sha256"] for row in staged.to_dicts()}
    warehouse.games = [
        standing(game, date(2026, 8, 6 + (game == 4)), NOW, status="Preview", rows_sha256=digest)
        for game, digest in digests.items()
    ]
    warehouse.games = [
        one | {"appearances": 0, "pitches": 0, "players": 0, "incomplete": False} for one in warehouse.games
    ]
    before = outside.times_asked("/api/v1/venues")
    assert ask(refreshed("lineups"), around, AFTERNOON) == []
    assert outside.times_asked("/api/v1/venues") == before
    (event,) = ask(refreshed("weather"), around, AFTERNOON)
    assert outside.times_asked("/api/v1/venues") == before + 1
    assert event.dates == (date(2026, 8, 6), date(2026, 8, 7))
