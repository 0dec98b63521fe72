"""Parses, checks and masks the targets of notifications that HANKSTANK_NOTIFY lists."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

MASK = "***"
# What a target of each kind looks like, by its schemes.
FORMS = {
    ("mailto", "mailtos"): ("e-mail", "mailtos://USER:PASSWORD@SMTP_HOST?to=ADDRESS"),
    ("slack",): ("Slack", "slack://TOKEN_A/TOKEN_B/TOKEN_C"),
    ("discord",): ("Discord", "discord://WEBHOOK_ID/WEBHOOK_TOKEN"),
    ("tgram",): ("Telegram", "tgram://BOT_TOKEN/CHAT_ID"),
    ("json", "jsons"): ("webhook", "jsons://HOST/PATH"),
    ("dbus", "glib", "gnome", "macosx", "windows"): ("desktop", "dbus://"),
}
_BY_SCHEME = {scheme: about for schemes, about in FORMS.items() for scheme in schemes}
_KINDS_WITH_HOST = {"e-mail", "webhook"}  # elsewhere a token is in the host's place
_LONGEST_REASON = 200
_DIVIDER = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z]{1,12})://(?P<rest>.*)", re.DOTALL)
# An @ behind the host would mean that the "host" may be a piece of a password.
_HOST = re.compile(r"(?:[^@/?#]*@)?(?P<host>[A-Za-z0-9.-]+(?::\d{1,5})?)(?:[/?#][^@]*)?")
_SECRET_PART = re.compile(r"[^/@:?&=\s]{3,}")


@dataclass(frozen=True, slots=True)
class Target:
    """One target: its number in the setting (from 1), its scheme, and its URL, which holds secrets."""

    number: int
    scheme: str
    url: str = field(repr=False)

    @property
    def kind(self) -> str:
        """Return the kind of target, such as `Slack`."""
        return _BY_SCHEME[self.scheme][0]

    @property
    def form(self) -> str:
        """Return what a URL of this kind looks like."""
        return _BY_SCHEME[self.scheme][1]

    @property
    def masked(self) -> str:
        """Return the URL with nothing but its scheme and, of e-mail and webhooks, its host."""
        return f"{self.scheme}://{self._host}/{MASK}" if self._host else f"{self.scheme}://{MASK}"

    @property
    def key(self) -> str:
        """Return a name without secrets, for objects that belong to this target."""
        return f"{self.number}-{self.scheme}"

    def redact(self, text: str) -> str:
        """Return `text`, shortened, with the URL's parts masked, except its host and parts of two letters."""
        parts = {part for form in (self._rest, unquote(self._rest)) for part in _SECRET_PART.findall(form)}
        parts |= {unquote(part) for part in parts} | {quote(part, safe="") for part in parts}
        secret = sorted(parts - {self._host.partition(":")[0]}, key=len, reverse=True)
        hidden = re.sub("|".join(map(re.escape, secret)), MASK, text) if secret else text
        return hidden[:_LONGEST_REASON]

    @property
    def _host(self) -> str:
        """Return the host with its port, if this kind of target has one that is no secret; else nothing."""
        found = _HOST.fullmatch(self._rest) if self.kind in _KINDS_WITH_HOST else None
        return found["host"] if found else ""

    @property
    def _rest(self) -> str:
        return self.url.partition("://")[2]


def parse_targets(text: str) -> tuple[Target, ...]:
    """Return the targets of a setting, whose URLs are divided by white space or commas.

    Raises ValueError with the target's number and the expected schemes; it never shows more of a target than
    its scheme.

    Example:
        >>> [target.masked for target in parse_targets("slack://a/b/c jsons://hooks.example/key")]
        ['slack://***', 'jsons://hooks.example/***']
    """
    urls = [url for url in _DIVIDER.split(text.strip(" \t\r\n,")) if url]
    return tuple(_parse_target(number, url) for number, url in enumerate(urls, start=1))


def _parse_target(number: int, url: str) -> Target:
    found = _SCHEME.fullmatch(url)
    if found is None:
        raise ValueError(f"target {number}: expected a URL such as {_forms()}, got text without a scheme")
    scheme = found["scheme"].lower()
    if scheme not in _BY_SCHEME:
        raise ValueError(f"target {number}: expected a scheme of {_schemes()}, got {scheme}://")
    if any(letter.isspace() for letter in url):
        raise ValueError(f"target {number}: expected a URL without spaces (%20), got a {scheme}:// with some")
    return Target(number, scheme, url)


def _schemes() -> str:
    return ", ".join(f"{' or '.join(schemes)} ({kind})" for schemes, (kind, _) in FORMS.items())


def _forms() -> str:
    return " or ".join(form for _, form in FORMS.values())
