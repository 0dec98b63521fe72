"""What every notifier promises; an adapter's test file subclasses this and says how to make one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from shared.notifications.ledger import SendLedger
from shared.notifications.outbox import Outbox
from shared.ports import Notifier, ObjectStore
from tests.fakes import InMemoryObjectStore
from tests.unit.shared.notifications.channels import SECRET, RecordingChannel, channels

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
DETAIL = {"run_id": "run-1", "dates": (NOON.date(),)}
WITHIN_S = 60


class NotifierContract:
    """Subclasses bring a fixture `notifier` that gives a Notifier without targets."""

    @pytest.mark.parametrize("severity", ["warning", "critical"])
    @pytest.mark.parametrize("detail", [{}, DETAIL, {"error": ValueError("x"), "deep": {"a": [object()]}}])
    def test_takes_any_alert(self, notifier, severity, detail):
        notifier.send_alert(severity, "batch graded F", detail)
        assert notifier.wait_until_sent(0)

    @pytest.mark.parametrize("html", [None, "<p>15 games</p>"])
    def test_takes_messages(self, notifier, html):
        notifier.send_message("Morning report", "15 games", html)
        assert notifier.wait_until_sent(0)


class MakesNotifiers(Protocol):
    """Returns a new notifier, as another process would have it."""

    def __call__(self, outbox: Outbox | None) -> Notifier: ...


@dataclass
class SendingWorld:
    """Notifiers that share a store, and two targets."""

    make: MakesNotifiers
    now: datetime = NOON
    objects: ObjectStore = field(default_factory=InMemoryObjectStore)
    targets: list[RecordingChannel] = field(default_factory=lambda: channels(2))

    def notifier(self, **how: Any) -> Notifier:
        ledger = SendLedger(self.objects, lambda: self.now)
        return self.make(Outbox([target.sender(**how) for target in self.targets], ledger))

    def titles(self, *notifiers: Notifier) -> list[list[str]]:
        assert all(notifier.wait_until_sent(WITHIN_S) for notifier in notifiers)
        return [target.titles for target in self.targets]


class SendingNotifierContract(NotifierContract):
    """Subclasses bring a fixture `make` besides, which makes notifiers with targets."""

    @pytest.fixture
    def world(self, make):
        return SendingWorld(make)

    @pytest.fixture
    def notifier(self, make):
        return make(None)

    def test_alert_reaches_every_target(self, world):
        notifier = world.notifier()
        notifier.send_alert("critical", "batch graded F", DETAIL)
        assert world.titles(notifier) == [["critical: batch graded F"]] * 2
        assert "run_id: run-1" in world.targets[0].received[0].text

    def test_message_reaches_every_target_with_its_page(self, world):
        notifier = world.notifier()
        notifier.send_message("Morning report", "15 games", "<p>15 games</p>")
        assert world.titles(notifier) == [["Morning report"]] * 2
        (message,) = world.targets[1].received
        assert (message.html, message.severity) == ("<p>15 games</p>", "info")

    def test_same_alert_is_sent_once_within_a_day_also_by_other_processes(self, world):
        one, other = world.notifier(), world.notifier()
        for notifier in (one, one, other):
            notifier.send_alert("warning", "features drifted", DETAIL)
        assert world.titles(one, other) == [["warning: features drifted"]] * 2
        world.now += timedelta(hours=24)
        other.send_alert("warning", "features drifted", DETAIL)
        assert world.titles(other) == [["warning: features drifted"] * 2] * 2

    def test_alerts_that_differ_are_all_sent(self, world):
        notifier = world.notifier()
        for severity, detail in (("warning", DETAIL), ("critical", DETAIL), ("warning", {"run_id": "run-2"})):
            notifier.send_alert(severity, "features drifted", detail)
        assert [len(titles) for titles in world.titles(notifier)] == [3, 3]

    def test_caller_does_not_wait_for_a_target_that_hangs(self, world, caplog):
        world.targets[0].hang()
        notifier = world.notifier(answer_within_s=0.05)
        for number in range(300):  # more than the queue holds
            notifier.send_alert("warning", f"alert {number}", {})
        assert notifier.wait_until_sent(WITHIN_S)
        assert (len(world.targets[1].received), world.targets[0].received) == (20, [])
        assert "no answer within 0.05 s" in caplog.text
        world.targets[0].released.set()

    @pytest.mark.parametrize("how", ["refuses", "breaks"])
    def test_target_that_fails_is_logged_without_its_secrets_and_stops_no_other(self, world, how, caplog):
        if how == "refuses":
            world.targets[0].reason = "error=401"
        else:
            world.targets[0].error = RuntimeError(f"https://hooks.slack.com/services/{SECRET}")
        notifier = world.notifier()
        notifier.send_alert("critical", "batch graded F", DETAIL)
        assert world.titles(notifier) == [[], ["critical: batch graded F"]]
        assert "notification 1 (slack://***) not sent" in caplog.text
        assert SECRET not in caplog.text
