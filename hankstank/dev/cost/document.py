"""The generated parts of docs/cost.md.

Written by `python -m hankstank.dev.cost.document`, checked by a test.
"""

import re
from functools import partial
from pathlib import Path

from hankstank.dev.cost import statement
from hankstank.dev.cost.bill import compute_bill, minimum_instance_cost
from hankstank.dev.cost.month import Month
from hankstank.dev.cost.prices import price_list
from hankstank.dev.cost.statement import format_usd
from hankstank.dev.cost.usage import load_recorded_usage
from hankstank.dev.cost.warehouse_bytes import ROOT

PAGE = ROOT / "docs" / "cost.md"
_INSTANCE_SIZES = ((2, 2), (1, 2), (1, 1), (0, 0))  # CPU and GiB


def render_page(text: str) -> str:
    """Return the page with its generated parts replaced."""
    for name, part in _render_sections().items():
        section = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = section.sub(partial(_replace_section, part), text)
    return text


def _replace_section(body: str, markers: re.Match[str]) -> str:
    return f"{markers[1]}{body}{markers[2]}"


def _render_sections() -> dict[str, str]:
    usage = load_recorded_usage()
    bills = {
        month.value: statement.render_markdown(statement.build_statement(compute_bill(usage, month), usage))
        for month in Month
    }
    return {**bills, "instances": _render_instance_table(), "prices": _render_price_table()}


def _render_instance_table() -> str:
    head = "| Minimum instance of the API | A month | A month in season with it |\n|---|---:|---:|\n"
    season_cost = compute_bill(load_recorded_usage(), Month.IN_SEASON).without_minimum_instance
    rows = ((*size, minimum_instance_cost(*size)) for size in _INSTANCE_SIZES)
    return head + "".join(
        f"| {f'{cpu} CPU, {gib} GiB' if cpu else 'none'} | {format_usd(usd)} | "
        f"{format_usd(usd + season_cost)} |\n"
        for cpu, gib, usd in rows
    )


def _render_price_table() -> str:
    listed = price_list()
    rows = (
        f"| {one.service}: {one.what} | {one.unit} | ${one.usd} | {one.free:f} | {one.page} | {one.seen} |"
        for one in listed.prices
    )
    head = "| What | Unit | USD | Free a month | Page | Seen |\n|---|---|---:|---:|---|---|\n"
    return head + "\n".join(rows) + "\n"


def main(page: Path = PAGE) -> None:
    """Regenerate the generated parts of the page."""
    page.write_text(render_page(page.read_text()))


if __name__ == "__main__":
    main()
