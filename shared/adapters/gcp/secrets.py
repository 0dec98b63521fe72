"""Secrets by address: what `sm://projects/…/secrets/…/versions/…` names in Secret Manager."""

import re

import google_crc32c
from google.api_core.exceptions import FailedPrecondition
from google.cloud.secretmanager_v1 import SecretManagerServiceClient

from shared.adapters.gcp.failures import GoogleRequest, grpc_retry, translated_errors
from shared.errors import Rejected, Unavailable

_ADDRESS = re.compile(r"sm://(projects/[^/]+/secrets/[\w-]+/versions/(?:latest|\d+|[\w-]+))")


def resolve_secret(
    address: str, client: SecretManagerServiceClient | None = None, deadline: float = 30.0
) -> str:
    """Return the secret that an address names, without the line end that a shell may have left on it.

    Raises Rejected where the address is none, or the secret is missing, disabled or forbidden; Unavailable
    where Secret Manager does not answer within `deadline` seconds.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        shape = "sm://projects/<project>/secrets/<name>/versions/latest"
        raise Rejected(f"expected a secret's address like {shape}, got {address[:80]!r}")
    name = found[1]
    missing = f"add it: gcloud secrets versions add {name.split('/')[3]} --data-file=-"
    forbidden = "grant roles/secretmanager.secretAccessor on it"
    with translated_errors(GoogleRequest(name, missing, forbidden)):
        try:
            secret_client = client or SecretManagerServiceClient()
            answer = secret_client.access_secret_version(
                name=name, retry=grpc_retry(deadline), timeout=deadline
            )
        except FailedPrecondition as error:
            raise Rejected(f"{name}: {error.message}: enable this version or add a new one") from None
    return _decode_secret(name, answer.payload.data, answer.payload.data_crc32c)


def _decode_secret(name: str, data: bytes, checksum: int) -> str:
    if checksum and google_crc32c.value(data) != checksum:
        raise Unavailable(f"{name}: came damaged (its CRC32C is not {checksum}): ask again")
    try:
        return data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Rejected(f"{name}: expected text in UTF-8, got {len(data)} other bytes") from None
