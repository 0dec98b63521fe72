"""The folder store keeps an object store's promises, and survives crashes, full disks and flipped bits."""

import errno
import multiprocessing
import os

import pytest

from shared.adapters.local.folder_store import FolderStore
from shared.errors import ObjectConflict, ObjectCorrupted, StoreUnavailable
from tests.contracts.limits import largest_file
from tests.contracts.object_store import ObjectStoreContract
from tests.patience import PATIENCE


class TestFolderStore(ObjectStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return FolderStore(tmp_path / "objects")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "objects"


@pytest.fixture
def store(root):
    return FolderStore(root)


def flip_a_bit(path, at=-1):
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)


def refusing(code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    return refuse


def create_in_process(root, number, gate, won):
    gate.wait()
    if FolderStore(root).create_if_absent("pointer/000001.json", str(number).encode()):
        won.put(number)


def test_one_of_eight_processes_wins(root):
    context = multiprocessing.get_context("fork")
    gate, won = context.Barrier(8), context.Queue()
    racers = [context.Process(target=create_in_process, args=(root, n, gate, won)) for n in range(8)]
    for racer in racers:
        racer.start()
    winner = won.get(timeout=PATIENCE)
    for racer in racers:
        racer.join()
    assert won.empty()
    assert FolderStore(root).read_bytes("pointer/000001.json") == str(winner).encode()


@pytest.mark.parametrize("at", [0, 20, 71, -1])
def test_a_flipped_bit_is_noticed(store, root, at):
    store.write_once("raw/a", b"box score")
    flip_a_bit(root / "raw/a", at)
    with pytest.raises(ObjectCorrupted, match="raw/a"):
        store.read_bytes("raw/a")


def test_a_torn_file_is_noticed(store, root):
    store.write_once("raw/a", b"box score")
    (root / "raw/a").write_bytes((root / "raw/a").read_bytes()[:-3])
    with pytest.raises(ObjectCorrupted):
        store.read_bytes("raw/a")


def test_putting_again_heals_a_corrupted_object(store, root):
    store.write_once("raw/a", b"box score")
    flip_a_bit(root / "raw/a")
    store.write_once("raw/a", b"box score")
    assert store.read_bytes("raw/a") == b"box score"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_refused_write_leaves_no_trace(store, root, monkeypatch, code, call):
    store.write_once("raw/b", b"")
    monkeypatch.setattr(os, call, refusing(code))
    with pytest.raises(StoreUnavailable, match=rf"raw/a: .*{os.strerror(code)}"):
        store.write_once("raw/a", b"box score")
    assert store.list_names("") == ["raw/b"]
    assert not list((root / ".tmp").iterdir())


def test_a_disk_that_fills_up_half_way_keeps_nothing(store, root):
    with largest_file(4096), pytest.raises(StoreUnavailable, match="raw/a"):
        store.write_once("raw/a", b"x" * 10_000)
    assert store.list_names("") == []
    assert not list((root / ".tmp").iterdir())


def test_an_unusable_root_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="file/objects"):
        FolderStore(tmp_path / "file" / "objects").write_once("a", b"")


def test_an_unreadable_object_is_named(store, monkeypatch):
    store.write_once("a", b"")
    monkeypatch.setattr("pathlib.Path.read_bytes", refusing(errno.EIO))
    with pytest.raises(StoreUnavailable, match=r"^a: "):
        store.read_bytes("a")


def test_an_object_cannot_be_a_folder_too(store):
    store.write_once("a", b"")
    with pytest.raises(ObjectConflict, match="a/b"):
        store.write_once("a/b", b"")
    with pytest.raises(ObjectConflict, match="a/b"):
        store.overwrite("a/b", b"")


def test_a_folder_cannot_be_an_object_too(store):
    store.write_once("a/b", b"")
    with pytest.raises(ObjectConflict, match="a: "):
        store.write_once("a", b"")
    with pytest.raises(ObjectConflict, match="a: "):
        store.overwrite("a", b"")


def test_what_a_killed_process_left_half_written_is_swept(root):
    killed = multiprocessing.get_context("fork").Process(target=int)
    killed.start()
    killed.join()
    (root / ".tmp").mkdir(parents=True)
    (root / ".tmp" / f"{killed.pid}-0").write_bytes(b"half")
    (root / ".tmp" / f"{os.getpid()}-0").write_bytes(b"being written")
    assert FolderStore(root).list_names("") == []
    assert [path.name for path in (root / ".tmp").iterdir()] == [f"{os.getpid()}-0"]
