from datetime import date

import polars as pl
import pytest

from shared.adapters.local.folder_store import FolderStore
from shared.errors import ObjectMissing
from shared.sports.mlb.snapshot_tables import read_states
from shared.sports.mlb.states import States, advance_states
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.unit.shared.sports.mlb.plays import DAY, games, plays


def kept():
    states = advance_states(States.empty(DAY), plays({"outcome": "single"}), games(), DAY)
    clubs = pl.DataFrame({"team_id": [1, 2], "name": ["Ones", "Twos"]})
    return Snapshot(DAY, "run", states.to_tables() | {"clubs": clubs}, "abc", {"loader": {"rows": 3}})


def test_comes_back_as_it_was(tmp_path):
    objects = FolderStore(tmp_path)
    again = snapshot.load_snapshot(snapshot.save_snapshot(kept(), objects), objects)
    assert (again.as_of, again.inputs_sha256, again.status) == (DAY, "abc", {"loader": {"rows": 3}})
    assert all(again.tables[name].equals(frame) for name, frame in kept().tables.items())


def test_states_come_back(tmp_path):
    objects = FolderStore(tmp_path)
    states = read_states(snapshot.load_snapshot(snapshot.save_snapshot(kept(), objects), objects))
    assert (states.as_of, states.batters.ids.tolist()) == (DAY, [100])


def test_saving_twice_is_one_snapshot(tmp_path):
    objects = FolderStore(tmp_path)
    assert snapshot.save_snapshot(kept(), objects) == snapshot.save_snapshot(kept(), objects)


def test_names_its_day_and_run(tmp_path):
    assert snapshot.save_snapshot(kept(), FolderStore(tmp_path)).startswith(
        f"snapshot/{date(2026, 5, 1)}/run/manifest-"
    )


def test_missing_table_is_told(tmp_path):
    objects = FolderStore(tmp_path)
    name = snapshot.save_snapshot(kept(), objects)
    objects.delete(next(n for n in objects.list_names("snapshot/") if "/clubs-" in n))
    with pytest.raises(ObjectMissing):
        snapshot.load_snapshot(name, objects)
