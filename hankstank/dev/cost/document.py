"""The generated parts of docs/cost.md.

Written by `python -m hankstank.dev.cost.document`, checked by a test.
"""

import re
from functools import partial
from pathlib import Path

from hankstank.dev.cost import statement
from hankstank.dev.cost.bill import bill, idle
from hankstank.dev.cost.month import Month
from hankstank.dev.cost.prices import price_list
from hankstank.dev.cost.statement import cents
from hankstank.dev.cost.usage import recorded
from hankstank.dev.cost.warehouse_bytes import ROOT

PAGE = ROOT / "docs" / "cost.md"
_SIZES = ((2, 2), (1, 2), (1, 1), (0, 0))  # CPU and GiB


def written(text: str) -> str:
    """Return the page with its generated parts made anew."""
    for name, part in _parts().items():
        marked = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = marked.sub(partial(_between, part), text)
    return text


def _between(part: str, found: re.Match[str]) -> str:
    return f"{found[1]}{part}{found[2]}"


def _parts() -> dict[str, str]:
    usage = recorded()
    bills = {month.value: statement.markdown(statement.told(bill(usage, month), usage)) for month in Month}
    return {**bills, "instances": _instances(), "prices": _prices()}


def _instances() -> str:
    head = "| Minimum instance of the API | A month | A month in season with it |\n|---|---:|---:|\n"
    house = bill(recorded(), Month.IN_SEASON).house
    rows = ((*size, idle(*size)) for size in _SIZES)
    return head + "".join(
        f"| {f'{cpu} CPU, {gib} GiB' if cpu else 'none'} | {cents(usd)} | {cents(usd + house)} |\n"
        for cpu, gib, usd in rows
    )


def _prices() -> str:
    told = price_list()
    rows = (
        f"| {one.service}: {one.what} | {one.unit} | ${one.usd} | {one.free:f} | {one.page} | {one.seen} |"
        for one in told.prices
    )
    head = "| What | Unit | USD | Free a month | Page | Seen |\n|---|---|---:|---:|---|---|\n"
    return head + "\n".join(rows) + "\n"


def main(page: Path = PAGE) -> None:
    """Make the page's generated parts anew."""
    page.write_text(written(page.read_text()))


if __name__ == "__main__":
    main()
