"""The Cloud Storage adapter keeps an object store's promises, and says what a refusal means."""

import gc
import multiprocessing
import os
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from shared.adapters.gcp.cloud_storage import CloudStorageStore
from shared.errors import ObjectCorrupted, ObjectMissing, Rejected, StoreUnavailable
from tests.contracts.emulated import make_buckets, present, storage_client
from tests.contracts.object_store import ObjectStoreContract
from tests.contracts.refusing_server import Reply, google_error, serving
from tests.emulators import free_port, storage_emulator
from tests.patience import PATIENCE

# Google's client leaves the connection of a refused download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def client(storage_url):
    with storage_client(storage_url) as client:
        yield client


@pytest.fixture
def prefix(client):
    prefix = f"t{uuid4().hex[:10]}"
    make_buckets(client, prefix)
    return prefix


@pytest.fixture
def store(client, prefix):
    return CloudStorageStore("test", prefix, client)


class TestCloudStorage(ObjectStoreContract):
    @pytest.fixture
    def store(self, store):
        return store


@pytest.fixture(scope="module")
def folder_url(tmp_path_factory):
    with present(lambda: storage_emulator(tmp_path_factory.mktemp("buckets"))) as url:
        yield url


class TestCloudStorageInAFolder(ObjectStoreContract):
    """On the stand-in that keeps its objects on disk."""

    @pytest.fixture
    def store(self, folder_url):
        prefix = f"t{uuid4().hex[:10]}"
        with storage_client(folder_url) as client:
            make_buckets(client, prefix)
            yield CloudStorageStore("test", prefix, client)


def test_objects_in_a_folder_outlive_a_restart(tmp_path):
    for token in ("first", "second"):
        with present(lambda: storage_emulator(tmp_path)) as url, storage_client(url) as client:
            if token == "first":
                make_buckets(client, "town")
            won = CloudStorageStore("test", "town", client).create_if_absent("models/pointer/1", b"1")
            assert won == (token == "first")


def create_in_process(url, prefix, number, gate, won):
    with storage_client(url) as client:
        store = CloudStorageStore("test", prefix, client)
        gate.wait()
        if store.create_if_absent("models/pointer/000001.json", str(number).encode()):
            won.put(number)


def test_one_of_eight_processes_wins(storage_url, client, prefix):
    context = multiprocessing.get_context("fork")
    gate, won = context.Barrier(8), context.Queue()
    racers = [
        context.Process(target=create_in_process, args=(storage_url, prefix, n, gate, won)) for n in range(8)
    ]
    for racer in racers:
        racer.start()
    winner = won.get(timeout=PATIENCE)
    for racer in racers:
        racer.join()
    assert won.empty()
    stored = CloudStorageStore("test", prefix, client).read_bytes("models/pointer/000001.json")
    assert stored == str(winner).encode()


def test_objects_lie_in_the_bucket_of_their_folder(store, client, prefix):
    store.write_once("models/win/1/model.ubj", b"")
    store.write_once("world.json", b"")
    assert [blob.name for blob in client.list_blobs(f"{prefix}-models")] == ["models/win/1/model.ubj"]
    assert [blob.name for blob in client.list_blobs(f"{prefix}-state")] == ["world.json"]


def test_names_are_gathered_from_every_bucket(store):
    for name in ("release/1", "reports/1", "raw/1", "rest/1"):
        store.write_once(name, b"")
    assert store.list_names("r") == ["raw/1", "release/1", "reports/1", "rest/1"]


def test_an_object_of_ten_megabytes_goes_both_ways(store):
    data = os.urandom(10_000_000)
    store.write_once("raw/big", data)
    assert store.read_bytes("raw/big") == data


@pytest.fixture
def behind_a_lossy_line(storage_url, prefix):
    """A store whose first upload arrives, but its answer does not."""
    lost = []

    def answer(requested):
        url = storage_url + requested.path
        passed = httpx.request(
            requested.method, url, content=requested.body, headers=requested.headers, trust_env=False
        )
        if "/upload/" in requested.path and not lost:
            lost.append(passed.status_code)
            return Reply(503)
        return Reply(passed.status_code, passed.content, {"Content-Type": passed.headers["Content-Type"]})

    with serving(answer) as address, storage_client(address) as distant:
        yield CloudStorageStore("test", prefix, distant)


def test_a_creator_whose_answer_was_lost_knows_that_it_won(behind_a_lossy_line):
    assert behind_a_lossy_line.create_if_absent("models/pointer/1", b"1")
    assert not behind_a_lossy_line.create_if_absent("models/pointer/1", b"1")


def test_a_put_whose_answer_was_lost_stands(behind_a_lossy_line):
    behind_a_lossy_line.write_once("raw/a", b"1")
    assert behind_a_lossy_line.read_bytes("raw/a") == b"1"


@contextmanager
def answered(answer, deadline=60.0):
    """Give a store whose every request is answered by `answer`."""
    with serving(answer) as url, storage_client(url) as client:
        yield CloudStorageStore("test", "p", client, deadline)
    gc.collect()


def test_bytes_spoilt_on_the_way_are_noticed():
    corrupt = Reply(200, b"box scorf", {"x-goog-hash": "crc32c=AAAAAA=="})
    with answered(lambda _: corrupt) as store, pytest.raises(ObjectCorrupted, match="raw/a"):
        store.read_bytes("raw/a")


CALLS = {
    "write_once": lambda store: store.write_once("raw/a", b"1"),
    "create_if_absent": lambda store: store.create_if_absent("raw/a", b"1"),
    "overwrite": lambda store: store.overwrite("raw/a", b"1"),
    "read_bytes": lambda store: store.read_bytes("raw/a"),
    "exists": lambda store: store.exists("raw/a"),
    "list_names": lambda store: store.list_names("raw/"),
    "delete": lambda store: store.delete("raw/a"),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


@every_call
def test_a_forbidden_call_names_the_bucket_and_the_role(call):
    result = google_error(403, "x does not have storage.objects.get access", "forbidden")
    with answered(lambda _: result) as store, pytest.raises(Rejected, match=r"raw/.*gs://p-raw.*grant roles"):
        call(store)


@every_call
def test_a_missing_bucket_is_named(call):
    result = google_error(404, "The specified bucket does not exist.", "notFound")
    with answered(lambda _: result) as store, pytest.raises(Rejected, match="no bucket p-raw"):
        call(store)


@every_call
@pytest.mark.parametrize("status", [429, 500, 503, 0], ids=["quota", "broken", "busy", "hung up"])
def test_what_may_pass_is_unavailable(call, status):
    result = google_error(status, "later", "rateLimitExceeded") if status else Reply(0)
    with answered(lambda _: result, deadline=0.2) as store, pytest.raises(StoreUnavailable, match="raw/"):
        call(store)


def test_a_quota_told_as_forbidden_may_pass():
    result = google_error(403, "Quota exceeded", "rateLimitExceeded")
    with answered(lambda _: result, deadline=0.2) as store, pytest.raises(StoreUnavailable, match="quota"):
        store.read_bytes("raw/a")


def test_an_unreachable_server_is_unavailable():
    with storage_client(f"http://127.0.0.1:{free_port()}") as client:
        store = CloudStorageStore("test", "p", client, deadline=0.5)
        with pytest.raises(StoreUnavailable, match="raw/a"):
            store.read_bytes("raw/a")


def test_a_missing_object_names_bucket_and_object(store):
    with pytest.raises(ObjectMissing, match=r"raw/a: .*gs://t\w+-raw/raw/a"):
        store.read_bytes("raw/a")


def test_a_short_outage_is_waited_out():
    listed = Reply(200, b'{"items": [{"name": "raw/a"}]}', {"Content-Type": "application/json"})
    outage = [Reply(503), Reply(429)]
    with answered(lambda _: outage.pop() if outage else listed) as store:
        assert store.list_names("raw/") == ["raw/a"]
    assert not outage


def test_making_a_store_asks_nobody(monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    store = CloudStorageStore("test", "p")
    with pytest.raises(Rejected, match="credentials"):
        store.read_bytes("raw/a")
