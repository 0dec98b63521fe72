"""The push route asks its gate; questions do not."""

import pytest

from services.predict_api.app import create_app
from shared.errors import TokenRefused, Unavailable
from tests.unit.services.predict_api.release_store import NOW
from tests.unit.services.predict_api.serving.test_release_manager import pushed


def guarded(objects, error):
    def gate(header):
        if header != "Bearer ours":
            raise error

    return create_app(objects, lambda: NOW, gate).test_client()


@pytest.mark.parametrize(
    ("error", "status"), [(TokenRefused("no token"), 401), (Unavailable("no certificates"), 503)]
)
def test_a_push_that_proves_nothing_is_refused(objects, error, status):
    answer = guarded(objects, error).post("/events", data=b"{}")
    assert (answer.status_code, answer.json["detail"]) == (status, str(error))


def test_a_push_that_proves_its_sender_is_taken(objects):
    client = guarded(objects, TokenRefused("no token"))
    answer = client.post("/events", data=pushed(), headers={"Authorization": "Bearer ours"})
    assert (answer.status_code, answer.text) == (200, "done")


def test_a_question_needs_no_token_of_a_push(objects):
    assert guarded(objects, TokenRefused("no token")).get("/healthz").status_code == 200
