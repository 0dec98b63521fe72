"""Reports as objects: three forms, the newest first, and a corrupted one that stops nobody."""

from datetime import date, timedelta

import msgspec
import pytest

from shared.errors import ObjectCorrupted
from shared.storage.daily_reports import (
    find_reported_days,
    list_report_days,
    load_report,
    newest_report,
    report_name,
    save_report,
)
from tests.fakes import InMemoryObjectStore
from tests.unit.shared.reporting.reports import DAY, FULL, QUIET, YESTERDAY


@pytest.fixture
def objects() -> InMemoryObjectStore:
    store = InMemoryObjectStore()
    save_report(store, msgspec.structs.replace(QUIET, day=YESTERDAY), "<p>", "quiet")
    save_report(store, FULL, "<p>full", "full")
    return store


def test_a_report_comes_back_as_it_was(objects: InMemoryObjectStore) -> None:
    assert load_report(objects, DAY) == FULL
    assert objects.read_bytes("daily-reports/2026-04-15.html") == b"<p>full"
    assert objects.read_bytes("daily-reports/2026-04-15.txt") == b"full"
    assert load_report(objects, date(2026, 4, 13)) is None


def test_days_are_listed_newest_first(objects: InMemoryObjectStore) -> None:
    assert list_report_days(objects) == [DAY, YESTERDAY]
    assert list_report_days(InMemoryObjectStore()) == []


def test_a_corrupted_report_is_passed_over(objects: InMemoryObjectStore) -> None:
    objects.overwrite(report_name(DAY), b'{"day": 3}')
    with pytest.raises(ObjectCorrupted, match="expected a daily report"):
        load_report(objects, DAY)
    assert newest_report(objects, list_report_days(objects)).day == YESTERDAY


def test_a_report_of_an_earlier_version_is_read(objects: InMemoryObjectStore) -> None:
    least = {"day": DAY, "first_day": DAY, "last_day": DAY, "created_at": FULL.created_at, "headline": "x"}
    objects.overwrite(report_name(DAY), msgspec.json.encode({**least, "no_longer_known": 1}))
    assert load_report(objects, DAY).headline == "x"


def test_a_day_is_reported_on_the_next_morning_or_after_an_absence(objects: InMemoryObjectStore) -> None:
    day, later = timedelta(days=1), DAY + timedelta(days=5)
    absent = msgspec.structs.replace(QUIET, day=later, first_day=DAY + day, last_day=later - day)
    save_report(objects, absent, "", "")
    asked = [YESTERDAY - 2 * day, YESTERDAY, DAY, DAY + day, later - day, later]
    assert find_reported_days(objects, asked) == {YESTERDAY, DAY + day, later - day}
