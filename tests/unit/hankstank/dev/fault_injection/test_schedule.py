"""A run's faults follow from its seed, and nothing is drawn that no later day could heal."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES
from hankstank.dev.fault_injection.schedule import Fault, draw_faults, layer_of

COUNTS = {(day, place): 50 for day in (1, 2) for kind in FAULT_TYPES.values() for place in kind.operations}


def of(seed, *kinds):
    return draw_faults(seed, (1, 2), COUNTS, 6, 14, kinds)


@given(st.integers())
def test_seed_gives_the_same_faults(seed):
    assert of(seed) == of(seed)


@given(st.integers(0, 10_000))
def test_last_day_is_spared_what_only_a_later_day_heals(seed):
    assert not [fault for fault in of(seed) if fault.day == 2 and FAULT_TYPES[fault.kind].recovers_later]


def test_single_day_has_nothing_that_only_a_later_day_heals():
    faults = [fault for seed in range(100) for fault in draw_faults(seed, (1,), COUNTS, 6, 14)]
    assert not [fault for fault in faults if FAULT_TYPES[fault.kind].recovers_later]


@given(st.integers(0, 10_000))
def test_faults_strike_places_of_their_kind(seed):
    assert all(fault.operation in FAULT_TYPES[fault.kind].operations for fault in of(seed))


def test_every_kind_is_drawn():
    assert {fault.kind for seed in range(400) for fault in of(seed)} == set(FAULT_TYPES)


def test_kinds_can_be_chosen_by_their_beginning():
    assert {layer_of(fault.kind) for fault in of(Random(7).random(), "death", "clock")} == {"death", "clock"}


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match=r"expected kinds among .*, got earthquake"):
        of(1, "earthquake")


def test_fault_reads_as_a_line():
    assert str(Fault(2, "objects.put", 7, "store.disk_full", 3)) == (
        "day 2, objects.put call 7: store.disk_full x3"
    )
