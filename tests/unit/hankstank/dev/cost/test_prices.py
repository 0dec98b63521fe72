"""Prices: exact decimals, free tiers that never pay out, and charges that begin on their day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hankstank.dev.cost.prices import Price, price_list

PRICES = price_list()
TODAY = PRICES.as_of
amounts = st.decimals(min_value=0, max_value=10**9, places=6)
known = st.sampled_from(PRICES.prices)
BY_KEY = {price.key: price for price in PRICES.prices}


def paid(price: Price, amount: Decimal, on: date = TODAY) -> Decimal:
    gross, free = price.charge_for(amount, on)
    return gross - free


@given(known, amounts)
def test_free_part_never_exceeds_the_whole(price: Price, amount: Decimal):
    gross, free = price.charge_for(amount, TODAY)
    assert Decimal(0) <= free <= gross


@given(known, amounts, amounts)
def test_more_never_costs_less(price: Price, one: Decimal, other: Decimal):
    less, more = sorted((one, other))
    assert paid(price, less) <= paid(price, more)


@given(known, amounts)
def test_amount_within_the_free_tier_is_free(price: Price, amount: Decimal):
    assert paid(price, min(amount, price.free)) == 0


@given(known, amounts)
def test_what_is_above_the_free_tier_is_paid_exactly(price: Price, amount: Decimal):
    charged = price.charged_from or TODAY
    assert paid(price, price.free + amount, charged) == amount * price.usd


def test_alerting_is_free_until_it_is_charged():
    alerting = BY_KEY["alerting.metrics"]
    assert paid(alerting, Decimal(10), date(2027, 8, 31)) == 0
    assert paid(alerting, Decimal(10), date(2027, 9, 1)) == Decimal("3.50")


def test_negative_amount_is_refused():
    with pytest.raises(ValueError, match=r"run\.cpu: expected a quantity of at least 0, got -1"):
        BY_KEY["run.cpu"].charge_for(Decimal(-1), TODAY)


def test_every_price_says_how_it_was_seen():
    assert {price.seen for price in PRICES.prices} <= set(PRICES.seen)
    assert len({price.key for price in PRICES.prices}) == len(PRICES.prices)
