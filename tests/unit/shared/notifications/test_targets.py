"""Targets are parsed from the setting, refused with what is expected, and never shown with their secrets."""

import re
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidSetting
from shared.notifications.targets import FORMS, MASK, Target, parse_targets
from shared.runtime.settings import Settings

SECRETS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=3, max_size=40)
TOKENS = st.text(string.ascii_letters + string.digits + "-_", min_size=3, max_size=40)
SCHEMES = [scheme for schemes in FORMS for scheme in schemes]


@pytest.mark.parametrize(
    "divider", [" ", ",", ", ", "\n", " ,\n\t"], ids=["space", "comma", "both", "line", "all"]
)
def test_targets_are_divided_by_spaces_and_commas(divider):
    text = divider.join(("slack://a/b/c", "mailtos://u:p@mail.example?to=a%40b.c,d%40e.f", "JSON://host/x"))
    parsed = parse_targets(f"{divider}{text}{divider}")
    assert [(one.number, one.scheme, one.kind) for one in parsed] == [
        (1, "slack", "Slack"),
        (2, "mailtos", "e-mail"),
        (3, "json", "webhook"),
    ]
    assert parsed[1].url.endswith("d%40e.f")


@pytest.mark.parametrize("text", ["", "  ", "\n", ","])
def test_nothing_is_no_target(text):
    assert parse_targets(text) == ()


@pytest.mark.parametrize("schemes", FORMS)
def test_forms_that_messages_show_are_targets(schemes):
    (target,) = parse_targets(FORMS[schemes][1])
    assert target.scheme in schemes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slack://a/b/c slak://a/b/c", "target 2: expected a scheme of mailto or mailtos (e-mail), slack"),
        ("https://hooks.slack.com/services/T/B/x", "desktop), got https://"),
        ("xoxb-secret-token", "target 1: expected a URL such as mailtos://USER:PASSWORD@SMTP_HOST"),
        ("averylongtokenwithmanyletters://x", "got text without a scheme"),
        ("slack://a/b/c secret", "target 1: expected a URL without spaces (%20), got a slack:// with some"),
    ],
)
def test_other_text_is_refused_with_what_is_expected(text, message):
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        parse_targets(text)
    assert not any(word in str(refused.value) for word in ("secret", "hooks.slack.com", "averylong"))


def test_setting_is_checked_when_it_is_read(monkeypatch):
    monkeypatch.setenv("HANKSTANK_NOTIFY", "slack://a/b/c hook://secret/token")
    with pytest.raises(InvalidSetting, match=r"^HANKSTANK_NOTIFY: target 2: expected .* got hook://$"):
        Settings()


def test_settings_show_no_target(monkeypatch):
    monkeypatch.setenv("HANKSTANK_NOTIFY", "slack://secret/token/c")
    settings = Settings()
    assert settings.notify.get_secret_value() == "slack://secret/token/c"
    assert "secret" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_address_of_a_secret_is_resolved_later():
    address = "sm://projects/tank/secrets/notify-targets/versions/latest"
    assert Settings(notify=address).notify.get_secret_value() == address


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("slack://TA/BB/CC", "slack://***"),
        ("tgram://123:abc/42", "tgram://***"),
        ("discord://1/abc", "discord://***"),
        ("jsons://me:pass@hooks.example:8443/key?x=1", "jsons://hooks.example:8443/***"),
        ("mailtos://me:pass@mail.example?to=a%40b.c", "mailtos://mail.example/***"),
        ("mailtos://me:pass@mail.example?to=a@b.c", "mailtos://***"),
        ("json://me:12345/pass@host", "json://***"),
        ("json://me:p@ss@host", "json://***"),
        ("dbus://", "dbus://***"),
    ],
)
def test_masked_target_shows_scheme_and_host_only(url, masked):
    (target,) = parse_targets(url)
    assert target.masked == masked
    assert url not in repr(target)


@given(st.sampled_from(SCHEMES), st.lists(TOKENS, min_size=1, max_size=4), SECRETS)
def test_mask_shows_no_token(scheme: str, tokens: list[str], password: str) -> None:
    """The user, the password, the path and the query never show, nor a token in the host's place."""
    hosts_shown = scheme in {"mailto", "mailtos", "json", "jsons"}
    place = "mail.example" if hosts_shown else "x".join(tokens)
    url = f"{scheme}://{tokens[0]}:{quote(password, safe='')}@{place}/{'/'.join(tokens)}?key={tokens[-1]}"
    (target,) = parse_targets(url)
    shown = f"{scheme}://mail.example/{MASK}" if hosts_shown else f"{scheme}://{MASK}"
    assert target.masked == shown
    assert all(word not in f"{target!r}{target.key}" for word in tokens if len(word) > len("'json', number="))


@given(st.sampled_from(["mailto", "json"]), SECRETS, SECRETS)
def test_password_that_is_not_encoded_is_not_taken_for_the_host(
    scheme: str, user: str, password: str
) -> None:
    """Whatever signs a password has: what is shown is the part behind the last @, or nothing."""
    url = f"{scheme}://{user}:{password}@mail.example/path"
    masked = Target(1, scheme, url).masked
    assert masked in {f"{scheme}://{MASK}", f"{scheme}://mail.example/{MASK}"}


@given(st.lists(SECRETS, min_size=1, max_size=5), SECRETS, st.text(max_size=30), st.text(max_size=30))
def test_redacted_text_has_no_part_of_the_url(
    parts: list[str], password: str, before: str, after: str
) -> None:
    """Whether a library quotes the URL as it is, decoded, or piece by piece."""
    url = (
        f"jsons://me:{quote(password, safe='')}@host.example/{'/'.join(quote(one, safe='') for one in parts)}"
    )
    (target,) = parse_targets(url)
    words = {*parts, password, *(quote(one, safe="") for one in (*parts, password))}
    for word in words:
        redacted = target.redact(f"{before} <{word}> {after}")
        assert f"<{word}>" not in redacted.replace(MASK, "") or _is_not_secret(word)
    assert url not in target.redact(f"{before}{url}{after}")


def _is_not_secret(word: str) -> bool:
    """Return whether a word is the host, which is shown, or too short."""
    return word == "host.example" or len(word) < 3


def test_redacted_text_is_short():
    assert len(Target(1, "slack", "slack://a/b/c").redact("x" * 1000)) == 200
