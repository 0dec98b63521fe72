"""The notifier of one machine keeps the port's promises."""

import pytest

from shared.adapters.local.notifier import LocalNotifier
from tests.contracts.notifier import NOON, SendingNotifierContract


class TestLocalNotifier(SendingNotifierContract):
    @pytest.fixture
    def make(self, tmp_path):
        return lambda outbox: LocalNotifier(tmp_path, lambda: NOON, outbox)


class TestLocalNotifierThatCannotWrite(SendingNotifierContract):
    """A file where the folder should be: alerts still reach people."""

    @pytest.fixture
    def make(self, tmp_path):
        (tmp_path / "home").write_text("a file")
        return lambda outbox: LocalNotifier(tmp_path / "home", lambda: NOON, outbox)
