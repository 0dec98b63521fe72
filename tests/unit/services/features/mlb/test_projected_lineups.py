"""Regulars who cannot play leave the projected nine; a bench player of the club takes the place."""

from datetime import date, timedelta

import polars as pl
import pytest

from services.features.mlb.projected_lineups import project_nines, projected_lineups
from shared.storage import tables
from tests.unit.services.features.league import CLUBS, OPENING_DAY, batters, frame, load, ports, season

LATEST = date(2026, 7, 1)
TOMORROW = LATEST + timedelta(days=1)
CLUB, OTHER_CLUB = 10, 20


def start(player: int, slot: int, position: str, games_ago: int = 1, club: int = CLUB) -> dict[str, object]:
    return {
        "team_id": club, "player_id": player, "batting_slot": slot, "position": position,
        "game_date": TOMORROW - timedelta(days=games_ago), "game_pk": 1000 - games_ago,
    }  # fmt: skip


def projected(starts: list[dict[str, object]], **since: date) -> list[tuple[int, int, int | None]]:
    posted = pl.DataFrame(starts)
    absences = {"day": TOMORROW, "player_id": [int(name[1:]) for name in since], "since": [*since.values()]}
    schema = {"day": pl.Date, "player_id": pl.Int64, "since": pl.Date}
    clubs = posted.select("team_id").with_columns(day=pl.lit(TOMORROW))
    nine = project_nines(clubs, posted, pl.DataFrame(absences, schema))
    return nine.select("batting_slot", "player_id", "in_place_of").rows()


def test_club_with_all_its_regulars_starts_its_latest_nine():
    starts = [start(1, 1, "SS"), start(2, 2, "CF"), start(3, 1, "SS", games_ago=2)]
    assert projected(starts) == [(1, 1, None), (2, 2, None)]


def test_place_goes_to_the_clubs_own_player_of_that_position():
    starts = [
        start(1, 1, "SS"), start(2, 2, "CF"), start(3, 5, "SS", games_ago=3),
        start(4, 1, "CF", games_ago=2), start(4, 1, "CF", games_ago=3), start(9, 1, "SS", club=OTHER_CLUB),
    ]  # fmt: skip
    assert projected(starts, p1=LATEST) == [(1, 3, 1), (2, 2, None), (1, 9, None)]


def test_place_goes_to_who_starts_most_often_where_nobody_plays_the_position():
    starts = [start(1, 1, "C"), start(3, 5, "LF", 2), start(4, 6, "RF", 2), start(4, 6, "RF", 3)]
    assert projected(starts, p1=LATEST) == [(1, 4, 1)]


def test_nobody_fills_two_places_and_a_place_may_stay_empty():
    starts = [start(1, 1, "SS"), start(2, 2, "2B"), start(3, 5, "SS", 2)]
    assert projected(starts, p1=LATEST, p2=LATEST) == [(1, 3, 1)]


def test_absent_players_replace_nobody():
    starts = [start(1, 1, "SS"), start(3, 5, "SS", 2), start(3, 5, "SS", 3), start(4, 5, "SS", 4)]
    assert projected(starts, p1=LATEST, p3=LATEST) == [(1, 4, 1)]


@pytest.mark.parametrize(("days", "leaves"), [(-1, False), (0, True), (1, True)])
def test_start_after_the_absence_began_disproves_it(days: int, leaves: bool):
    starts = [start(1, 1, "SS"), start(3, 5, "SS", 2)]
    assert projected(starts, p1=LATEST + timedelta(days=days)) == [(1, 3, 1) if leaves else (1, 1, None)]


DAYS = 4
AS_OF = OPENING_DAY + timedelta(days=DAYS - 1)
INJURED = batters(CLUBS[0])[2]
PLACED = "Club placed SS Joe Doe on the 10-day injured list. Left hamstring strain."


def place_on_injured_list(world, day: date) -> None:
    clubs = frame("teams_historical", [{"team_id": club, "season": day.year} for club in CLUBS])
    world.warehouse.merge_rows(tables.get_table("teams_historical"), clubs)
    notice = {
        "transaction_id": 1, "transaction_date": day, "effective_date": day, "player_id": INJURED,
        "type_code": "SC", "description": PLACED, "to_team_id": CLUBS[0],
    }  # fmt: skip
    world.warehouse.merge_rows(
        tables.get_table("transactions_historical"), frame("transactions_historical", [notice])
    )


@pytest.mark.parametrize(("days_ago", "is_projected"), [(0, False), (1, True), (-1, True)])
def test_player_placed_on_the_injured_list_after_their_last_start_is_not_projected(
    tmp_path, days_ago: int, is_projected: bool
):
    """A notice of the day before their latest start is disproved by it; one of tomorrow is not known."""
    world = ports(tmp_path)
    load(world, season(DAYS))
    place_on_injured_list(world, AS_OF - timedelta(days=days_ago))
    nine = projected_lineups(world.warehouse, AS_OF)
    assert nine["team_id"].unique(maintain_order=True).to_list() == list(CLUBS)
    assert (INJURED in nine["player_id"].to_list()) is is_projected
    world.warehouse.close()
