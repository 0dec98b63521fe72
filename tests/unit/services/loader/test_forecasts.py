"""Forecasts stored as lines stand in the warehouse and are scored once their games are over."""

from datetime import timedelta
from math import log

import msgspec
import polars as pl
import pytest
import zstandard

from services.loader.forecasts import ForecastLoadReport, load_and_score, read_forecasts
from shared.storage.forecast_objects import DayForecasts, encode_forecasts, forecast_object_name
from shared.storage.tables import get_table
from tests.unit.services.loader.batches import FRIDAY, MONDAY, NOW, TUESDAY, game, line

BEFORE = game(1)["scheduled_start"] - timedelta(hours=2)


def forecast(target="home_win", chances=(0.4, 0.6), **more):
    row = {
        "forecast_id": f"{target}-1",
        "game_date": MONDAY,
        "game_pk": 1,
        "player_id": None if target == "home_win" else 100,
        "target": target,
        "model_version": "1.0.0",
        "release_id": "000001",
        "as_of": MONDAY - timedelta(days=1),
        "made_at": BEFORE,
        "is_challenger": False,
        "mean": sum(count * chance for count, chance in enumerate(chances)),
        "distribution": msgspec.json.encode(chances).decode(),
        "flags": "[]",
    }
    return row | more


@pytest.fixture
def store(ports):
    """Write forecasts as earlier versions did: one object, a line each."""

    def store(*rows, name="api-000001", day=MONDAY):
        lines = [row if isinstance(row, bytes) else msgspec.json.encode(row) for row in rows]
        ports.objects.write_once(f"forecasts/{day}/{name}.jsonl", b"\n".join(lines))

    return store


@pytest.fixture
def store_release(ports):
    """Write a release's forecasts of a day as the API does."""

    def store_release(release_id, *rows, day=MONDAY):
        of_release = (
            row | {"release_id": release_id, "forecast_id": f"{n}-{release_id}"} for n, row in enumerate(rows)
        )
        raw = tuple(msgspec.Raw(msgspec.json.encode(row)) for row in of_release)
        result = DayForecasts(day, release_id, day - timedelta(days=1), BEFORE, BEFORE, raw, (), ())
        ports.objects.write_once(forecast_object_name(day, release_id), encode_forecasts(result))

    return store_release


@pytest.fixture
def merge(warehouse):
    def merge(name, *rows):
        warehouse.merge_rows(get_table(name), pl.DataFrame(rows, infer_schema_length=None))

    return merge


@pytest.fixture
def grades(ports, warehouse):
    """Load and grade Monday and return (target, actual, log_loss, squared_error) of what stands."""

    def grades(*dates):
        load_and_score(ports, dates or (MONDAY,))
        sql = "select target, actual, log_loss, squared_error from mlb_predictions.grades order by target"
        return warehouse.query_rows(sql).rows()

    return grades


def test_forecasts_stand_with_their_object(ports, store, warehouse):
    store(forecast(), forecast("batter_hits", (0.5, 0.3, 0.2)))
    assert load_and_score(ports, [MONDAY]) == ForecastLoadReport(loaded=2, bad_lines=0, scored=0)
    stored = warehouse.query_rows(
        "select target, raw_object, run_id from mlb_predictions.forecasts order by 1"
    )
    assert stored.row(1) == ("home_win", "forecasts/2026-04-06/api-000001.jsonl", "000001")


def test_other_days_are_left_alone(ports, store):
    store(forecast(), day=TUESDAY)
    assert load_and_score(ports, [MONDAY]).loaded == 0


@pytest.mark.parametrize(
    "bad",
    [
        b"{torn",
        b"[]",
        msgspec.json.encode(forecast(game_pk="one")),
        msgspec.json.encode(forecast(made_at="2026-04-06T12:00:00")),
        msgspec.json.encode(forecast(distribution="[0.4, 0.4]")),
        msgspec.json.encode(forecast(distribution="[1.4, -0.4]")),
        msgspec.json.encode(forecast(distribution="nothing")),
        msgspec.json.encode(forecast(distribution="[]")),
    ],
)
def test_bad_lines_are_passed_over_and_counted(ports, store, bad):
    store(bad, forecast())
    rows, bad_lines = read_forecasts(ports.objects, [MONDAY])
    assert (rows.height, bad_lines) == (1, 1)


def test_corrupted_object_does_not_stop_the_day(ports, store):
    store(forecast())
    store(forecast("batter_hits"), name="api-000002")
    ports.objects.corrupt("forecasts/2026-04-06/api-000001.jsonl")
    assert load_and_score(ports, [MONDAY]) == ForecastLoadReport(loaded=1, bad_lines=1, scored=0)


def test_home_win_is_graded(store, merge, grades):
    store(forecast(chances=(0.4, 0.6)))
    merge("games_historical", game(1, home=5, away=3))
    assert grades() == [("home_win", 1, pytest.approx(-log(0.6)), pytest.approx(0.16))]


def test_home_loss_is_graded(store, merge, grades):
    store(forecast(chances=(0.4, 0.6)))
    merge("games_historical", game(1, home=2, away=3))
    assert grades() == [("home_win", 0, pytest.approx(-log(0.4)), pytest.approx(0.36))]


@pytest.mark.parametrize(
    ("target", "stats", "actual"),
    [
        ("batter_hits", {"plate_appearances": 4, "hits": 2}, 2),
        ("batter_home_runs", {"plate_appearances": 4, "home_runs": 1}, 1),
        ("pitcher_strikeouts", {"batters_faced": 24, "strikeouts_pitched": 2}, 2),
        ("pitcher_strikeouts", {"pitches_thrown": 1, "strikeouts_pitched": 0}, 0),
    ],
)
def test_player_is_graded_on_his_line(store, merge, grades, target, stats, actual):
    chances = (0.2, 0.5, 0.3)
    store(forecast(target, chances))
    merge("games_historical", game(1))
    merge("player_stats_historical", line(1, 100, **stats))
    error = pytest.approx((1.1 - actual) ** 2)
    assert grades() == [(target, actual, pytest.approx(-log(chances[actual])), error)]


@pytest.mark.parametrize(("hits", "chance"), [(5, 0.3), (-1, 0.2)])
def test_outer_counts_stand_for_all_beyond(store, merge, grades, hits, chance):
    store(forecast("batter_hits", (0.2, 0.5, 0.3)))
    merge("games_historical", game(1))
    merge("player_stats_historical", line(1, 100, plate_appearances=6, hits=hits))
    assert grades()[0][1:3] == (hits, pytest.approx(-log(chance)))


def test_impossible_outcome_costs_much_but_not_everything(store, merge, grades):
    store(forecast(chances=(1.0, 0.0)))
    merge("games_historical", game(1))
    assert grades()[0][2] == pytest.approx(-log(1e-9))


def test_player_of_both_clubs_is_graded_on_both_lines(store, merge, grades):
    store(forecast("batter_hits", (0.2, 0.5, 0.3)))
    merge("games_historical", game(1))
    lines = [line(1, 100, plate_appearances=2, hits=1) | {"team_id": club} for club in (1, 2)]
    merge("player_stats_historical", *lines)
    assert grades()[0][1] == 2


@pytest.mark.parametrize(
    ("target", "stats"),
    [
        ("batter_hits", {"plate_appearances": 0, "hits": 0}),
        ("batter_hits", {"batters_faced": 20}),
        ("pitcher_strikeouts", {"plate_appearances": 4, "hits": 1}),
        ("moon_shots", {"plate_appearances": 4}),
    ],
)
def test_forecast_is_void_when_he_did_not_take_part(store, merge, grades, target, stats):
    store(forecast(target))
    merge("games_historical", game(1))
    merge("player_stats_historical", line(1, 100, **stats))
    assert grades() == []


def test_forecast_is_void_without_a_line(store, merge, grades):
    store(forecast("batter_hits"))
    merge("games_historical", game(1))
    assert grades() == []


@pytest.mark.parametrize("state", [{"status": "Live"}, {"is_tie": True}, {"home": 3, "away": 3}])
def test_game_without_a_winner_is_not_graded(store, merge, grades, state):
    store(forecast())
    merge("games_historical", game(1, **state))
    assert grades() == []


def test_forecast_made_at_first_pitch_is_not_graded(store, merge, grades):
    store(forecast(made_at=game(1)["scheduled_start"]))
    merge("games_historical", game(1))
    assert grades() == []


def test_grading_again_changes_nothing(store, merge, grades, warehouse):
    store(forecast())
    merge("games_historical", game(1))
    grades()
    before = warehouse.query_rows("select * from mlb_predictions.grades")
    grades()
    assert warehouse.query_rows("select * from mlb_predictions.grades").equals(before)


def test_correction_regrades(store, merge, grades):
    store(forecast(chances=(0.4, 0.6)))
    merge("games_historical", game(1, home=5, away=3))
    grades()
    merge("games_historical", game(1, home=2, away=3, version=2))
    assert grades()[0][1] == 0


def test_grade_goes_when_its_player_is_corrected_away(store, merge, grades, warehouse):
    store(forecast("batter_hits"))
    merge("games_historical", game(1))
    merge("player_stats_historical", line(1, 100, plate_appearances=1, hits=1))
    assert len(grades()) == 1
    merge("games_historical", game(1, version=2))
    merge("player_stats_historical", line(1, 101, version=2))
    assert grades() == []


def test_postponed_game_is_graded_on_the_day_it_is_played(store, merge, grades):
    store(forecast())
    merge("games_historical", game(1, status="Preview", detailed_state="Postponed"))
    assert grades(MONDAY) == []
    merge("games_historical", game(1, on=FRIDAY, version=2))
    assert len(grades(FRIDAY)) == 1


def test_forecast_that_is_loaded_after_its_game_moved_is_graded(store, merge, grades):
    store(forecast())
    merge("games_historical", game(1, on=FRIDAY))
    assert len(grades(MONDAY)) == 1


def test_suspended_game_is_graded_on_the_day_it_is_finished(store, merge, grades):
    store(forecast("batter_hits", (0.5, 0.5)))
    grades(MONDAY)
    merge("games_historical", game(1, completed_date=FRIDAY))
    merge("player_stats_historical", line(1, 100, plate_appearances=3, hits=1))
    assert len(grades(FRIDAY)) == 1


def test_forecast_is_stamped_by_when_it_was_made(ports, store, warehouse):
    store(forecast(made_at=BEFORE - timedelta(hours=1), mean=0.5), forecast(made_at=BEFORE, mean=0.6))
    load_and_score(ports, [MONDAY])
    assert warehouse.query_rows("select mean from mlb_predictions.forecasts").rows() == [(0.6,)]
    assert NOW > BEFORE


def test_grades_name_the_lineups_and_the_release(ports, store, merge, warehouse):
    store(forecast(variant="projected"))
    merge("games_historical", game(1))
    load_and_score(ports, [MONDAY])
    found = warehouse.query_rows("select variant, release_id from mlb_predictions.grades")
    assert found.rows() == [("projected", "000001")]


def test_variant_that_is_none_is_a_bad_line(ports, store):
    store(forecast(variant="guessed"))
    assert read_forecasts(ports.objects, [MONDAY])[1] == 1


def test_all_that_the_api_says_of_a_forecast_is_loaded(store, ports):
    game_of = {"game_number": 2, "home_team_id": 147, "away_team_id": 111}
    reported = {**game_of, "features_sha256": "a" * 64, "variant": "projected"}
    store(forecast(**reported))
    rows, _ = read_forecasts(ports.objects, (MONDAY,))
    assert rows.select(*reported).row(0, named=True) == reported


def test_what_a_release_forecast_is_loaded(store_release, ports, warehouse):
    store_release("000007", forecast(), forecast("batter_hits", (0.5, 0.5)))
    assert load_and_score(ports, [MONDAY]) == ForecastLoadReport(loaded=2, bad_lines=0, scored=0)
    stored = warehouse.query_rows("select distinct release_id, raw_object from mlb_predictions.forecasts")
    assert stored.rows() == [("000007", "forecasts/2026-04-06/release-000007.json.zst")]


def test_a_bad_row_leaves_the_others_of_its_release(store_release, ports):
    store_release("000007", forecast(distribution="[0.4, 0.4]"), forecast("batter_hits", (0.5, 0.5)))
    rows, bad = read_forecasts(ports.objects, [MONDAY])
    assert (rows["target"].to_list(), bad) == (["batter_hits"], 1)


@pytest.mark.parametrize("spoilt", [b"", b"no zstd", zstandard.compress(b"{}")])
def test_an_object_that_holds_no_forecasts_does_not_stop_the_day(store, ports, spoilt):
    store(forecast())
    ports.objects.write_once(forecast_object_name(MONDAY, "000007"), spoilt)
    assert load_and_score(ports, [MONDAY]) == ForecastLoadReport(loaded=1, bad_lines=1, scored=0)


def test_the_last_forecast_before_the_start_is_graded(store_release, merge, grades, warehouse):
    store_release("000007", forecast(made_at=BEFORE - timedelta(hours=1)))
    store_release("000008", forecast(made_at=BEFORE))
    store_release("000009", forecast(made_at=game(1)["scheduled_start"]))
    merge("games_historical", game(1))
    assert len(grades()) == 1
    assert warehouse.query_rows("select release_id from mlb_predictions.grades").rows() == [("000008",)]


def test_each_challenger_is_graded_beside_production(store_release, merge, grades):
    rivals = (forecast(is_challenger=True, model_version=version) for version in ("2.0.0", "3.0.0"))
    store_release("000007", forecast(), *rivals)
    merge("games_historical", game(1))
    assert len(grades()) == 3


def test_forecasts_that_were_stored_late_are_graded_by_a_later_tick(store_release, merge, grades):
    merge("games_historical", game(1))
    assert grades(MONDAY) == []
    store_release("000007", forecast())
    assert len(grades(TUESDAY)) == 1


def test_an_object_is_read_once(store_release, ports, monkeypatch):
    store_release("000007", forecast())
    load_and_score(ports, [MONDAY])
    monkeypatch.setattr(ports.objects, "read_bytes", lambda name: pytest.fail(f"{name} was read again"))
    assert load_and_score(ports, [MONDAY]).loaded == 0


def test_each_game_of_a_doubleheader_has_its_own_last_forecast(store_release, merge, grades, warehouse):
    late = BEFORE + timedelta(hours=5)
    first, second = forecast(), forecast(game_pk=2)
    store_release("000007", first, second)
    store_release("000008", first | {"made_at": late}, second | {"made_at": late})
    start = game(1)["scheduled_start"]
    merge("games_historical", game(1), game(2, game_number=2, scheduled_start=start + timedelta(hours=4)))
    grades()
    found = warehouse.query_rows("select game_pk, release_id from mlb_predictions.grades order by game_pk")
    assert found.rows() == [(1, "000007"), (2, "000008")]


def test_forecast_made_after_a_start_that_was_moved_up_is_void(store_release, merge, grades, warehouse):
    store_release("000007", forecast(made_at=BEFORE - timedelta(hours=2)))
    store_release("000008", forecast(made_at=BEFORE))
    merge("games_historical", game(1, scheduled_start=BEFORE - timedelta(minutes=1)))
    assert len(grades()) == 1
    assert warehouse.query_rows("select release_id from mlb_predictions.grades").rows() == [("000007",)]


def test_forecast_made_while_a_game_is_suspended_is_void(store_release, merge, grades, warehouse):
    store_release("000007", forecast())
    store_release("000008", forecast(made_at=BEFORE + timedelta(hours=9)))
    merge("games_historical", game(1, completed_date=FRIDAY))
    assert len(grades(FRIDAY)) == 1
    assert warehouse.query_rows("select release_id from mlb_predictions.grades").rows() == [("000007",)]


def test_only_players_that_the_last_release_expects_are_graded(store_release, merge, grades, warehouse):
    scratched, newcomer = forecast("batter_hits", player_id=100), forecast("batter_hits", player_id=200)
    store_release("000007", forecast(), scratched)
    made = {"made_at": BEFORE + timedelta(minutes=30), "variant": "confirmed"}
    store_release("000008", forecast(**made), newcomer | made)
    merge("games_historical", game(1))
    played = {"plate_appearances": 1, "hits": 1}
    merge("player_stats_historical", line(1, 100, **played), line(1, 200, **played))
    grades()
    sql = "select player_id from mlb_predictions.grades where target = 'batter_hits'"
    assert warehouse.query_rows(sql).rows() == [(200,)]
