"""The notifier of Google Cloud keeps the port's promises."""

import pytest

from shared.adapters.gcp.notifier import LogNotifier
from tests.contracts.notifier import SendingNotifierContract


class TestLogNotifier(SendingNotifierContract):
    @pytest.fixture
    def make(self):
        return LogNotifier
