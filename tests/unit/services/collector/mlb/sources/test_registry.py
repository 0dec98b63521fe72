"""The clients of a deployment: sources out in the world are spared when they fail, those on this machine are not."""

import httpx
import pytest

from services.collector.errors import CircuitOpen, PermanentError, TransientError
from services.collector.http_source import MAX_ATTEMPTS
from services.collector.mlb.sources.registry import open_sources
from shared.runtime.settings import Settings
from tests.unit.services.collector.fakes import Waits, Watch


@pytest.mark.parametrize(
    ("url", "failures"),
    [
        ("https://stats.example", [TransientError] * 3 + [CircuitOpen]),
        ("http://127.0.0.1:9", [TransientError] * 4),
    ],
)
def test_circuit_opens_after_three_failed_calls_but_never_on_loopback(url, failures):
    requests = []

    def fail(request):
        requests.append(request.url.path)
        return httpx.Response(503, stream=httpx.ByteStream(b"busy"))

    settings = Settings(mlb_api_url=url)
    with open_sources(settings, Waits(), Watch(), httpx.MockTransport(fail)) as sources:
        for failure in failures:
            with pytest.raises(failure):
                sources.mlb.fetch_seasons(2026)
    assert len(requests) == failures.count(TransientError) * MAX_ATTEMPTS


def test_requests_are_spaced_out_but_not_on_loopback():
    waits = []
    transport = httpx.MockTransport(lambda _: httpx.Response(404, stream=httpx.ByteStream(b"")))
    for url in ("https://stats.example", "http://127.0.0.1:9"):
        settings = Settings(mlb_api_url=url, requests_per_second=4.0)
        with open_sources(settings, waits.append, lambda: 0.0, transport) as sources:
            for _ in range(3):
                with pytest.raises(PermanentError):
                    sources.mlb.fetch_seasons(2026)
    assert waits == [0.25, 0.5]
