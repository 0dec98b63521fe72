"""Who is let in, and how often."""

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.problems import ApiKeyRejected, PushRejected, TooManyRequests, UnknownHost
from services.predict_api.serving.cache import InProcessCache
from services.predict_api.web.addresses import client_address, is_from_this_machine, parse_address
from services.predict_api.web.api_keys import ApiKey, ApiKeyStore, RateLimits, new_key
from services.predict_api.web.auth import AuthConfig, Authenticator
from services.predict_api.web.request import Request, merge_headers
from shared.errors import Unavailable
from shared.runtime.settings import Settings
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import NOW, fill

SECRET, KEY = new_key("fan")
ELSEWHERE = "203.0.113.9"


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def keys(*all_keys: ApiKey) -> str:
    return msgspec.json.encode(all_keys).decode()


def access(watch: Watch | None = None, **rules: object) -> Authenticator:
    return Authenticator(AuthConfig(**rules), InProcessCache(watch or Watch()), watch or Watch())


def local(path: str = "/teams", peer: str = "127.0.0.1", **headers: str) -> Request:
    """Return a request of this machine; `x_real_ip="…"` adds X-Real-IP."""
    given = {"host": "localhost:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request("GET", path, "", peer, given)


def remote(path: str = "/teams", secret: str = "", peer: str = ELSEWHERE) -> Request:
    return Request(
        "GET", path, "", peer, {"host": "api.example", **({"x-api-key": secret} if secret else {})}
    )


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_this_machine_needs_no_key(peer: str, host: str) -> None:
    assert access().authenticate(local(peer=peer, host=host)).limits is None


@pytest.mark.parametrize(
    "request_",
    [
        remote(),
        local(peer=""),
        local(peer="203.0.113.9"),
        local(peer="::ffff:203.0.113.9"),
        local(host="evil.example:8080"),
        local(host="localhost.evil.example"),
        local(host="127.0.0.1.evil.example"),
        local(host="0.0.0.0:8080"),
        local(host="localhost, evil.example"),
        local(host=""),
        local(origin="https://evil.example"),
        local(origin="null"),
        *(
            local(**{name: ELSEWHERE})
            for name in ("x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "x_real_ip", "forwarded")
        ),
        local(via="1.1 proxy"),
        local(cf_connecting_ip=ELSEWHERE),
    ],
    ids=lambda one: f"{one.peer} {one.headers}",
)
def test_nobody_else_comes_in_without_a_key(request_: Request) -> None:
    assert not is_from_this_machine(request_)
    with pytest.raises(ApiKeyRejected):
        access().authenticate(request_)


def test_where_keys_are_set_this_machine_needs_one_too() -> None:
    guarded = AuthConfig.from_settings(Settings(api_keys=keys(KEY)))
    with pytest.raises(ApiKeyRejected):
        Authenticator(guarded, InProcessCache(), Watch()).authenticate(local())
    opened = AuthConfig.from_settings(Settings(api_keys=keys(KEY), api_open_loopback=True))
    assert Authenticator(opened, InProcessCache(), Watch()).authenticate(local()).limits is None


@pytest.mark.parametrize("opened", [None, True])
def test_the_cloud_opens_to_no_address(opened: bool | None) -> None:
    rules = AuthConfig.from_settings(Settings(project="p", api_open_loopback=opened))
    with pytest.raises(ApiKeyRejected):
        Authenticator(rules, InProcessCache(), Watch()).authenticate(local())


@pytest.mark.parametrize("host", ["evil.example", "", "fans.example.evil.example"])
def test_only_named_hosts_are_served_where_some_are_named(host: str) -> None:
    door = Authenticator(
        AuthConfig.from_settings(Settings(api_hosts="fans.example, api.example")), InProcessCache(), Watch()
    )
    door.authenticate(Request("GET", "/", "", ELSEWHERE, {"host": "Fans.example:443"}))
    door.authenticate(local())
    door.authenticate(Request("GET", "/health", "", ELSEWHERE, {"host": host}))
    with pytest.raises(UnknownHost):
        door.authenticate(Request("GET", "/", "", ELSEWHERE, {"host": host}))


def test_a_key_opens_by_its_own_limits() -> None:
    caller = access(keys=keys(KEY)).authenticate(remote(secret=SECRET))
    assert (caller.name, caller.limits) == ("key fan", RateLimits(600, 20_000))


@pytest.mark.parametrize(
    "given",
    ["", "ht_wrong", KEY.sha256, SECRET[:-1], f"{SECRET}, {SECRET}"],
    ids=["none", "a guess", "its hash", "cut short", "sent twice"],
)
def test_another_secret_opens_nothing(given: str) -> None:
    with pytest.raises(ApiKeyRejected):
        access(keys=keys(KEY)).authenticate(remote(secret=given))


def test_a_revoked_key_opens_nothing() -> None:
    revoked = msgspec.structs.replace(KEY, is_revoked=True)
    with pytest.raises(ApiKeyRejected):
        access(keys=keys(revoked)).authenticate(remote(secret=SECRET))


def test_a_key_rests_without_its_secret() -> None:
    assert SECRET not in keys(KEY)
    assert len({new_key("a")[0] for _ in range(50)}) == 50


def test_a_key_is_revoked_while_the_api_runs(tmp_path: object) -> None:
    file, watch = tmp_path / "keys.json", Watch()
    file.write_text(keys(KEY))
    ring = ApiKeyStore(str(file), watch)
    assert ring.find_key(SECRET)
    file.write_text("[]")
    watch.now += 31
    ring.reload_keys()
    assert ring.find_key(SECRET) is None


@pytest.mark.parametrize("spoilt", [b"[{", b"{}", b"\xff\xfe[]", b"", b"[" * 100_000])
def test_a_spoilt_file_of_keys_changes_nothing(tmp_path: object, spoilt: bytes) -> None:
    file, watch = tmp_path / "keys.json", Watch()
    file.write_text(keys(KEY))
    ring = ApiKeyStore(str(file), watch)
    assert ring.find_key(SECRET)
    file.write_bytes(spoilt)
    watch.now += 31
    ring.reload_keys()
    assert ring.find_key(SECRET)


def test_what_is_revoked_by_hand_is_revoked() -> None:
    entry = {"name": "fan", "sha256": KEY.sha256}
    assert ApiKeyStore(msgspec.json.encode([entry]).decode()).find_key(SECRET)
    assert ApiKeyStore(msgspec.json.encode([{**entry, "revoked": True}]).decode()).find_key(SECRET) is None


def test_an_entry_with_an_unknown_field_opens_nothing_and_the_others_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other_secret, other = new_key("other")
    misspelt = {"name": "fan", "sha256": KEY.sha256, "revokd": True}
    ring = ApiKeyStore(msgspec.json.encode([misspelt, other]).decode())
    assert ring.find_key(SECRET) is None
    assert ring.find_key(other_secret) == other
    assert "entry 1 is not a key: Object contains unknown field `revokd`" in caplog.text


@pytest.mark.parametrize("content", [None, b"\xff\xfe["], ids=["folder", "no UTF-8"])
def test_a_file_that_cannot_be_keys_is_one_sentence(
    tmp_path: object, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys.json"
    file.mkdir() if content is None else file.write_bytes(content)
    assert ApiKeyStore(str(file)).find_key(SECRET) is None
    (record,) = caplog.records
    assert record.getMessage().startswith("the API keys cannot be read")
    assert str(file) in record.getMessage()
    assert record.exc_info is None


def test_a_key_is_revoked_in_the_secret_that_holds_it() -> None:
    watch, versions = Watch(), [keys(KEY)]
    ring = ApiKeyStore("sm://projects/p/secrets/keys/versions/latest", watch, lambda _: versions[-1])
    assert ring.find_key(SECRET)
    versions.append("[]")
    watch.now += 31
    ring.reload_keys()
    assert ring.find_key(SECRET) is None


def test_a_secret_out_of_reach_changes_nothing() -> None:
    watch, requested, versions = Watch(), [], [keys(KEY)]

    def result(address: str) -> str:
        requested.append(address)
        if versions:
            return versions.pop()
        raise Unavailable("Secret Manager does not answer")

    ring = ApiKeyStore("sm://projects/p/secrets/keys/versions/latest", watch, result)
    assert ring.find_key(SECRET)
    watch.now += 31
    ring.reload_keys()
    assert ring.find_key(SECRET)
    assert len(requested) == 2


def test_who_asks_too_often_waits_for_the_window() -> None:
    watch = Watch()
    hasty = msgspec.structs.replace(KEY, per_minute=2)
    door, asks = access(watch, keys=keys(hasty)), remote(secret=SECRET)
    door.authenticate(asks), door.authenticate(asks)
    with pytest.raises(TooManyRequests) as refused:
        door.authenticate(asks)
    watch.now += int(refused.value.headers["Retry-After"])
    assert door.authenticate(asks).name == "key fan"


def test_keys_cannot_be_guessed_at_leisure() -> None:
    door = access(keys=keys(KEY))
    for _ in range(10):
        with pytest.raises(ApiKeyRejected):
            door.authenticate(remote(secret="ht_guess"))
    with pytest.raises(TooManyRequests):
        door.authenticate(remote(secret="ht_guess"))


def test_on_one_machine_only_the_machine_itself_may_push_and_is_counted() -> None:
    door = access(keys=keys(KEY), trust_loopback=False, push_limits=RateLimits(3, 100))
    for _ in range(3):
        door.authenticate(local("/events"))
    with pytest.raises(TooManyRequests):
        door.authenticate(local("/events"))
    for other in (
        remote("/events", SECRET),
        local("/events", x_real_ip=ELSEWHERE),
        local("/events", host="evil"),
    ):
        with pytest.raises(PushRejected):
            door.authenticate(other)


def test_pushes_of_a_cloud_are_the_gates_to_judge() -> None:
    requested: list[str | None] = []
    door = Authenticator(AuthConfig(has_local_bus=False), InProcessCache(), Watch(), requested.append)
    assert door.authenticate(remote("/events")).limits is None
    assert requested == [None]


def test_pages_need_no_key_and_are_counted() -> None:
    door = access()
    for _ in range(60):
        door.authenticate(remote("/"))
    with pytest.raises(TooManyRequests):
        door.authenticate(remote("/game/1"))


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),  # what a caller makes up stands further left
        ("203.0.113.7", 0, "192.0.2.1"),
        ("203.0.113.7", 2, "192.0.2.1"),  # fewer proxies than there are: it came past one
        ("", 1, "unknown"),
        ("203.0.113.7:5678", 1, "203.0.113.7"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:80", 1, "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_what_our_proxy_saw(forwarded: str, proxies: int, found: str) -> None:
    requested = Request("GET", "/", "", "192.0.2.1", {"x-forwarded-for": forwarded})
    assert client_address(requested, proxies) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ('"[::1]:80"', "::1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("1.2.3.4.5", None),
        ("_hidden", None),
        ("01.2.3.4", None),
        ("", None),
    ],
)
def test_addresses_are_read_with_and_without_a_port(text: str, found: str | None) -> None:
    parsed = parse_address(text)
    assert (None if parsed is None else str(parsed)) == found


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    given = [("x_forwarded_for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]
    assert merge_headers(given) == {"x-forwarded-for": "1.1.1.1, 2.2.2.2"}


def test_fifty_thousand_other_callers_do_not_make_a_heavy_one_forgotten() -> None:
    door = access(keys=keys(KEY))
    for _ in range(11):
        with pytest.raises((ApiKeyRejected, TooManyRequests)):
            door.authenticate(remote(secret="ht_guess"))
    for number in range(120_000):
        other = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        with pytest.raises(ApiKeyRejected):
            door.authenticate(remote(secret="ht_guess", peer=other))
    with pytest.raises(TooManyRequests):
        door.authenticate(remote(secret="ht_guess"))


@pytest.fixture
def guarded() -> FlaskClient:
    objects = InMemoryObjectStore()
    fill(objects)
    hasty = msgspec.structs.replace(KEY, per_minute=2)
    rules = AuthConfig(keys=keys(hasty), trust_loopback=False, origins=frozenset({"https://fans.example"}))
    return create_app(objects, lambda: NOW, auth_config=rules).test_client()


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
    requested = {"Access-Control-Request-Method": "POST"}
    fans = guarded.options("/predict/game", headers={**requested, "Origin": "https://fans.example"})
    others = guarded.options("/predict/game", headers={**requested, "Origin": "https://evil.example"})
    assert fans.headers["Access-Control-Allow-Origin"] == "https://fans.example"
    assert "Access-Control-Allow-Origin" not in others.headers
