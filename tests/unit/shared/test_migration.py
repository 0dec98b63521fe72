"""What a changed definition makes of a standing table."""

from dataclasses import replace

import pytest

from shared.errors import TableMismatch
from shared.storage.migration import Added, Relaxed, Renamed, Widened, changes
from shared.storage.tables import Field, Table
from tests.contracts.warehouse import PLAYS

STANDING = {field.name: field.type for field in PLAYS.all_fields}
RBI = Field("rbi", "INTEGER", "runs batted in")


def with_field(field: Field, instead_of: str = "") -> Table:
    kept = tuple(one for one in PLAYS.fields if one.name != instead_of)
    return replace(PLAYS, fields=(*kept, field))


def test_same_definition_changes_nothing():
    assert changes(PLAYS, STANDING) == []


def test_new_column_is_added():
    speed = Field("bat_speed", "FLOAT", "mph")
    assert changes(with_field(speed), STANDING) == [Added(speed)]


def test_alias_renames():
    renamed = replace(RBI, name="runs_batted_in", alias=("rbi",))
    assert changes(with_field(renamed, "rbi"), STANDING) == [Renamed(renamed, "rbi")]


def test_own_name_goes_before_an_alias():
    both = replace(RBI, alias=("outcome",))
    assert changes(with_field(both, "rbi"), STANDING) == []


def test_number_is_widened():
    wider = replace(RBI, type="FLOAT")
    assert changes(with_field(wider, "rbi"), STANDING) == [Widened(wider)]


def test_renamed_column_may_be_widened_too():
    field = replace(RBI, name="runs_batted_in", type="FLOAT", alias=("rbi",))
    assert changes(with_field(field, "rbi"), STANDING) == [Renamed(field, "rbi"), Widened(field)]


@pytest.mark.parametrize("kind", ["STRING", "BOOLEAN", "DATE"])
def test_other_types_are_refused(kind: str):
    with pytest.raises(TableMismatch, match=rf"rbi: expected {kind}, the table has INTEGER: give"):
        changes(with_field(replace(RBI, type=kind), "rbi"), STANDING)


def test_narrower_type_is_refused():
    narrow = Field("launch_speed", "INTEGER", "mph")
    with pytest.raises(TableMismatch, match="expected INTEGER, the table has FLOAT"):
        changes(with_field(narrow, "launch_speed"), STANDING)


def test_new_required_column_is_refused():
    with pytest.raises(TableMismatch, match=r"contract_plays\.balls: expected a nullable column"):
        changes(with_field(Field("balls", "INTEGER", "balls", required=True)), STANDING)


def test_column_that_may_lack_now_is_relaxed():
    nullable = replace(PLAYS.fields[3], required=False)
    assert changes(with_field(nullable, "outcome"), STANDING, ["outcome", "game_pk"]) == [Relaxed("outcome")]


def test_required_column_defined_no_more_is_relaxed():
    assert changes(PLAYS, {**STANDING, "old": "STRING"}, ["old"]) == [Relaxed("old")]


def test_renamed_required_column_stays_required():
    renamed = replace(PLAYS.fields[3], name="result", alias=("outcome",))
    assert changes(with_field(renamed, "outcome"), STANDING, ["outcome"]) == [Renamed(renamed, "outcome")]
