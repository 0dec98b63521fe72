"""A report as a short text: what matters first, and never longer than a chat takes."""

import msgspec
import pytest

from shared.reporting.text import LONGEST, render_text, report_title
from shared.storage.daily_reports import Collection, DayScore
from tests.unit.shared.reporting.reports import FULL, QUIET, YESTERDAY


def test_a_full_text_is_in_the_order_of_weight() -> None:
    assert render_text(FULL).splitlines() == [
        "2 things need you: the forecasts of 13 April are missing.",
        "• the forecasts of 13 April are missing",
        "• a delivery failed for good: TableMismatch: plays",
        "",
        "Today: 15 games from 13:05 ET, 24 starters and 2 line-ups of 30 known.",
        "14 April 2026: 1 of 2 favourites won, log loss 0.906, naive 0.693.",
        "Largest surprise: OAK beat HOU 6–2, at 28 %.",
        "Who wins, 7 days: 90 forecasts, 56 % of favourites won, log loss 0.684, naive 0.691.",
        "Collected: 3 games, 12,345 rows, 96 requests, 1 failed, 3 batches graded A 2, B 1, 1 dead letter.",
        "Healed: games of 12 April (two are missing).",
        "New model: Who wins 1.0.3 → 1.1.0.",
        "Disk: 3.0 GiB.",
        "The state of the outputs is not known: daily/outputs.json is missing.",
    ]


def test_a_quiet_text_is_short() -> None:
    assert render_text(QUIET).splitlines() == ["All well: nothing was played.", "", "Collected: nothing."]


@pytest.mark.parametrize("length", [10, 100, 2000])
def test_a_text_fits_whatever_happened(length: int) -> None:
    attention = tuple(f"{'x' * length} {n}" for n in range(100))
    report = msgspec.structs.replace(FULL, attention=attention, notes=attention, healed=FULL.healed * 50)
    text = render_text(report)
    assert len(text) <= LONGEST
    assert text.startswith(FULL.headline)
    assert "and 95 more" in text


def test_titles_say_whether_anything_needs_a_person() -> None:
    assert report_title(QUIET) == "report of 2026-04-15: all well"
    assert report_title(FULL) == "report of 2026-04-15: 2 things need you"
    one = msgspec.structs.replace(FULL, attention=("x",))
    assert report_title(one) == "report of 2026-04-15: 1 thing needs you"


def test_days_without_forecasts_say_so() -> None:
    report = msgspec.structs.replace(QUIET, day_scores=(DayScore(YESTERDAY, 4, 0, 0),))
    assert "14 April 2026: 4 games, none with a forecast of who wins." in render_text(report)


def test_one_of_a_thing_is_singular() -> None:
    collection = Collection(batches=1, games=1, rows=1, requests=1, grades={"A": 1}, dead_letters=("x",))
    text = render_text(msgspec.structs.replace(QUIET, collection=collection))
    assert "1 game, 1 row, 1 request, 0 failed, 1 batch graded A 1, 1 dead letter." in text
