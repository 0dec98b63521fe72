"""The one set query against a real embedded warehouse, and what is wanted after it."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import polars as pl
import pytest

from services.collector import existing_games
from services.collector.mlb.schedule import Listing
from services.collector.mlb.wire.schedule import ScheduledGame
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage.tables import get_table
from tests.unit.services.collector import sample_responses

DAY = date(2026, 8, 5)
COLLECTED = datetime(2026, 8, 6, 6, tzinfo=UTC)
LINEAGE = {"source": "mlb_stats_api", "run_id": "r", "collected_at": COLLECTED}


def game(game_pk, day=DAY, status="Final", detail=None, score=(3, 5), **more):
    return {
        "game_pk": game_pk,
        "game_date": day,
        "season": 2026,
        "game_type": "R",
        "completed_date": day,
        "scheduled_start": datetime(2026, 8, 5, 23, tzinfo=UTC),
        "game_number": 1,
        "double_header": "N",
        "status": status,
        "detailed_state": detail or status,
        "home_team_id": 147,
        "away_team_id": 110,
        "home_score": score[0],
        "away_score": score[1],
        "extra": f'{{"rows_sha256":"hash{game_pk}"}}',
    } | more


PLAY = {
    "at_bat_index": 0,
    "inning": 1,
    "is_top": True,
    "batter_id": 1,
    "pitcher_id": 2,
    "bat_side": "L",
    "pitch_hand": "R",
}
APPEARANCE = PLAY | {
    "batting_team_id": 110,
    "fielding_team_id": 147,
    "event_type": "single",
    "outcome": "single",
    "is_plate_appearance": True,
    "is_at_bat": True,
    "rbi": 0,
    "runs_scored": 0,
    "outs_before": 0,
    "outs_after": 0,
    "pitches": 1,
    "home_score": 0,
    "away_score": 0,
}
CONTENTS = {
    "plate_appearances": APPEARANCE,
    "statcast_pitches": PLAY | {"pitch_number": 1, "is_in_play": True, "is_strike": True},
    "player_stats_historical": {
        "player_id": 1,
        "team_id": 110,
        "opponent_id": 147,
        "is_home": False,
        "player_name": "One",
        "is_starter": True,
        "games_played": 1,
        "is_starting_pitcher": False,
    },
}


@pytest.fixture
def warehouse(tmp_path):
    return DuckDbWarehouse(tmp_path / "warehouse.duckdb", clock=lambda: COLLECTED)


def merge(warehouse, name, rows):
    warehouse.ensure_table(get_table(name))
    whole = [dict.fromkeys(get_table(name).schema) | LINEAGE | row for row in rows]
    warehouse.merge_rows(get_table(name), pl.DataFrame(whole, schema=get_table(name).schema))


def stand(warehouse, games, without=()):
    merge(warehouse, "games_historical", games)
    for name, row in CONTENTS.items():
        if name not in without:
            heads = ({k: g[k] for k in ("game_pk", "game_date", "season", "game_type")} for g in games)
            merge(warehouse, name, [head | row for head in heads])


def requested(warehouse, now=COLLECTED + timedelta(hours=1), first=DAY, last=DAY):
    return existing_games.find_stored_games(warehouse, first, last, now)


def test_empty_warehouse_has_nothing(warehouse):
    assert requested(warehouse) == {}


def test_whole_game_is_told_as_it_stands(warehouse):
    stand(warehouse, [game(1)])
    assert requested(warehouse)[1] == existing_games.StoredGame(
        1, DAY, "Final", COLLECTED, "hash1", 1, 1, 1, plays_expected=True, incomplete=False
    )


@pytest.mark.parametrize("without", list(CONTENTS))
def test_final_game_without_contents_is_incomplete(warehouse, without):
    stand(warehouse, [game(1)], {without})
    assert requested(warehouse)[1].incomplete


def test_game_without_score_is_incomplete(warehouse):
    stand(warehouse, [game(1, status="Preview", score=(None, None))])
    assert requested(warehouse)[1].incomplete


@pytest.mark.parametrize(("hours", "incomplete"), [(23, False), (25, True)])
def test_unfinished_game_is_stale_after_a_day(warehouse, hours, incomplete):
    stand(warehouse, [game(1, status="Live")])
    assert requested(warehouse, COLLECTED + timedelta(hours=hours))[1].incomplete is incomplete


@pytest.mark.parametrize("detail", ["Postponed", "Cancelled"])
def test_game_not_played_has_nothing_to_ask_for(warehouse, detail):
    stand(warehouse, [game(1, status="Other", detail=detail, score=(None, None))], set(CONTENTS))
    assert not requested(warehouse)[1].incomplete


def test_resumed_game_stands_on_the_day_it_was_completed(warehouse):
    stand(warehouse, [game(1, DAY - timedelta(days=40), completed_date=DAY)])
    assert not requested(warehouse)[1].incomplete


def listed(state="Final", official="2026-08-05", game_pk=1):
    body = sample_responses.listing(game_pk, "2026-08-05", state, official)
    game = msgspec.convert(body, ScheduledGame)
    return Listing(game, "Final" if state == "Final" else "Other", None, DAY)


def known(*, incomplete=False, status="Final"):
    return {
        1: existing_games.StoredGame(
            1, DAY, status, COLLECTED, None, 1, 1, 1, plays_expected=True, incomplete=incomplete
        )
    }


def wanted(listing, stored, changed=frozenset()):
    return existing_games.should_collect(listing, stored, changed, last=DAY)


def test_wants_a_game_that_does_not_stand():
    assert wanted(listed(), {})


def test_leaves_a_game_that_stands_whole():
    assert not wanted(listed(), known())


def test_wants_an_incomplete_game():
    assert wanted(listed(), known(incomplete=True))


def test_wants_a_corrected_game():
    assert wanted(listed(), known(), frozenset({1}))


def test_wants_a_game_that_was_not_over():
    assert wanted(listed(), known(status="Preview"))


def test_moves_a_standing_game_that_was_postponed():
    assert wanted(listed("Postponed", "2026-09-01"), known(status="Preview"))


def test_leaves_a_postponed_game_for_its_new_day():
    assert not wanted(listed("Postponed", "2026-09-01"), {})
