"""Formats the bill: values for JSON, a table for a terminal, and the generated parts of docs/cost.md.

`python -m hankstank.dev.cost.statement` writes the page; a test checks it.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from hankstank.dev.cost import Month
from hankstank.dev.cost.bill import Bill, BillLine, compute_bill, minimum_instance_cost
from hankstank.dev.cost.load import ROOT
from hankstank.dev.cost.prices import price_list
from hankstank.dev.cost.usage import load_recorded_usage
from hankstank.terminal import draw_rows, print_text

PAGE = ROOT / "docs" / "cost.md"
TARGET, DAILY_ALERT = Decimal(15), Decimal(5)  # USD: a month in season, and the alert daily-cost
HEADERS = ("What", "Quantity", "List price", "Free", "Paid", "Why")
_MARKS = {"published": "", "quoted": " ¹", "not verified": " ²"}
_SUMS = {
    "without_minimum_instance": "Paid without the API's minimum instance",
    "minimum_instance": "The API's minimum instance",
    "total": "Paid with it",
    "a_day": "A thirtieth of that, for a day",
    "announced": "In addition, once alerting is charged",
    "gross": "Total without any free tier",
}
_INSTANCE_SIZES = ((2, 2), (1, 2), (1, 1), (0, 0))  # CPU and GiB


def draw_statement(bill: Bill) -> None:
    """Draw the bill and its sums."""
    rows = [_row_cells(line) for line in bill.lines]
    draw_rows(HEADERS, rows, title=f"A month {bill.month}, USD", right=HEADERS[1:5])
    for label, amount in _sum_rows(bill):
        print_text(f"{label:<44} {amount:>12}")
    usage, prices = bill.usage, bill.prices
    print_text(f"Usage: {usage.about}; {usage.machine}. Prices: {prices['as_of']}, {prices['region']}.")
    print_text("What is measured, estimated and assumed: docs/cost.md")


def render_page(text: str) -> str:
    """Return the page with its generated parts replaced."""
    for name, part in _page_sections().items():
        head, rest = text.split(f"<!-- generated: {name} -->\n")
        text = f"{head}<!-- generated: {name} -->\n{part}{rest[rest.index('<!-- end -->') :]}"
    return text


def format_usd(amount: Decimal) -> str:
    """Return an amount in dollars and cents."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _row_cells(line: BillLine) -> list[str]:
    quantity = line.quantity
    is_whole = quantity >= 100 or quantity == quantity.to_integral_value()
    amount = f"{quantity:,.0f}" if is_whole else f"{float(quantity):.3g}"
    money = map(format_usd, (line.gross, line.free, line.net))
    what = f"{line.service}: {line.what}{_MARKS[line.seen]}"
    return [what, f"{amount} {line.unit}", *money, line.why]


def _sum_rows(bill: Bill) -> list[tuple[str, str]]:
    return [
        *((label, format_usd(bill.sums[name])) for name, label in _SUMS.items()),
        ("Target of a month in season", format_usd(TARGET)),
        ("Alert daily-cost, for a day", format_usd(DAILY_ALERT)),
        ("For comparison: founding design's estimate", "$38"),
        ("For comparison: a real sibling system", "$200 to 250"),
    ]


def _page_sections() -> dict[str, str]:
    bills = {month: compute_bill(load_recorded_usage(), month) for month in get_args(Month)}
    cost_without = bills["in-season"].sums["without_minimum_instance"]
    instances = [
        (f"{cpu} CPU, {gib} GiB" if cpu else "none", format_usd(usd), format_usd(usd + cost_without))
        for cpu, gib in _INSTANCE_SIZES
        for usd in (minimum_instance_cost(cpu, gib),)
    ]
    prices = [
        (f"{one.service}: {one.what}", one.unit, f"${one.usd}", f"{one.free:f}", one.page, one.seen)
        for one in price_list().prices
    ]
    instance_headers = ("Minimum instance of the API", "A month", "A month in season with it")
    price_headers = ("What", "Unit", "USD", "Free a month", "Page", "Seen")
    return {
        **{month: _bill_markdown(bill) for month, bill in bills.items()},
        "instances": _markdown_table(instance_headers, "lrr", instances),
        "prices": _markdown_table(price_headers, "llrrll", prices),
    }


def _bill_markdown(bill: Bill) -> str:
    lines = _markdown_table(HEADERS, "lrrrrl", map(_row_cells, bill.lines))
    sums = _markdown_table((f"A month {bill.month}", "USD"), "lr", _sum_rows(bill))
    return f"{lines}\n{sums}"


def _markdown_table(headers: Sequence[str], alignment: str, rows: Iterable[Sequence[str]]) -> str:
    rules = "|".join("---:" if each == "r" else "---" for each in alignment)
    cells = "".join(f"| {' | '.join(row)} |\n" for row in (headers, *rows))
    return cells.replace("\n", f"\n|{rules}|\n", 1)


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
