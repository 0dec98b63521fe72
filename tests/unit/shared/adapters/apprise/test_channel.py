"""Messages reach servers on this machine in the shape of each service; failures are named without secrets."""

import logging
from collections.abc import Iterator

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from shared.adapters.apprise.channel import AppriseChannel
from shared.errors import InvalidSetting
from shared.notifications.outbox import Failure, Message, TargetSender
from shared.notifications.targets import parse_targets
from tests.loopback_targets import HttpTarget, http_target, smtp_target

ALERT = Message("critical: batch graded F: not loaded", "run_id: run-1\nreason: 3 < 5", severity="critical")
REPORT = Message("Morning report", "15 games, 9 favourites won", "<h1>15 games</h1><p>9 favourites won</p>")
ALERT_TITLE = f"Hank's Tank: {ALERT.title}"
SLACK = ("TAAAAAAAA", "BBBBBBBBB", "cccccccccccccccccccccccc")
DISCORD = ("123456789012345678", "d" * 60)
TELEGRAM = "123456789:" + "e" * 35


def channel(url: str) -> AppriseChannel:
    (target,) = parse_targets(url)
    return AppriseChannel(target)


@pytest.fixture
def server() -> Iterator[HttpTarget]:
    with http_target() as target:
        yield target


@pytest.fixture
def services(server: HttpTarget, monkeypatch: pytest.MonkeyPatch) -> HttpTarget:
    """Return the server, to which Apprise takes what is meant for Slack, Discord and Telegram."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{server.address}/services")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{server.address}/api/webhooks")
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://{server.address}/bot")
    return server


def test_webhook_gets_title_text_and_severity(server):
    assert channel(f"json://{server.address}/hooks/key?x=1").deliver(ALERT) is None
    ((path, body),) = server.received
    assert path.startswith("/hooks/key")
    assert (body["title"], body["message"], body["type"]) == (ALERT_TITLE, ALERT.text, "failure")


def test_slack_gets_its_shape(services):
    services.answer = b"ok"
    assert channel(f"slack://{'/'.join(SLACK)}").deliver(ALERT) is None
    ((path, body),) = services.received
    assert path == f"/services/{'/'.join(SLACK)}"
    (attachment,) = body["attachments"]
    assert (attachment["title"], "run_id: run-1" in attachment["text"]) == (ALERT_TITLE, True)


def test_discord_gets_its_shape(services):
    services.status, services.answer = 204, b""
    assert channel(f"discord://{'/'.join(DISCORD)}").deliver(ALERT) is None
    ((path, body),) = services.received
    assert path.startswith(f"/api/webhooks/{'/'.join(DISCORD)}")
    assert ALERT.title in str(body)
    assert "reason: 3 < 5" in str(body)


def test_discord_gets_no_more_than_it_takes(services):
    services.status, services.answer = 204, b""
    assert channel(f"discord://{'/'.join(DISCORD)}").deliver(Message("long", "x" * 5000)) is None
    ((_, body),) = services.received
    assert 1900 < len(body["content"]) <= 2000


def test_telegram_gets_its_shape(services):
    services.answer = b'{"ok": true}'
    assert channel(f"tgram://{TELEGRAM}/42").deliver(ALERT) is None
    ((path, body),) = services.received
    assert (path, str(body["chat_id"])) == (f"/bot{TELEGRAM}/sendMessage", "42")
    assert ALERT.title in body["text"]
    assert "run-1" in body["text"]


def test_services_get_the_text_of_a_report_without_its_page(services):
    urls = {
        f"slack://{'/'.join(SLACK)}": b"ok",
        f"discord://{'/'.join(DISCORD)}": b"{}",
        f"tgram://{TELEGRAM}/42": b'{"ok": true}',
    }
    for url, services.answer in urls.items():
        assert channel(url).deliver(REPORT) is None
    bodies = [str(body) for _, body in services.received]
    assert [REPORT.text in body and "<h1>" not in body for body in bodies] == [True] * len(urls)


def mail_url(port: int) -> str:
    return (
        f"mailto://fan:pass%40word@127.0.0.1:{port}?from=tank%40example.com&to=me%40example.com&mode=insecure"
    )


def test_mail_has_the_page_of_a_report_and_a_plain_text():
    with smtp_target() as server:
        assert channel(mail_url(server.port)).deliver(REPORT) is None
    (mail,) = server.received
    assert (mail["Subject"], "me@example.com" in mail["To"]) == ("Hank's Tank: Morning report", True)
    assert "<h1>15 games</h1>" in mail.get_body(("html",)).get_content()
    assert "9 favourites won" in mail.get_body(("plain",)).get_content()


def test_mail_of_an_alert_is_its_text():
    with smtp_target() as server:
        assert channel(mail_url(server.port)).deliver(ALERT) is None
    (mail,) = server.received
    assert mail.get_body(("html",)) is None
    assert mail.get_body(("plain",)).get_content().splitlines() == ALERT.text.splitlines()


def test_refused_login_is_a_reason_without_the_password():
    with smtp_target(refuses=True) as server:
        reason = channel(mail_url(server.port)).deliver(ALERT)
    assert reason
    assert not any(secret in reason for secret in ("pass@word", "pass%40word", "fan:"))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_refusal_is_a_reason_with_the_status(server, status):
    server.status = status
    reason = channel(f"json://{server.address}/hooks/secretkey").deliver(ALERT)
    assert str(status) in reason
    assert "secretkey" not in reason


def test_no_secret_is_logged_at_any_level(services, caplog):
    caplog.set_level(logging.DEBUG)
    services.status = 403
    channel(f"slack://{'/'.join(SLACK)}").deliver(ALERT)
    channel(f"discord://{'/'.join(DISCORD)}").deliver(ALERT)
    channel(f"json://me:secretword@{services.address}/hooks/secretkey").deliver(ALERT)
    with smtp_target(refuses=True) as server:
        channel(mail_url(server.port)).deliver(ALERT)
    services.hangs = True
    channel(f"tgram://{TELEGRAM}/42?rto=0.1").deliver(ALERT)
    assert len(services.received) >= 4
    secrets = (*SLACK, *DISCORD, TELEGRAM, "secretword", "secretkey", "pass@word", "pass%40word")
    assert [secret for secret in secrets if secret in caplog.text] == []


def test_target_that_does_not_answer_is_a_reason():
    with http_target(hangs=True) as server:
        reason = channel(f"json://{server.address}/hooks/secretkey?rto=0.1").deliver(ALERT)
    assert reason
    assert "secretkey" not in reason


def test_target_that_hangs_is_left_after_its_time():
    with http_target(hangs=True) as server:
        sender = TargetSender(channel(f"json://{server.address}/key"), answer_within_s=0.2)
        assert sender.send(ALERT) == Failure("no answer within 0.2 s", may_have_arrived=True)
        assert sender.send(ALERT) == Failure("an earlier message hangs")


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("slack://secretone/secrettwo", "slack://TOKEN_A/TOKEN_B/TOKEN_C"),
        ("tgram://secretone", "tgram://BOT_TOKEN/CHAT_ID"),
        ("discord://secretone", "discord://WEBHOOK_ID/WEBHOOK_TOKEN"),
        ("windows://", "Windows with the Python package pywin32"),
    ],
)
def test_incomplete_target_is_refused_with_its_form_and_without_its_tokens(url, form, caplog):
    with pytest.raises(InvalidSetting, match=r"^HANKSTANK_NOTIFY: target 1 \(\w+://\*\*\*\)") as refused:
        channel(url)
    assert form in str(refused.value)
    assert "secret" not in str(refused.value) + caplog.text
