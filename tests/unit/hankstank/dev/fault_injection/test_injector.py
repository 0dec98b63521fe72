"""Calls are struck by the fault that is due; a dead process calls nobody, and its files are what it left."""

import pytest

from hankstank.dev.fault_injection.injector import FaultInjector, ProcessCrash
from hankstank.dev.fault_injection.schedule import Fault


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "file").write_text("before")
    return tmp_path / "home"


def fate(home, *faults):
    return FaultInjector(home, faults, day=1)


def hit(held, *names, place="objects.put"):
    return [name for name in names if held.check(place, name)]


def test_strikes_from_the_call_on_as_often_as_it_lasts(home):
    assert hit(fate(home, Fault(1, "objects.put", 2, "store.disk_full", 2)), *"abcd") == ["b", "c"]


def test_waits_for_a_call_that_suits(home):
    held = fate(home, Fault(1, "objects.put", 1, "store.torn_file"))
    assert hit(held, "raw/a", "staging/b", "staging/c") == ["staging/b"]


def test_strikes_on_its_day_only(home):
    held = fate(home, Fault(2, "objects.put", 1, "store.slow"))
    assert hit(held, "a") == []


def test_remembers_what_it_hit(home):
    held = fate(home, Fault(1, "objects.put", 1, "store.slow"))
    held.check("objects.put", "staging/a")
    assert list(map(str, held.injected)) == ["day 1, objects.put call 1: store.slow: staging/a"]


def test_nobody_calls_after_death(home):
    held = fate(home)
    with pytest.raises(ProcessCrash):
        held.crash()
    with pytest.raises(ProcessCrash):
        held.check("objects.get", "a")


def test_death_takes_back_what_its_ending_wrote(home):
    held = fate(home)
    with pytest.raises(ProcessCrash):
        held.crash()
    (home / "file").write_text("after")
    held.restore()
    assert ((home / "file").read_text(), held.crash_image.exists()) == ("before", False)


def test_no_handler_of_errors_catches_death():
    assert not issubclass(ProcessCrash, Exception)
