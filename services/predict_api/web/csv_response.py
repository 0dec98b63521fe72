"""Answers as comma-separated values, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from flask import Response, request

from services.predict_api.problems import InvalidRequest
from services.predict_api.schemas.validation_errors import shown

CSV = "text/csv"
_FORMATS = ("json", "csv")


def wants_csv() -> bool:
    """Return whether the client asks for CSV, by `format` or by its Accept header; raises InvalidRequest."""
    given = request.args.get("format")
    if given is None:
        return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV
    if given not in _FORMATS:
        expected = f"one of {', '.join(_FORMATS)}"
        raise InvalidRequest(expected, [{"path": "format", "expected": expected, "got": shown(given[:40])}])
    return given == "csv"


def csv_response(columns: Sequence[str], rows: Iterable[Mapping[str, object]], name: str) -> Response:
    """Return rows as a CSV file of that name, with a header; None is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="raise", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(text.getvalue(), headers=headers, content_type=f"{CSV}; charset=utf-8")
