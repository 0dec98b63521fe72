"""Who is let in, and how often."""

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.access import Access, Rules, address
from services.predict_api.app import create_app
from services.predict_api.keys import Key, KeyRing, Limits, new_key
from services.predict_api.memory import LocalMemory
from services.predict_api.problems import KeyRefused, TooMany
from shared.errors import Unavailable
from shared.settings import Settings
from tests.fakes import InMemoryObjectStore
from tests.unit.predict_api.standing import NOW, fill

SECRET, KEY = new_key("fan")
ABROAD = {"REMOTE_ADDR": "203.0.113.9", "PATH_INFO": "/teams"}
LOCAL = {"REMOTE_ADDR": "127.0.0.1", "PATH_INFO": "/teams"}


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def keys(*all_keys: Key) -> str:
    return msgspec.json.encode(all_keys).decode()


def access(watch: Watch | None = None, **rules: object) -> Access:
    return Access(Rules(**rules), LocalMemory(watch or Watch()), watch or Watch())


def test_loopback_of_one_machine_needs_no_key() -> None:
    assert access().admit(LOCAL).limits is None


@pytest.mark.parametrize(
    "environ", [ABROAD, {**LOCAL, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"PATH_INFO": "/teams"}]
)
def test_nobody_else_comes_in_without_a_key(environ: dict[str, str]) -> None:
    with pytest.raises(KeyRefused):
        access().admit(environ)


def test_the_cloud_opens_to_no_address() -> None:
    rules = Rules.of(Settings(project="p"))
    with pytest.raises(KeyRefused):
        Access(rules, LocalMemory(), Watch()).admit(LOCAL)


def test_a_key_opens_by_its_own_limits() -> None:
    caller = access(keys=keys(KEY)).admit({**ABROAD, "HTTP_X_API_KEY": SECRET})
    assert (caller.name, caller.limits) == ("key fan", Limits(600, 20_000))


@pytest.mark.parametrize(
    "given", ["", "ht_wrong", KEY.sha256, SECRET[:-1]], ids=["none", "a guess", "its hash", "cut short"]
)
def test_another_secret_opens_nothing(given: str) -> None:
    with pytest.raises(KeyRefused):
        access(keys=keys(KEY)).admit({**ABROAD, "HTTP_X_API_KEY": given})


def test_a_revoked_key_opens_nothing() -> None:
    revoked = msgspec.structs.replace(KEY, is_revoked=True)
    with pytest.raises(KeyRefused):
        access(keys=keys(revoked)).admit({**ABROAD, "HTTP_X_API_KEY": SECRET})


def test_a_key_rests_without_its_secret() -> None:
    assert SECRET not in keys(KEY)
    assert len({new_key("a")[0] for _ in range(50)}) == 50


def test_a_key_is_revoked_while_the_api_runs(tmp_path: object) -> None:
    file, watch = tmp_path / "keys.json", Watch()
    file.write_text(keys(KEY))
    ring = KeyRing(str(file), watch)
    assert ring.key(SECRET)
    file.write_text("[]")
    watch.now += 31
    assert ring.key(SECRET) is None


def test_a_spoilt_file_of_keys_changes_nothing(tmp_path: object) -> None:
    file, watch = tmp_path / "keys.json", Watch()
    file.write_text(keys(KEY))
    ring = KeyRing(str(file), watch)
    assert ring.key(SECRET)
    file.write_text("[{")
    watch.now += 31
    assert ring.key(SECRET)


def test_a_key_is_revoked_in_the_secret_that_holds_it() -> None:
    watch, versions = Watch(), [keys(KEY)]
    ring = KeyRing("sm://projects/p/secrets/keys/versions/latest", watch, lambda _: versions[-1])
    assert ring.key(SECRET)
    versions.append("[]")
    watch.now += 31
    assert ring.key(SECRET) is None


def test_a_secret_out_of_reach_changes_nothing() -> None:
    watch, asked, versions = Watch(), [], [keys(KEY)]

    def told(address: str) -> str:
        asked.append(address)
        if versions:
            return versions.pop()
        raise Unavailable("Secret Manager does not answer")

    ring = KeyRing("sm://projects/p/secrets/keys/versions/latest", watch, told)
    assert ring.key(SECRET)
    watch.now += 31
    assert ring.key(SECRET)
    assert len(asked) == 2


def test_who_asks_too_often_waits_for_the_window() -> None:
    watch = Watch()
    hasty = msgspec.structs.replace(KEY, per_minute=2)
    door, asks = access(watch, keys=keys(hasty)), {**ABROAD, "HTTP_X_API_KEY": SECRET}
    door.admit(asks), door.admit(asks)
    with pytest.raises(TooMany) as refused:
        door.admit(asks)
    watch.now += int(refused.value.headers["Retry-After"])
    assert door.admit(asks).name == "key fan"


def test_keys_cannot_be_guessed_at_leisure() -> None:
    door = access(keys=keys(KEY))
    for _ in range(10):
        with pytest.raises(KeyRefused):
            door.admit({**ABROAD, "HTTP_X_API_KEY": "ht_guess"})
    with pytest.raises(TooMany):
        door.admit({**ABROAD, "HTTP_X_API_KEY": "ht_guess"})


def test_a_push_is_never_counted() -> None:
    door = access()
    assert {door.admit({**ABROAD, "PATH_INFO": "/events"}).limits for _ in range(500)} == {None}


def test_pages_need_no_key_and_are_counted() -> None:
    door = access()
    for _ in range(60):
        door.admit({**ABROAD, "PATH_INFO": "/"})
    with pytest.raises(TooMany):
        door.admit({**ABROAD, "PATH_INFO": "/game/1"})


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),  # what a caller makes up stands further left
        ("203.0.113.7", 0, "192.0.2.1"),
        ("", 1, "unknown"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_what_our_proxy_saw(forwarded: str, proxies: int, found: str) -> None:
    assert address({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": forwarded}, proxies) == found


@pytest.fixture
def guarded() -> FlaskClient:
    objects = InMemoryObjectStore()
    fill(objects)
    hasty = msgspec.structs.replace(KEY, per_minute=2)
    rules = Rules(keys=keys(hasty), opens_loopback=False, origins=frozenset({"https://fans.example"}))
    return create_app(objects, lambda: NOW, rules=rules).test_client()


def test_a_refusal_says_what_is_expected(guarded: FlaskClient) -> None:
    answer = guarded.post("/predict/player", json={})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert "X-API-Key" in answer.json["detail"]


def test_too_many_say_when_to_come_again(guarded: FlaskClient) -> None:
    answers = [guarded.get("/teams", headers={"X-API-Key": SECRET}) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_probes_need_no_key(guarded: FlaskClient) -> None:
    assert [guarded.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_other_origins_may_ask_only_where_named(guarded: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "POST"}
    fans = guarded.options("/predict/game", headers={**asked, "Origin": "https://fans.example"})
    others = guarded.options("/predict/game", headers={**asked, "Origin": "https://evil.example"})
    assert fans.headers["Access-Control-Allow-Origin"] == "https://fans.example"
    assert "Access-Control-Allow-Origin" not in others.headers
