"""Secrets are read by address, whole, and a refusal says what to do."""

from contextlib import contextmanager

import google_crc32c
import pytest
from google.cloud.secretmanager_v1 import (
    AccessSecretVersionRequest,
    AccessSecretVersionResponse,
    SecretManagerServiceClient,
)
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)
from grpc import StatusCode

from shared.adapters.gcp.secrets import resolve_secret
from shared.errors import Rejected, Unavailable
from tests.contracts.refusing_grpc import Refused, serving

ADDRESS = "sm://projects/baseball/secrets/weather-api-key/versions/latest"


@contextmanager
def manager(answer):
    kinds = (AccessSecretVersionRequest, AccessSecretVersionResponse)
    service = "google.cloud.secretmanager.v1.SecretManagerService"
    with serving(service, "AccessSecretVersion", *kinds, answer) as channel:
        yield SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))


def secret(data, checksum=None):
    result = google_crc32c.value(data) if checksum is None else checksum
    return lambda _: AccessSecretVersionResponse(payload={"data": data, "data_crc32c": result})


def refusing(code):
    def refuse(_):
        raise Refused(code)

    return refuse


def test_reads_what_the_address_names():
    requested = []

    def answer(request):
        requested.append(request.name)
        return secret(b"key")(request)

    with manager(answer) as client:
        assert resolve_secret(ADDRESS, client) == "key"
    assert requested == ["projects/baseball/secrets/weather-api-key/versions/latest"]


def test_leaves_out_the_line_end_of_a_shell():
    with manager(secret("clé\n".encode())) as client:
        assert resolve_secret(ADDRESS, client) == "clé"


def test_damaged_secret_is_asked_for_again_later():
    with manager(secret(b"key", checksum=1)) as client, pytest.raises(Unavailable, match="damaged"):
        resolve_secret(ADDRESS, client)


def test_refuses_what_is_no_text():
    with manager(secret(b"\xff\xfe")) as client, pytest.raises(Rejected, match="UTF-8"):
        resolve_secret(ADDRESS, client)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (StatusCode.NOT_FOUND, "gcloud secrets versions add weather-api-key"),
        (StatusCode.PERMISSION_DENIED, "grant roles/secretmanager.secretAccessor"),
        (StatusCode.FAILED_PRECONDITION, "enable this version"),
    ],
)
def test_refusal_says_what_to_do(code, advice):
    with manager(refusing(code)) as client, pytest.raises(Rejected, match=f"weather-api-key.*{advice}"):
        resolve_secret(ADDRESS, client)


@pytest.mark.parametrize("code", [StatusCode.RESOURCE_EXHAUSTED, StatusCode.INTERNAL])
def test_outage_may_pass(code):
    with manager(refusing(code)) as client, pytest.raises(Unavailable, match="weather-api-key"):
        resolve_secret(ADDRESS, client, deadline=0.3)


@pytest.mark.parametrize(
    "address", ["", "sm://", "sm://projects/p/secrets/s", "projects/p/secrets/s/versions/1", f"{ADDRESS}/x"]
)
def test_refuses_what_is_no_address(address):
    with pytest.raises(Rejected, match="expected a secret's address"):
        resolve_secret(address)
