"""Reads the first sheet of an .xlsx workbook, such as a season of betting odds, as rows of text."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import fastexcel

from shared.errors import UserError
from simulator.zip_members import check_unpacked_size


class UnreadableWorkbook(UserError):
    """The file is not a workbook, or has no sheet."""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows below the header as dicts by the header's names, without empty cells.

    Raises:
        UnreadableWorkbook: the file cannot be read as a workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked_size(archive)
        sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string", skip_whitespace_tail_rows=True)
    except (zipfile.BadZipFile, fastexcel.FastExcelError) as error:
        message = f"{path}: expected an .xlsx workbook, got {error}; repair or remove the file"
        raise UnreadableWorkbook(message) from None
    for row in sheet.to_polars().iter_rows(named=True):
        yield {name: text.strip() for name, text in row.items() if text and text.strip()}
