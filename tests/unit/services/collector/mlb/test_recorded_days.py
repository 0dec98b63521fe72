"""Recorded schedules, rosters, transactions, standings and forecasts are read completely."""

import gzip
import json
import re
from datetime import UTC, date, datetime

import msgspec
import pytest

from services.collector.errors import InvalidBody
from services.collector.mlb import daily_rows, listed_games, schedule
from services.collector.mlb.sources import open_meteo
from services.collector.mlb.sources.open_meteo import forecast_for_start
from services.collector.mlb.wire.misc import Forecast, Roster, Seasons, Standings, Transactions
from services.collector.mlb.wire.schedule import Changes, Schedule
from tests.data import list_data_files, needs_data
from tests.unit.services.collector.mlb.test_season import OF_2026
from tests.unit.services.collector.recorded import FOLDER, misfits, name, read

FILES = [path for path in list_data_files("mlb/statsapi/schedule", "*.gz") if not path.name.startswith("wbc")]
# Counted in the bodies, by number of game; team_season lists one game on two days.
GAMES = {
    "2024-07-01": 3, "2026-04-20": 10, "2026-07-31": 15, "2026-08-03": 8, "2026-08-04": 15, "2026-08-05": 15,
    "2026-08-06": 11, "2026-08-07": 15, "all_star": 1, "team_season": 193,
}  # fmt: skip

pytestmark = needs_data("mlb", "statsapi")


def listed(path):
    return schedule.parse_listings(msgspec.json.decode(read(str(path)), type=Schedule).dates)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_schedule_gives_each_game_once_and_refuses_none(path):
    found, refused = listed(path)
    text = gzip.decompress(path.read_bytes()).decode()  # not by the reader that is tested
    numbers = {int(number) for number in re.findall(r'"gamePk":\s*(\d+)', text)}
    assert len(found) == GAMES[path.name.removesuffix(".json.gz")]
    assert sorted(one.game.game_pk for one in found) == sorted(numbers)
    assert refused == []


def test_every_recorded_schedule_is_counted():
    assert {path.name.removesuffix(".json.gz") for path in FILES} == set(GAMES)


def test_season_has_its_dates():
    (season,) = msgspec.json.decode(read("seasons", "2026.json.gz"), type=Seasons).seasons
    dates = listed_games.parse_season_dates(season, 2026)
    assert dates == OF_2026
    assert dates.span == (date(2026, 2, 20), date(2026, 10, 31))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_schedule_rows_fit_their_table(path):
    found, _ = listed(path)
    rows = [(schedule.game_columns(one.game), schedule.game_row(one)) for one in found]
    assert not any(misfits("games_historical", head, [row]) for head, row in rows)


def test_makeup_is_final_on_its_new_day():
    found, _ = listed("schedule/team_season.json.gz")
    one = next(one for one in found if one.game.game_pk == 777464)
    row = schedule.game_row(one)
    assert one.game.official_date == row["completed_date"] == date(2025, 6, 19)
    assert (row["status"], row["home_score"] + row["away_score"]) == ("Final", 12)
    assert row["original_date"] == date(2025, 6, 18)


def test_changes_are_read_like_a_schedule():
    body = msgspec.json.decode(read("game_changes", "sample.json.gz"), type=Changes)
    assert body.dates[0].games[0].game_pk == 187527


def test_roster_gives_every_man_and_his_particulars():
    roster = msgspec.json.decode(read("roster", "active.json.gz"), type=Roster)
    assert len(daily_rows.roster_rows(roster, 134, date(2026, 8, 5), "active")) == 57
    assert daily_rows.people_rows(roster)[0]["height_inches"] == 77


def test_transactions_are_read_whole():
    moves = msgspec.json.decode(read("transactions", "2024-03-01_02.json.gz"), type=Transactions)
    rows = daily_rows.transaction_rows(moves)
    assert (len(rows), sum(row["from_team_id"] is not None for row in rows)) == (244, 3)
    assert misfits("transactions_historical", {}, rows) == []


def test_standings_are_read_whole():
    standings = msgspec.json.decode(read("standings", "2026.json.gz"), type=Standings)
    rows = daily_rows.standing_rows(standings, date(2021, 6, 9))
    assert (len(rows), rows[1]["games_back"], rows[6]["wild_card_games_back"]) == (30, 1.0, -1.5)
    assert misfits("standings_historical", {}, rows) == []


@pytest.mark.parametrize("path", list_data_files("mlb/statsapi/weather_open_meteo", "*.gz"), ids=name)
def test_forecast_has_the_hour_of_a_game(path):
    forecast = msgspec.json.decode(read(str(path)), type=Forecast)
    start = datetime.fromisoformat(forecast.hourly.time[23]).replace(tzinfo=UTC)
    assert forecast_for_start(forecast, start)["temperature_f"] == forecast.hourly.temperature_2m[23]


def test_forecast_with_a_value_missing_at_an_hour_is_unusable():
    path = min((FOLDER / "weather_open_meteo").glob("*.gz"))
    body = json.loads(read(str(path)))
    body["hourly"]["wind_speed_10m"].pop()
    with pytest.raises(InvalidBody, match="a value for every hour"):
        open_meteo._decode_forecast(json.dumps(body).encode())


def test_forecast_that_ends_before_the_game_is_none():
    paths = sorted((FOLDER / "weather_open_meteo").glob("*.gz"))
    forecast = msgspec.json.decode(read(str(paths[0])), type=Forecast)
    assert forecast_for_start(forecast, datetime(2030, 1, 1, tzinfo=UTC)) is None
