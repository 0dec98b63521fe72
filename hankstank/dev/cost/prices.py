"""Google Cloud's dated price list as data, and the charge for a quantity."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

NOTHING = Decimal(0)
PriceProvenance = Literal["published", "quoted", "not verified"]


@dataclass(frozen=True, slots=True)
class Charge:
    """What a quantity costs at list price, what of it is free, and what is paid; USD."""

    gross: Decimal
    free: Decimal

    @property
    def net(self) -> Decimal:
        """Return what is paid."""
        return self.gross - self.free


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the price list; `free` is the quantity a month that costs nothing."""

    key: str
    service: str
    what: str
    unit: str
    usd: Decimal
    free: Decimal
    page: str
    seen: PriceProvenance
    charged_from: date | None = None

    def charge_for(self, quantity: Decimal, on: date) -> Charge:
        """Return the charge for a month's quantity, in `unit`; all of it is free before `charged_from`."""
        if quantity < 0:
            raise ValueError(f"{self.key}: expected a quantity of at least 0, got {quantity}")
        is_charged = self.charged_from is None or on >= self.charged_from
        free = min(quantity, self.free) if is_charged else quantity
        return Charge(quantity * self.usd, free * self.usd)


class PriceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices on a date, and the meaning of each provenance."""

    as_of: date
    region: str
    seen: dict[PriceProvenance, str]
    prices: tuple[Price, ...]

    def __getitem__(self, key: str) -> Price:
        """Return the price of one thing; raises KeyError."""
        return _by_key(self.prices)[key]


@cache
def price_list() -> PriceList:
    """Return the project's price list."""
    return msgspec.json.decode(Path(__file__).with_name("prices.json").read_bytes(), type=PriceList)


@cache
def _by_key(prices: tuple[Price, ...]) -> dict[str, Price]:
    return {price.key: price for price in prices}
