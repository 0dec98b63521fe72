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


@given(known, amounts)
def test_free_part_never_exceeds_the_whole(price: Price, amount: Decimal):
    charge = price.charge_for(amount, TODAY)
    assert Decimal(0) <= charge.free <= charge.gross
    assert charge.net + charge.free == charge.gross


@given(known, amounts, amounts)
def test_more_never_costs_less(price: Price, one: Decimal, other: Decimal):
    less, more = sorted((one, other))
    assert price.charge_for(less, TODAY).net <= price.charge_for(more, TODAY).net


@given(known, amounts)
def test_amount_within_the_free_tier_is_free(price: Price, amount: Decimal):
    assert price.charge_for(min(amount, price.free), TODAY).net == 0


@given(known, amounts)
def test_what_is_above_the_free_tier_is_paid_exactly(price: Price, amount: Decimal):
    charged = price.charged_from or TODAY
    assert price.charge_for(price.free + amount, charged).net == amount * price.usd


def test_alerting_is_free_until_it_is_charged():
    alerting = PRICES["alerting.metrics"]
    assert alerting.charge_for(Decimal(10), date(2027, 8, 31)).net == 0
    assert alerting.charge_for(Decimal(10), date(2027, 9, 1)).net == Decimal("3.50")


def test_negative_amount_is_refused():
    with pytest.raises(ValueError, match=r"run\.cpu: expected a quantity of at least 0, got -1"):
        PRICES["run.cpu"].charge_for(Decimal(-1), TODAY)


def test_every_price_says_how_it_was_seen():
    assert {price.seen for price in PRICES.prices} <= set(PRICES.seen)
    assert len({price.key for price in PRICES.prices}) == len(PRICES.prices)
