"""Equal worlds differ in who collected a row and when, and in nothing else: not in how often it stands."""

import polars as pl

from hankstank.dev.fault_injection.compare import comparable_rows


class Answering:
    """A warehouse that has one answer."""

    def __init__(self, rows):
        self._rows = pl.DataFrame(rows)

    def query_rows(self, _sql):
        return self._rows


def same(name, one, other):
    return comparable_rows(Answering(one), name).equals(comparable_rows(Answering(other), name))


def test_run_and_order_are_told_apart():
    one, other = {"game_pk": 1, "run_id": "a"}, {"game_pk": 2, "run_id": "b"}
    assert same("games_historical", [one, other], [other | {"run_id": "c"}, one])


def test_doubled_row_is_a_difference():
    row = {"game_pk": 1, "run_id": "a"}
    assert not same("games_historical", [row], [row, row])


def test_forecast_asked_for_twice_is_none():
    row = {"game_pk": 1, "issued_at": "noon", "temperature_f": 61.0}
    assert same("weather_forecasts", [row], [row, row | {"issued_at": "one"}])
