"""How far a first start is: kept as an object, and a sentence for everybody who asks."""

from pathlib import Path

import pytest

from shared.adapters.local.folder_store import FolderStore
from shared.storage.first_start import FirstStart, load_first_start, remove_first_start, save_first_start


def test_first_start_is_known_until_it_is_over(tmp_path: Path):
    objects, begun = FolderStore(tmp_path), FirstStart("2025", days="2025-03-18 to 2025-03-27", chunk=2)
    assert load_first_start(objects) is None
    save_first_start(objects, begun)
    assert load_first_start(objects) == begun
    remove_first_start(objects)
    assert load_first_start(objects) is None


def test_object_that_cannot_be_read_is_no_first_start(tmp_path: Path):
    FolderStore(tmp_path).overwrite("live/first_start.json", b'{"begin": 7}')
    assert load_first_start(FolderStore(tmp_path)) is None


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (FirstStart("2025"), "the games of past days are collected"),
        (
            FirstStart("2025", chunk=3, of_chunks=20, games=310, of_games=2430, seconds_left=2500),
            "the games of past days are collected, chunk 3 of 20, 310 of 2430 games, about 42 minutes left",
        ),
        (FirstStart("2025", seconds_left=20), "the games of past days are collected, about 1 minute left"),
        (FirstStart("2025", phase="training", of_chunks=20, chunk=20), "the models are trained"),
        (
            FirstStart("2025", waiting="no network"),
            "the games of past days are collected, waiting: no network",
        ),
    ],
)
def test_sentence_says_what_is_done_and_how_long_it_takes(known: FirstStart, sentence: str):
    assert known.describe() == f"this is the first start: {sentence}"
