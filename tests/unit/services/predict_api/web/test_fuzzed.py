"""Schemathesis over the OpenAPI document: no bug, and no answer that the document does not describe."""

import pytest
from hypothesis import HealthCheck, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.predict_api.app import create_app  # noqa: E402
from tests.fakes import InMemoryObjectStore  # noqa: E402
from tests.unit.services.predict_api.release_store import NOW, fill  # noqa: E402

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def described() -> object:
    objects = InMemoryObjectStore()
    fill(objects)
    app = create_app(objects, lambda: NOW)
    return schemathesis.openapi.from_wsgi("/openapi.json", lambda *requested: app(*from_here(*requested)))


def from_here(environ: dict[str, object], start_response: object) -> tuple[dict[str, object], object]:
    """Ask from this machine, which is not limited."""
    return {**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response


@described().parametrize()
@settings(max_examples=15, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_described(case: object) -> None:
    case.call_and_validate(checks=CHECKS)
