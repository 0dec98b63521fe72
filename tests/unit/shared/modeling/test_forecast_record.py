"""The record over windows of days, worked out by hand."""

from datetime import date, timedelta
from math import log

import msgspec
import pytest

from shared.modeling.forecast_record import describe_window, load_forecast_record, summarize_record
from shared.storage.day_results import DayTotals, ForecastSums, TargetTotals, totals_object_name
from tests.fakes import InMemoryObjectStore

LAST = date(2026, 6, 30)


def wins(hits, decided, loss=0.6, **more):
    """Return the sums of a day's home wins: all favourites are home clubs."""
    values = {"scored": (decided - hits, hits), "happened": (decided - hits, hits)} | more
    return TargetTotals(
        forecasts=decided, decided=decided, hits=hits, absolute_error=0.4 * decided, log_loss=loss * decided,
        **values,
    )  # fmt: skip


def sums(hits, decided, loss):
    """Return the sums of a day's home wins of one variant: all favourites are home clubs."""
    return ForecastSums(
        forecasts=decided, decided=decided, hits=hits, absolute_error=0.4 * decided, log_loss=loss * decided,
        scored=(decided - hits, hits),
    )  # fmt: skip


def counts(scored, happened, **more):
    values = {"decided": sum(scored), "hits": sum(scored), "absolute_error": 1.5, "log_loss": 2.0} | more
    return TargetTotals(forecasts=sum(scored), scored=scored, happened=happened, **values)


def day(ago, games_over=1, **targets):
    return DayTotals(
        game_date=LAST - timedelta(days=ago), games_over=games_over, games_not_over=0, targets=targets
    )


def test_windows_hold_their_days():
    days = [day(ago, home_win=wins(1, 2)) for ago in (200, 40, 29, 7, 6, 0)]
    record = summarize_record(days, LAST)
    found = {one.name: (one.favourites_won, one.favourites, one.days) for one in record.windows}
    assert found == {
        "day": (1, 2, 1), "7_days": (2, 4, 2), "14_days": (3, 6, 3), "30_days": (4, 8, 4), "season": (5, 10, 5),
    }  # fmt: skip


def test_windows_name_their_first_and_last_day():
    record = summarize_record([], LAST)
    assert (record.window("7_days").first, record.window("7_days").last) == (date(2026, 6, 24), LAST)
    assert record.window("season").first == date(2026, 1, 1)


def test_empty_window_is_empty():
    record = summarize_record([day(10, home_win=wins(1, 1))], LAST)
    assert [one.is_empty for one in record.windows] == [True, True, False, False, False]


def test_days_after_the_last_are_left_out():
    assert summarize_record([day(-1, home_win=wins(1, 1))], LAST).window("season").is_empty


def test_mean_miss_range_and_log_loss_are_means_over_all_forecasts():
    days = [
        day(1, batter_hits=counts((1, 1), (1, 1), hits=1)),
        day(0, batter_hits=counts((0, 1), (0, 1), absolute_error=0.0, log_loss=1.0)),
    ]
    window = summarize_record([msgspec.structs.replace(one) for one in days], LAST).window("7_days")
    (one,) = window.targets
    assert (one.forecasts, one.mean_miss, one.log_loss) == (3, pytest.approx(0.5), pytest.approx(1.0))


def test_counts_inside_the_range_are_apart_from_favourites():
    hits = counts((1, 1, 1), (1, 1, 1), hits=2)
    window = summarize_record([day(0, home_win=wins(3, 4), batter_hits=hits)], LAST).window("day")
    assert (window.favourites_won, window.favourites) == (3, 4)
    assert (window.in_range, window.ranged) == (2, 3)


def test_first_win_is_guessed_as_a_coin_flip():
    window = summarize_record([day(0, home_win=wins(1, 1))], LAST).window("day")
    assert window.targets[0].guess_log_loss == pytest.approx(log(2))


def test_win_is_guessed_from_the_days_before():
    days = [day(1, home_win=wins(0, 0, happened=(1, 2))), day(0, home_win=wins(1, 1))]
    window = summarize_record(days, LAST).window("day")
    assert window.targets[0].guess_log_loss == pytest.approx(-log(2.5 / 4))


def test_count_is_not_guessed_before_enough_is_known():
    days = [
        day(1, batter_hits=counts((3, 1, 0), (49, 30, 20))),
        day(0, batter_hits=counts((1, 0, 0), (1, 0, 0))),
    ]
    (one,) = summarize_record(days, LAST).window("7_days").targets
    assert (one.forecasts, one.compared, one.guess_log_loss) == (5, 0, None)


def test_count_is_guessed_by_its_share_once_enough_is_known():
    days = [
        day(1, batter_hits=counts((3, 1, 0), (50, 30, 20))),
        day(0, batter_hits=counts((1, 1, 0), (1, 1, 0), log_loss=1.2)),
    ]
    (one,) = summarize_record(days, LAST).window("7_days").targets
    expected = -(log((50 + 1 / 3) / 101) + log((30 + 1 / 3) / 101)) / 2
    assert (one.compared, one.compared_log_loss) == (2, pytest.approx(0.6))
    assert one.guess_log_loss == pytest.approx(expected)


def test_window_is_described_in_plain_words():
    days = [day(1, home_win=wins(70, 120)), day(0, batter_hits=counts((3, 1, 0), (50, 30, 20), hits=3))]
    sentences = describe_window(summarize_record(days, LAST).window("7_days"))
    assert [one.replace("\u00a0", " ") for one in sentences] == [
        "70 of 120 favourites won (58 %).",
        "3 of 4 counts were inside their 80 % range (75 %).",
        "Who wins: log loss 0.6000, guessing 0.6931: 0.0931 better than a guess.",
    ]


def test_few_games_are_not_compared():
    sentences = describe_window(summarize_record([day(0, home_win=wins(1, 2))], LAST).window("day"))
    assert sentences[-1].endswith("over 2 games: too few to compare.")


def test_record_is_read_from_the_season_and_the_one_before():
    objects = InMemoryObjectStore()
    for ago in (700, 300, 0):
        one = day(ago, home_win=wins(1, 1, happened=(1, 3)))
        objects.overwrite(totals_object_name(one.game_date), msgspec.json.encode(one))
    (win,) = load_forecast_record(objects, LAST).window("day").targets
    assert win.guess_log_loss == pytest.approx(-log(3.5 / 5))  # the year before the last is too long ago


def test_sums_that_cannot_be_read_are_left_out():
    objects = InMemoryObjectStore()
    objects.overwrite(totals_object_name(LAST), b"{torn")
    assert load_forecast_record(objects, LAST).window("season").is_empty


def test_gain_of_a_window_is_the_guess_minus_ours_clustered_by_day():
    days = [
        day(1, home_win=wins(1, 2, loss=0.6)),  # a coin flip: gain 2 (log 2 - 0.6)
        day(0, home_win=wins(1, 2, loss=0.8)),  # one of two was known to win: a coin flip again
    ]
    (one,) = summarize_record(days, LAST).window("14_days").targets
    assert (one.compared_days, one.gain) == (2, pytest.approx(log(2) - 0.7))
    assert one.gain_se == pytest.approx(2**0.5 * 0.2 / 4)  # each day is 2 · 0.1 from its share


def test_variants_are_compared_with_the_same_guess():
    variants = {"projected": sums(1, 1, 0.5), "confirmed": sums(0, 1, 0.9)}
    window = summarize_record([day(0, home_win=wins(1, 2, loss=0.7, variants=variants))], LAST).window(
        "7_days"
    )
    (one,) = window.targets
    confirmed, projected = one.variants
    assert (confirmed.variant, confirmed.forecasts, confirmed.log_loss) == ("confirmed", 1, 0.9)
    assert (projected.variant, projected.gain) == ("projected", pytest.approx(log(2) - 0.5))
    assert sum(each.forecasts * each.gain for each in one.variants) == pytest.approx(2 * one.gain)


def test_sums_that_were_stored_without_variants_are_read():
    objects = InMemoryObjectStore()
    stored = msgspec.to_builtins(day(0, home_win=wins(1, 2)))
    for name in ("variants", "market_log_loss"):
        del stored["targets"]["home_win"][name]
    objects.overwrite(totals_object_name(LAST), msgspec.json.encode(stored))
    (one,) = load_forecast_record(objects, LAST).window("season").targets
    assert (one.forecasts, one.variants, one.market_log_loss) == (2, (), None)


def test_market_is_known_where_it_is_known_of_every_day():
    known = [
        day(1, home_win=wins(1, 2, market_log_loss=1.3)),
        day(0, home_win=wins(1, 2, market_log_loss=1.5)),
    ]
    (one,) = summarize_record(known, LAST).window("7_days").targets
    assert one.market_log_loss == pytest.approx(0.7)
    (one,) = summarize_record([*known[:1], day(0, home_win=wins(1, 2))], LAST).window("7_days").targets
    assert one.market_log_loss is None
