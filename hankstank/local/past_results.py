"""Fetches results of days, and prints results and the record as CSV."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from hankstank.local.predictor import Predictor
from services.predict_api.schemas.result_responses import ResultsAnswer
from services.predict_api.serving.result_tables import (
    RECORD_COLUMNS,
    RESULT_COLUMNS,
    record_rows,
    result_rows,
)
from shared.errors import UserError
from shared.modeling.forecast_record import RecordWindow


def fetch_days(client: Predictor, first: date, last: date) -> list[dict[str, Any]]:
    """Return the results of each day from first to last that has some; raises UserError where none has."""
    if last < first:
        raise UserError(f"expected a last day not before the first, got {first} and {last}")
    found, refusals = [], []
    for number in range((last - first).days + 1):
        try:
            found.append(client.fetch_results(first + timedelta(days=number)))
        except UserError as error:
            refusals.append(error)
    if not found:
        raise refusals[0]
    return found


def print_results_csv(days: Sequence[Mapping[str, Any]]) -> None:
    """Print a row for each forecast of the days, and one for each game without any."""
    answers = (msgspec.convert(day, ResultsAnswer) for day in days)
    _print_csv(RESULT_COLUMNS, (row for answer in answers for row in result_rows(answer)))


def print_record_csv(windows: Sequence[Mapping[str, Any]]) -> None:
    """Print a row for each window and target, and for each of its line-up variants."""
    _print_csv(RECORD_COLUMNS, record_rows(msgspec.convert(windows, list[RecordWindow])))


def _print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
