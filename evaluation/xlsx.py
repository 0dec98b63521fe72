"""Reads the first sheet of an .xlsx workbook as rows of text: the parts of the format that odds files use.

Users put these files into the data folder themselves, so the standard library's XML parser is safe enough.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse

from shared.errors import UserError
from simulator.zip_members import check_unpacked_size

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = "xl/worksheets/sheet1.xml"
_SHARED = "xl/sharedStrings.xml"


class UnreadableWorkbook(UserError):
    """The file is not a workbook, or has no first sheet."""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows below the header as dicts by the header's names, without empty cells.

    Raises:
        UnreadableWorkbook: the file cannot be read as a workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked_size(archive)
            texts = _shared_texts(archive)
            with archive.open(_SHEET) as sheet_file:
                elements = (part for _, part in iterparse(sheet_file) if part.tag == f"{_MAIN}row")  # noqa: S314
                cells = [_row_cells(row, texts) for row in elements]
    except (zipfile.BadZipFile, KeyError, SyntaxError) as error:
        message = f"{path}: expected an .xlsx workbook, got {error}; repair or remove the file"
        raise UnreadableWorkbook(message) from None
    header = cells[0] if cells else {}
    for row in cells[1:]:
        yield {header[column]: text for column, text in row.items() if column in header and text}


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if _SHARED not in archive.namelist():
        return []
    with archive.open(_SHARED) as parts:
        elements = (part for _, part in iterparse(parts) if part.tag == f"{_MAIN}si")  # noqa: S314
        return [_element_text(part) for part in elements]


def _element_text(part: Element) -> str:
    return "".join(piece.text or "" for piece in part.iter(f"{_MAIN}t")).strip()


def _row_cells(row: Element, texts: list[str]) -> dict[str, str]:
    cells = {}
    for cell in row.iter(f"{_MAIN}c"):
        value = cell.find(f"{_MAIN}v")
        column = re.sub(r"\d", "", cell.get("r", ""))
        if cell.get("t") == "inlineStr":
            cells[column] = _element_text(cell)
        elif value is not None and value.text:
            cells[column] = texts[int(value.text)] if cell.get("t") == "s" else value.text
    return cells
