"""Google Cloud's dated price list as data, and the charge for a quantity."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

PriceProvenance = Literal["published", "quoted", "not verified"]


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

    def charge_for(self, quantity: Decimal, on: date) -> tuple[Decimal, Decimal]:
        """Return a month's quantity, in `unit`, at list price, and what of it is free; USD.

        All of it is free before `charged_from`.
        """
        if quantity < 0:
            raise ValueError(f"{self.key}: expected a quantity of at least 0, got {quantity}")
        is_charged = self.charged_from is None or on >= self.charged_from
        free = min(quantity, self.free) if is_charged else quantity
        return quantity * self.usd, free * self.usd


class PriceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices on a date, in the order of the bill, and the meaning of each provenance."""

    as_of: date
    region: str
    seen: dict[PriceProvenance, str]
    prices: tuple[Price, ...]


@cache
def price_list() -> PriceList:
    """Return the project's price list."""
    return msgspec.json.decode(Path(__file__).with_name("prices.json").read_bytes(), type=PriceList)
