"""Each build stores the forecasts of the slate, refreshes too; the last before first pitch is the one that is scored."""

from datetime import timedelta

import pytest

from shared.storage.day_results import load_day_results
from shared.storage.forecast_objects import PREFIX, load_day_forecasts
from tests.pipeline.machine import Machine
from tests.pipeline.worlds import day

TOMORROW = day(10)
REFRESHES = (
    ("lineups-1", -timedelta(minutes=90)),
    ("lineups-2", timedelta(minutes=60)),
)  # from the first game


@pytest.fixture(scope="module")
def refreshed(lent: Machine) -> Machine:
    """A machine that was refreshed before the first game of a day and after it, and has since played the day."""
    lent.live(9)
    starts = lent.rows("games_historical").filter(game_date=TOMORROW)["scheduled_start"]
    for run_id, ahead in REFRESHES:
        lent.around.bodies.now = min(starts) + ahead
        lent.rooms.run_tick(run_id, None, None, "lineups")
    lent.live(10)
    return lent


def test_every_build_stores_the_slate_without_a_question(refreshed: Machine):
    stored = load_day_forecasts(refreshed.rooms.ports.objects, TOMORROW)
    assert len(stored) == 3
    games = [len(one.games) for one in stored]
    assert games == [3, 3, 3]


def test_a_later_release_leaves_what_an_earlier_one_stored(refreshed: Machine):
    objects = refreshed.rooms.ports.objects
    names = [name for name in objects.list_names(f"{PREFIX}{TOMORROW}/") if "/release-" in name]
    assert len(set(names)) == 3
    made = [one.made_at for one in load_day_forecasts(objects, TOMORROW)]
    assert made == sorted(made)


def test_every_forecast_names_its_variant(refreshed: Machine):
    rows = refreshed.rows("forecasts").filter(game_date=TOMORROW)
    assert set(rows["variant"]) <= {"unknown", "projected", "confirmed"}
    assert rows.height > 0


def test_the_last_release_before_the_first_pitch_is_scored(refreshed: Machine):
    rows = refreshed.rows("forecasts").filter(game_date=TOMORROW, target="home_win", is_challenger=False)
    starts = {
        row["game_pk"]: row["scheduled_start"]
        for row in refreshed.rows("games_historical").filter(game_date=TOMORROW).iter_rows(named=True)
    }
    expected: dict[int, str] = {}
    for row in rows.sort("made_at").iter_rows(named=True):
        if row["made_at"] < starts[row["game_pk"]]:
            expected[row["game_pk"]] = row["release_id"]
    grades = refreshed.rows("grades").filter(game_date=TOMORROW, target="home_win", is_challenger=False)
    assert dict(grades.select("game_pk", "release_id").iter_rows()) == expected
    assert len(set(expected.values())) == 2  # the first game began between the two refreshes


def test_every_starter_of_the_day_was_forecast(refreshed: Machine):
    results = load_day_results(refreshed.rooms.ports.objects, TOMORROW)
    assert results is not None
    forecast = {(one.game_pk, one.player_id) for one in results.forecasts}
    starters = {(line.game_pk, line.player_id) for line in results.lines if line.is_starting_pitcher}
    assert len(starters) == 6
    assert starters <= forecast


def test_refresh_without_change_stores_nothing_new(refreshed: Machine):
    objects = refreshed.rooms.ports.objects
    before = objects.list_names(PREFIX)
    refreshed.rooms.run_tick("lineups-3", None, None, "lineups")
    refreshed.rooms.run_tick("lineups-4", None, None, "lineups")
    after = objects.list_names(PREFIX)
    refreshed.rooms.run_tick("lineups-5", None, None, "lineups")
    assert objects.list_names(PREFIX) == after
    assert len(after) - len(before) <= 3
