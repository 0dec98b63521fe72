"""What a changed definition makes of a standing table."""

from dataclasses import replace

import pytest

from shared.errors import TableMismatch
from shared.storage.migration import AddedColumn, RelaxedColumn, RenamedColumn, WidenedColumn, plan_changes
from shared.storage.tables import Field, Table
from tests.contracts.warehouse import PLAYS

STORED = {field.name: field.type for field in PLAYS.all_fields}
RBI = Field("rbi", "INTEGER", "runs batted in")


def with_field(field: Field, instead_of: str = "") -> Table:
    kept = tuple(one for one in PLAYS.fields if one.name != instead_of)
    return replace(PLAYS, fields=(*kept, field))


def test_same_definition_changes_nothing():
    assert plan_changes(PLAYS, STORED) == []


def test_new_column_is_added():
    speed = Field("bat_speed", "FLOAT", "mph")
    assert plan_changes(with_field(speed), STORED) == [AddedColumn(speed)]


def test_former_name_is_renamed():
    renamed = replace(RBI, name="runs_batted_in", formerly=("rbi",))
    assert plan_changes(with_field(renamed, "rbi"), STORED) == [RenamedColumn(renamed, "rbi")]


def test_own_name_goes_before_a_former_one():
    both = replace(RBI, formerly=("outcome",))
    assert plan_changes(with_field(both, "rbi"), STORED) == []


def test_number_is_widened():
    wider = replace(RBI, type="FLOAT")
    assert plan_changes(with_field(wider, "rbi"), STORED) == [WidenedColumn(wider)]


def test_renamed_column_may_be_widened_too():
    field = replace(RBI, name="runs_batted_in", type="FLOAT", formerly=("rbi",))
    assert plan_changes(with_field(field, "rbi"), STORED) == [
        RenamedColumn(field, "rbi"),
        WidenedColumn(field),
    ]


@pytest.mark.parametrize("kind", ["STRING", "BOOLEAN", "DATE"])
def test_other_types_are_refused(kind: str):
    with pytest.raises(TableMismatch, match=rf"rbi: expected {kind}, the table has INTEGER: give"):
        plan_changes(with_field(replace(RBI, type=kind), "rbi"), STORED)


def test_narrower_type_is_refused():
    narrow = Field("launch_speed", "INTEGER", "mph")
    with pytest.raises(TableMismatch, match="expected INTEGER, the table has FLOAT"):
        plan_changes(with_field(narrow, "launch_speed"), STORED)


def test_new_required_column_is_refused():
    with pytest.raises(TableMismatch, match=r"contract_plays\.balls: expected a nullable column"):
        plan_changes(with_field(Field("balls", "INTEGER", "balls", required=True)), STORED)


def test_new_required_column_that_says_what_stored_rows_have_is_added():
    side = Field("side", "STRING", "side", required=True, earlier_value="left")
    assert plan_changes(with_field(side), STORED) == [AddedColumn(side)]


def test_column_that_may_lack_now_is_relaxed():
    nullable = replace(PLAYS.fields[3], required=False)
    assert plan_changes(with_field(nullable, "outcome"), STORED, ["outcome", "game_pk"]) == [
        RelaxedColumn("outcome")
    ]


def test_required_column_defined_no_more_is_relaxed():
    assert plan_changes(PLAYS, {**STORED, "old": "STRING"}, ["old"]) == [RelaxedColumn("old")]


def test_renamed_required_column_stays_required():
    renamed = replace(PLAYS.fields[3], name="result", formerly=("outcome",))
    assert plan_changes(with_field(renamed, "outcome"), STORED, ["outcome"]) == [
        RenamedColumn(renamed, "outcome")
    ]
