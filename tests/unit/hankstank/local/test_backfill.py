"""The label of stores that past seasons are backfilled into."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hankstank.local.backfill import BackfillOptions, newest_label
from shared.adapters.local.folder_store import FolderStore
from shared.runtime.data_world import DataWorld, write_world


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, "Retrosheet 2015"),
        (datetime(2014, 11, 1, 6, tzinfo=UTC), "Retrosheet 2015"),
        (datetime(2016, 11, 1, 6, tzinfo=UTC), "Retrosheet 2016"),
        (datetime(2017, 1, 1, 6, tzinfo=UTC), "Retrosheet 2016"),  # the morning after the last day of 2016
    ],
)
def test_stores_keep_the_label_of_their_newest_season(tmp_path: Path, stored: datetime | None, expected: str):
    objects = FolderStore(tmp_path)
    if stored:
        write_world(objects, DataWorld("Retrosheet 2016", stored))
    days = BackfillOptions((), Path(), tmp_path, first=date(2015, 9, 1), last=date(2015, 9, 2))
    assert newest_label("retrosheet", days, objects) == expected
