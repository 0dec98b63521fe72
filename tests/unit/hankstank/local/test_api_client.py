"""The console's questions to an API that answers what nobody can read."""

from datetime import date

import pytest

from hankstank.local.api_client import ApiClient, ApiError
from shared.errors import SourceUnavailable
from tests.emulators import answers
from tests.unit.services.collector.loopback import Reply, world

DAY = date(2026, 8, 5)
SLATE = f"/slate/{DAY}"


def test_answer_marked_gzip_that_is_none_is_told_in_a_sentence():
    with world({SLATE: Reply(200, b"{}", {"Content-Encoding": "gzip"})}) as api:
        client = ApiClient(api.url)
        with pytest.raises(SourceUnavailable, match=f"{api.url}: no answer"):
            client.predict_slate(DAY)
        client.close()


def test_answer_that_is_no_json_is_told_in_a_sentence():
    with world({SLATE: Reply(200, b"<html>")}) as api:
        client = ApiClient(api.url)
        with pytest.raises(ApiError, match="expected JSON, got '<html>'"):
            client.predict_slate(DAY)
        client.close()


def test_server_that_answers_what_nobody_can_read_does_not_answer():
    with world({"/": Reply(200, b"{}", {"Content-Encoding": "gzip"})}) as server:
        assert not answers(f"{server.url}/")
