"""Computes a month's bill: quantities times prices, with free tiers and the minimum instance apart."""

from dataclasses import dataclass
from decimal import Decimal

from hankstank.dev.cost.month import Month
from hankstank.dev.cost.prices import Charge, Price, price_list
from hankstank.dev.cost.quantities import DAYS, HOURS, compute_quantities
from hankstank.dev.cost.usage import Usage

_MINIMUM_INSTANCE_PRICES = ("run.idle_cpu", "run.idle_memory")


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of the bill."""

    price: Price
    quantity: Decimal
    charge: Charge
    why: str

    @property
    def is_minimum_instance(self) -> bool:
        """Return whether this line pays for the API's minimum instance."""
        return self.price.key in _MINIMUM_INSTANCE_PRICES


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's lines; all sums in USD, exact."""

    month: Month
    lines: tuple[BillLine, ...]

    @property
    def without_minimum_instance(self) -> Decimal:
        """Return what is paid without the API's minimum instance."""
        return sum((line.charge.net for line in self.lines if not line.is_minimum_instance), Decimal(0))

    @property
    def minimum_instance(self) -> Decimal:
        """Return what is paid for the API's minimum instance."""
        return sum((line.charge.net for line in self.lines if line.is_minimum_instance), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Return what is paid."""
        return self.without_minimum_instance + self.minimum_instance

    @property
    def gross(self) -> Decimal:
        """Return what it would be without any free tier."""
        return sum((line.charge.gross for line in self.lines), Decimal(0))

    @property
    def announced(self) -> Decimal:
        """Return what is free now and will be charged later."""
        return sum((line.charge.free for line in self.lines if line.price.charged_from), Decimal(0))

    @property
    def a_day(self) -> Decimal:
        """Return a thirtieth of what is paid."""
        return self.total / DAYS


def compute_bill(usage: Usage, month: Month) -> Bill:
    """Return a month's bill at the prices of the price list's date."""
    prices = price_list()
    lines = (
        BillLine(
            prices[each.key], each.amount, prices[each.key].charge_for(each.amount, prices.as_of), each.why
        )
        for each in compute_quantities(usage, month)
    )
    return Bill(month, tuple(lines))


def minimum_instance_cost(cpu: int, gib: int) -> Decimal:
    """Return what a minimum instance of that size costs in a month, in USD."""
    prices, seconds = price_list(), Decimal(HOURS * 3600)
    return seconds * (cpu * prices["run.idle_cpu"].usd + gib * prices["run.idle_memory"].usd)
