"""The results of a day: games, players' lines and scored forecasts, written from the warehouse alone."""

from datetime import timedelta
from math import log

import msgspec
import polars as pl
import pytest

from services.loader.forecasts import load_and_score
from services.loader.mlb.results import game_state
from services.loader.results import write_day_results
from services.loader.step import step
from shared.storage.day_results import (
    decode_day_results,
    load_day_results,
    load_day_totals,
    results_object_name,
    totals_object_name,
)
from shared.storage.tables import get_table
from tests.unit.services.loader.batches import FRIDAY, MONDAY, NOW, TUESDAY, game, line, whole_game

BEFORE = game(1)["scheduled_start"] - timedelta(hours=2)
CLUBS = {"home_team_id": 10, "away_team_id": 20, "detailed_state": "Final", "innings": 9}


def forecast(release, chances, target="home_win", player=None, made_at=BEFORE, day=MONDAY, **more):
    row = {
        "forecast_id": f"{target}-{player}-{release}-{day}",
        "game_date": day,
        "game_pk": 1,
        "player_id": player,
        "target": target,
        "model_version": "1.0.0",
        "release_id": release,
        "as_of": MONDAY - timedelta(days=1),
        "made_at": made_at,
        "is_challenger": False,
        "variant": "projected",
        "mean": sum(count * chance for count, chance in enumerate(chances)),
        "distribution": msgspec.json.encode(chances).decode(),
    }
    return row | more


@pytest.fixture
def store(ports):
    def store(*rows, day=MONDAY):
        lines = b"\n".join(map(msgspec.json.encode, rows))
        ports.objects.write_once(f"forecasts/{day}/{rows[0]['release_id']}.jsonl", lines)

    return store


@pytest.fixture
def merge(warehouse):
    def merge(name, *rows):
        warehouse.merge_rows(get_table(name), pl.DataFrame(rows, infer_schema_length=None))

    return merge


@pytest.fixture
def results(ports):
    """Load and score days and return the results of one."""

    def results(*dates, day=MONDAY):
        load_and_score(ports, dates or (MONDAY,))
        return load_day_results(ports.objects, day)

    return results


def test_game_has_its_score(merge, results):
    merge("games_historical", game(1, **CLUBS))
    (one,) = results().games
    assert (one.game_pk, one.state, one.home_score, one.away_score, one.innings) == (1, "final", 5, 3, 9)


def test_clubs_have_the_letters_of_the_season(merge, results):
    club = {"name": "x", "source": "x", "run_id": "x", "collected_at": NOW}
    merge("teams_historical", {"team_id": 10, "season": 2026, "abbreviation": "NYY", **club})
    merge("games_historical", game(1, **CLUBS))
    (one,) = results().games
    assert (one.home_team, one.away_team) == ("NYY", None)


def test_line_has_every_statistic_that_is_forecast(merge, results):
    merge("games_historical", game(1, **CLUBS))
    merge("player_stats_historical", line(1, 7, plate_appearances=4, hits=2, is_starter=True))
    (one,) = results().lines
    assert set(one.batting) == {
        *("hits", "home_runs", "rbis", "total_bases", "strikeouts", "walks", "doubles", "runs"),
    }
    assert (one.batting["hits"], one.pitching, one.plate_appearances) == (2, {}, 4)


def test_pitcher_has_strikeouts_and_outs(merge, results):
    merge("games_historical", game(1, **CLUBS))
    merge(
        "player_stats_historical",
        line(1, 9, batters_faced=25, strikeouts_pitched=8, outs_recorded=19, is_starting_pitcher=True),
    )
    (one,) = results().lines
    assert (one.pitching, one.batting) == ({"strikeouts": 8, "outs": 19}, {})


def test_scored_forecast_stands_beside_what_happened(store, merge, results):
    store(forecast("000001", (0.4, 0.6)), forecast("000001", (0.25, 0.5, 0.25), "batter_hits", 7))
    merge("games_historical", game(1, **CLUBS))
    merge("player_stats_historical", line(1, 7, plate_appearances=4, hits=5))
    win, hits = results().forecasts
    assert (win.hit, win.actual, win.p_actual, win.interval_80) == (True, 1, 0.6, None)
    assert win.log_loss == pytest.approx(-log(0.6))
    assert (hits.player_id, hits.actual, hits.p_actual) == (7, 5, 0.25)
    assert (hits.interval_80, hits.hit) == ((0, 2), False)


def test_even_chances_have_no_favourite(store, merge, results):
    store(forecast("000001", (0.5, 0.5)))
    merge("games_historical", game(1, **CLUBS))
    assert results().forecasts[0].hit is None


def test_only_the_last_forecast_before_the_start_is_listed(store, merge, results):
    for release, hours in (("000001", 5), ("000002", 1), ("000003", 0)):
        store(
            forecast(release, (0.4, 0.6), made_at=game(1)["scheduled_start"] - timedelta(hours=hours)),
            forecast(release, (0.1, 0.9), is_challenger=True, forecast_id=f"challenger-{release}"),
        )
    merge("games_historical", game(1, **CLUBS))
    assert [one.release_id for one in results().forecasts] == ["000002"]


def test_postponed_game_is_listed_on_both_days_and_counted_on_its_own(store, merge, results):
    store(forecast("000001", (0.4, 0.6)))
    merge("games_historical", game(1, FRIDAY, original_date=MONDAY, **CLUBS))
    moved, played = results(MONDAY, FRIDAY), results(MONDAY, FRIDAY, day=FRIDAY)
    assert [(one.state, one.game_date) for one in moved.games] == [("postponed", FRIDAY)]
    assert moved.forecasts == ()
    assert [one.state for one in played.games] == ["final"]
    assert len(played.forecasts) == 1  # the last one made before it was played: that of the first day


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "Final", "is_tie": False}, "final"),
        ({"status": "Final", "is_tie": True}, "tie"),
        ({"status": "Other", "detailed_state": "Postponed: Rain"}, "postponed"),
        ({"status": "Other", "detailed_state": "Cancelled"}, "cancelled"),
        ({"status": "Other", "detailed_state": "Suspended: Rain"}, "suspended"),
        ({"status": "Other", "detailed_state": "Unknown"}, "not_played"),
        ({"status": "Live"}, "in_progress"),
        ({"status": "Preview"}, "scheduled"),
        ({"status": "Final", "game_date": FRIDAY}, "postponed"),
    ],
)
def test_state(fields, state):
    row = {"game_date": MONDAY, "is_tie": None, "detailed_state": "x"} | fields
    assert game_state(row, MONDAY) == state


def test_day_that_has_not_begun_is_not_written(ports, merge):
    merge("games_historical", game(1, status="Preview", home_score=None, away_score=None))
    assert write_day_results(ports, [MONDAY]) == []
    assert not ports.objects.exists(results_object_name(MONDAY))


def test_same_rows_give_the_same_bytes(ports, store, merge, results):
    store(forecast("000001", (0.4, 0.6)))
    merge("games_historical", game(1, **CLUBS))
    merge("player_stats_historical", line(1, 7, plate_appearances=4, hits=1))
    results()
    name = results_object_name(MONDAY)
    first = ports.objects.read_bytes(name)
    ports.objects.delete(name)
    results()
    assert ports.objects.read_bytes(name) == first


def test_correction_rewrites_the_day(store, merge, results):
    store(forecast("000001", (0.4, 0.6)))
    merge("games_historical", game(1, **CLUBS))
    assert results().forecasts[0].hit is True
    merge("games_historical", game(1, version=2, home=2, **CLUBS))
    assert results().forecasts[0].hit is False


def test_suspended_game_rewrites_the_day_it_counts_for(ports, store, merge, results):
    store(forecast("000001", (0.4, 0.6)))
    merge("games_historical", game(1, status="Other", **CLUBS | {"detailed_state": "Suspended: Rain"}))
    assert results().games[0].state == "suspended"
    merge("games_historical", game(1, version=2, completed_date=FRIDAY, **CLUBS))
    found = results(FRIDAY)
    assert (found.games[0].state, len(found.forecasts)) == ("final", 1)


def test_forecast_that_is_stored_late_rewrites_its_day(store, merge, results):
    merge("games_historical", game(1, **CLUBS))
    assert results().forecasts == ()
    store(forecast("000001", (0.4, 0.6)))
    assert len(results(TUESDAY).forecasts) == 1


def test_load_writes_the_days_it_touches(ports):
    batch = whole_game(1, FRIDAY, original_date=MONDAY, **CLUBS)
    batch.dates = (TUESDAY,)
    step(batch.validated(ports.objects), ports, NOW)
    assert [load_day_results(ports.objects, day) is not None for day in (MONDAY, TUESDAY, FRIDAY)] == [
        True,
        False,
        True,
    ]


def test_totals_are_the_sums_of_the_day(ports, store, merge, results):
    store(forecast("000001", (0.4, 0.6)), forecast("000001", (0.25, 0.5, 0.25), "batter_hits", 7))
    merge("games_historical", game(1, **CLUBS), game(2, status="Other", **CLUBS))
    merge(
        "player_stats_historical",
        line(1, 7, plate_appearances=4, hits=2, is_starter=True),
        line(1, 8, plate_appearances=4, hits=0, is_starter=True),
        line(1, 9, plate_appearances=1, hits=1),
    )
    results()
    (totals,) = load_day_totals(ports.objects, [MONDAY])
    assert (totals.games_over, totals.games_not_over) == (1, 1)
    win, hits = totals.targets["home_win"], totals.targets["batter_hits"]
    assert (win.scored, win.happened, win.decided, win.hits) == ((0, 1), (0, 1), 1, 1)
    assert hits.happened == (1, 0, 1, 0, 0, 0, 0, 0, 0)  # the two of the starting nine
    assert (hits.forecasts, hits.hits, hits.absolute_error) == (1, 1, 1.0)


def test_sums_by_variant_add_up_to_the_whole(ports, store, merge, results):
    store(
        *(forecast("000001", chances, game_pk=pk, variant=variant, forecast_id=f"win-{pk}")
          for pk, chances, variant in (
              (1, (0.4, 0.6), "confirmed"), (2, (0.7, 0.3), "projected"), (3, (0.2, 0.8), "projected"),
          )),
        forecast("000001", (0.01, 0.99), is_challenger=True, forecast_id="challenger", variant="confirmed"),
    )  # fmt: skip
    merge("games_historical", *(game(pk, **CLUBS) for pk in (1, 2, 3)))
    results()
    (totals,) = load_day_totals(ports.objects, [MONDAY])
    win = totals.targets["home_win"]
    assert sorted(win.variants) == ["confirmed", "projected"]
    assert win.variants["confirmed"].log_loss == pytest.approx(-log(0.6))
    projected = win.variants["projected"]
    assert (projected.forecasts, projected.hits, projected.log_loss) == (2, 1, pytest.approx(-log(0.24)))
    for name in ("forecasts", "decided", "hits", "absolute_error", "log_loss"):
        parts = [getattr(one, name) for one in win.variants.values()]
        assert sum(parts) == pytest.approx(getattr(win, name))
    assert tuple(map(sum, zip(*(one.scored for one in win.variants.values()), strict=True))) == win.scored


def test_an_object_that_cannot_be_read_is_none(ports, merge, results):
    merge("games_historical", game(1, **CLUBS))
    name = results_object_name(MONDAY)
    results()
    ports.objects.overwrite(name, b"no zstd")
    assert load_day_results(ports.objects, MONDAY) is None
    with pytest.raises(Exception, match="expected the results of a day"):
        decode_day_results(name, b"no zstd")


def test_results_without_their_sums_are_none_and_written_again(ports, merge, results):
    merge("games_historical", game(1, **CLUBS))
    assert results() is not None
    ports.objects.overwrite(totals_object_name(MONDAY), b"{torn")
    assert load_day_results(ports.objects, MONDAY) is None
    assert results() is not None
