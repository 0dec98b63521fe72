"""The notifier of tests keeps the port's promises, as far as it has no targets."""

import pytest

from tests.contracts.notifier import NotifierContract
from tests.fakes import RecordingNotifier


class TestRecordingNotifier(NotifierContract):
    @pytest.fixture
    def notifier(self):
        return RecordingNotifier()
