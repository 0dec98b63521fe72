"""Rows to frames: heads repeated, absent columns null, wrong types refused."""

from datetime import UTC, date, datetime

import pytest

from services.collector.rows import rows_to_frame
from shared.storage.tables import get_table

CLUBS = get_table("team_stats_historical")
HEAD = {"game_date": date(2026, 8, 5), "collected_at": datetime(2026, 8, 6, 6, tzinfo=UTC)}


def test_head_stands_in_each_of_its_rows():
    parts = [
        (HEAD | {"game_pk": 1}, [{"team_id": 110}, {"team_id": 147}]),
        (HEAD | {"game_pk": 2}, []),
        (HEAD | {"game_pk": 3}, [{"team_id": 111}]),
    ]
    rows = rows_to_frame(CLUBS, parts).select("game_pk", "team_id", "collected_at").rows()
    assert rows == [(game, club, HEAD["collected_at"]) for game, club in ((1, 110), (1, 147), (3, 111))]


def test_absent_column_is_null():
    rows = rows_to_frame(CLUBS, [(HEAD, [{"hits": 7}, {}])])
    assert (rows["hits"].to_list(), rows["runs"].to_list()) == ([7, None], [None, None])


def test_frame_has_the_staged_columns_in_order():
    assert rows_to_frame(CLUBS, [(HEAD, [{}])]).schema == CLUBS.schema


@pytest.mark.parametrize("parts", [[(HEAD, [{"hits": 7}, {"hits": "8"}])], [(HEAD | {"game_pk": "1"}, [{}])]])
def test_value_of_another_type_is_refused(parts):
    with pytest.raises(TypeError, match="Int64"):
        rows_to_frame(CLUBS, parts)


def test_head_that_lacks_a_column_is_refused():
    with pytest.raises(KeyError, match="game_pk"):
        rows_to_frame(CLUBS, [(HEAD | {"game_pk": 1}, [{}]), (HEAD, [{}])])
