"""What every object store promises; an adapter's test file subclasses this and says how to make one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import InvalidObjectName, ObjectConflict, ObjectMissing

BAD_NAMES = [
    "",
    "/",
    "/etc/passwd",
    "../secret",
    "a/../b",
    "a/./b",
    "a//b",
    "a/",
    "a\\b",
    ".tmp/x",
    "a\nb",
    "a" * 300,
]


class ObjectStoreContract:
    """Subclasses bring a fixture `store` that gives an empty ObjectStore."""

    def test_gives_back_what_was_put(self, store):
        store.write_once("raw/a.bin", b"\x00\xff\n")
        assert store.read_bytes("raw/a.bin") == b"\x00\xff\n"

    def test_holds_empty_objects(self, store):
        store.write_once("empty", b"")
        assert store.read_bytes("empty") == b""

    def test_takes_same_bytes_again(self, store):
        store.write_once("a", b"1")
        store.write_once("a", b"1")
        assert store.read_bytes("a") == b"1"

    def test_refuses_to_overwrite_with_other_bytes(self, store):
        store.write_once("a", b"1")
        with pytest.raises(ObjectConflict, match="a: "):
            store.write_once("a", b"2")
        assert store.read_bytes("a") == b"1"

    def test_creates_only_once(self, store):
        assert store.create_if_absent("pointer/000001.json", b"same")
        assert not store.create_if_absent("pointer/000001.json", b"same")
        assert not store.create_if_absent("pointer/000001.json", b"other")
        assert store.read_bytes("pointer/000001.json") == b"same"

    def test_lets_one_of_eight_creators_win(self, store):
        def create(number: int) -> bool:
            return store.create_if_absent("pointer/1", str(number).encode())

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(create, range(8)))
        assert won.count(True) == 1
        assert store.read_bytes("pointer/1") == str(won.index(True)).encode()

    def test_replaces_what_stands(self, store):
        store.overwrite("status/loader.json", b"1")
        store.overwrite("status/loader.json", b"2")
        assert store.read_bytes("status/loader.json") == b"2"

    def test_names_the_missing_object(self, store):
        with pytest.raises(ObjectMissing, match="raw/nowhere"):
            store.read_bytes("raw/nowhere")

    def test_misses_a_folder(self, store):
        store.write_once("a/b", b"")
        with pytest.raises(ObjectMissing):
            store.read_bytes("a")
        assert not store.exists("a")

    def test_knows_what_exists(self, store):
        store.write_once("a/b", b"")
        assert store.exists("a/b")
        assert not store.exists("a/c")

    def test_lists_by_prefix_sorted(self, store):
        for name in ("b/2", "b/10", "a", "b/c/d", "bc"):
            store.write_once(name, b"")
        assert store.list_names("b/") == ["b/10", "b/2", "b/c/d"]
        assert store.list_names("b/1") == ["b/10"]
        assert store.list_names("") == ["a", "b/10", "b/2", "b/c/d", "bc"]

    def test_lists_nothing_under_an_unknown_prefix(self, store):
        assert store.list_names("nowhere/x") == []

    def test_deletes_and_forgets(self, store):
        store.write_once("a", b"1")
        store.delete("a")
        store.delete("a")
        assert store.create_if_absent("a", b"2")

    @pytest.mark.parametrize("name", BAD_NAMES)
    @pytest.mark.parametrize("ask", ["read_bytes", "exists", "delete"])
    def test_refuses_bad_names(self, store, name, ask):
        with pytest.raises(InvalidObjectName):
            getattr(store, ask)(name)

    @pytest.mark.parametrize("name", BAD_NAMES)
    @pytest.mark.parametrize("write", ["write_once", "create_if_absent", "overwrite"])
    def test_writes_nothing_under_bad_names(self, store, name, write):
        with pytest.raises(InvalidObjectName):
            getattr(store, write)(name, b"")
        assert store.list_names("") == []

    @pytest.mark.parametrize("prefix", ["../", "/etc/", "a/../", "..\\x/"])
    def test_refuses_prefixes_that_leave_the_store(self, store, prefix):
        with pytest.raises(InvalidObjectName):
            store.list_names(prefix)
