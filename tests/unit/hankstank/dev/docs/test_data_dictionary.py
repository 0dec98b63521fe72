"""The data dictionary says what the tables are now, and says of every column what it means."""

from dataclasses import replace
from pathlib import Path

import pytest

from hankstank.dev.docs import data_dictionary
from shared.storage.tables import get_table, list_tables
from shared.storage.views import get_view, list_views

DESCRIBED = [*map(get_table, list_tables()), *map(get_view, list_views())]
COLUMNS = [(one.name, field) for one in DESCRIBED for field in one.all_fields]


def test_the_dictionary_is_up_to_date():
    for name, content in data_dictionary.render_files().items():
        written = (data_dictionary.DOCS / name).read_text()
        assert written == content, "a table changed: run `make dictionary` and commit docs"


def test_every_column_has_a_description():
    undescribed = [f"{name}.{field.name}" for name, field in COLUMNS if not field.description.strip()]
    assert undescribed == [], "describe them in shared/sports/mlb/tables/<table>.json"


def test_the_files_are_written(tmp_path: Path):
    data_dictionary.main(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == data_dictionary.render_files()


def test_a_changed_meaning_changes_both(monkeypatch: pytest.MonkeyPatch):
    before = data_dictionary.render_files()
    venues = get_table("venues")
    first = replace(venues.fields[0], description="somewhere else")
    changed = replace(venues, fields=(first, *venues.fields[1:]))
    monkeypatch.setattr(
        data_dictionary, "get_table", lambda name: changed if name == "venues" else get_table(name)
    )
    after = data_dictionary.render_files()
    assert all(after[name] != before[name] for name in (data_dictionary.PAGE, data_dictionary.TEXT))


@pytest.mark.parametrize("one", DESCRIBED, ids=lambda one: one.name)
def test_every_table_and_view_has_a_chapter(one):
    result = data_dictionary.render_files()
    assert f"\n## {one.name}\n" in result[data_dictionary.PAGE]
    assert f"\n{one.full_name}: " in result[data_dictionary.TEXT]


def test_pitfalls_are_told():
    assert "join on game_pk, not on date and clubs" in data_dictionary.render_files()[data_dictionary.PAGE]


def test_the_text_for_models_is_small():
    assert len(data_dictionary.render_files()[data_dictionary.TEXT].encode()) < 90_000
