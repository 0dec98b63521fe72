"""What every view's definition must have."""

import pytest
import sqlglot

from shared.storage.tables import get_table, list_tables
from shared.storage.views import get_view, list_views

ALL = [get_view(name) for name in list_views()]
by_name = pytest.mark.parametrize("view", ALL, ids=lambda view: view.name)


def test_these_are_the_views():
    assert list_views() == ("k_rates", "team_k_rates")


def test_unknown_view_is_refused_with_the_known_names():
    with pytest.raises(KeyError, match=r"expected a view among .*k_rates"):
        get_view("k_rate")


@by_name
def test_no_table_has_its_name(view):
    assert view.name not in list_tables()


@by_name
def test_its_select_yields_the_described_columns_in_order(view):
    assert sqlglot.parse_one(view.sql, read="bigquery").named_selects == [one.name for one in view.fields]


@by_name
def test_every_column_is_described(view):
    assert [one.name for one in view.all_fields if len(one.description) < 3] == []
    assert set(view.key) <= {one.name for one in view.fields}


@by_name
def test_it_reads_tables_of_its_own_dataset(view):
    """Whoever may read a dataset may then read its views."""
    tables = {get_table(name).full_name for name in list_tables(view.dataset)}
    assert view.input_tables
    assert set(view.input_tables) <= tables


@by_name
def test_its_source_names_the_tables(view):
    assert all(name.rpartition(".")[2] in view.source for name in view.input_tables)
    assert view.dataset not in view.sql_without_datasets
