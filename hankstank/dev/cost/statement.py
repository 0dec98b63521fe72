"""Formats the bill: values for JSON, a table for a terminal, Markdown for docs/cost.md."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from hankstank.dev.cost.bill import Bill, BillLine
from hankstank.dev.cost.prices import price_list
from hankstank.dev.cost.usage import Usage

TARGET, DAILY_ALERT = Decimal(15), Decimal(5)  # USD: a month in season, and the alert daily-cost
COMPARISONS = {"founding design's estimate": "38", "a real sibling system": "200 to 250"}
HEADERS = ("What", "Quantity", "List price", "Free", "Paid", "Why")
MARKS = {"published": "", "quoted": " ¹", "not verified": " ²"}
SUMS = {
    "without_minimum_instance": "Paid without the API's minimum instance",
    "minimum_instance": "The API's minimum instance",
    "total": "Paid with it",
    "a_day": "A thirtieth of that, for a day",
    "announced": "In addition, once alerting is charged",
    "gross": "Total without any free tier",
}
console = Console(highlight=False)


def build_statement(bill: Bill, usage: Usage) -> dict[str, Any]:
    """Return the bill with its sums, exact and in USD, and its usage."""
    prices = price_list()
    return {
        "month": bill.month.value,
        "prices": {"as_of": prices.as_of, "region": prices.region},
        "sums": {name: getattr(bill, name) for name in SUMS},
        "lines": [_line_values(line) for line in bill.lines],
        "usage": msgspec.to_builtins(usage),
    }


def draw_statement(report: Mapping[str, Any]) -> None:
    """Draw the bill and its sums."""
    table = Table(box=None, title=f"A month {report['month']}, USD", title_justify="left", pad_edge=False)
    for header in HEADERS:
        table.add_column(header, justify="right" if header in HEADERS[1:5] else "left")
    for line in report["lines"]:
        table.add_row(*_row_cells(line))
    console.print(table)
    for label, amount in _format_sums(report).items():
        console.print(f"{label:<44} {amount:>12}")
    usage, prices = report["usage"], report["prices"]
    console.print(
        f"Usage: {usage['about']}; {usage['machine']}. Prices: {prices['as_of']}, {prices['region']}."
    )
    console.print("What is measured, estimated and assumed: docs/cost.md")


def render_markdown(report: Mapping[str, Any]) -> str:
    """Return the bill and its sums as two Markdown tables."""
    return "\n".join(_markdown_lines(report)) + "\n"


def format_usd(amount: Decimal) -> str:
    """Return an amount in dollars and cents."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _line_values(line: BillLine) -> dict[str, Any]:
    price, charge = line.price, line.charge
    about = {"key": price.key, "service": price.service, "what": price.what, "seen": price.seen}
    paid = {"gross": charge.gross, "free": charge.free, "net": charge.net}
    return {**about, "quantity": line.quantity, "unit": price.unit, **paid, "why": line.why}


def _row_cells(line: Mapping[str, Any]) -> tuple[str, ...]:
    what = f"{line['service']}: {line['what']}{MARKS[line['seen']]}"
    money = (format_usd(line[name]) for name in ("gross", "free", "net"))
    return (what, f"{_format_quantity(line['quantity'])} {line['unit']}", *money, line["why"])


def _format_sums(report: Mapping[str, Any]) -> dict[str, str]:
    return {
        **{label: format_usd(report["sums"][name]) for name, label in SUMS.items()},
        "Target of a month in season": format_usd(TARGET),
        "Alert daily-cost, for a day": format_usd(DAILY_ALERT),
        **{f"For comparison: {who}": f"${usd}" for who, usd in COMPARISONS.items()},
    }


def _markdown_lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"| {' | '.join(HEADERS)} |"
    yield "|---|---:|---:|---:|---:|---|"
    for line in report["lines"]:
        yield f"| {' | '.join(_row_cells(line))} |"
    yield ""
    yield f"| A month {report['month']} | USD |"
    yield "|---|---:|"
    for label, amount in _format_sums(report).items():
        yield f"| {label} | {amount} |"


def _format_quantity(quantity: Decimal) -> str:
    """Return a quantity rounded to the unit, or to three digits if it is small."""
    is_whole = quantity >= 100 or quantity == quantity.to_integral_value()
    return f"{quantity:,.0f}" if is_whole else f"{float(quantity):.3g}"
