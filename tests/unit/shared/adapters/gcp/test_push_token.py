"""Only a push that Google signed for this room, in the name of our own sender, comes in."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt
from google.auth.transport.requests import Request
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.gcp.push_token import CachingTransport, TokenVerifier, verify_behind_iam, verify_push
from shared.errors import TokenRefused, Unavailable
from tests.contracts.refusing_server import Reply, serving
from tests.emulators import free_port

SERVICE, SENDER = "https://validator.example", "pubsub@baseball.iam.gserviceaccount.com"


def signer(key_id):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key, crypt.RSASigner.from_string(pem.decode(), key_id)


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    start = datetime.now(UTC) - timedelta(days=1)
    unsigned = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
    )
    return unsigned.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


KEY, SIGNER = signer("key-1")
_, STRANGER = signer("key-1")
CERTIFICATES = json.dumps({"key-1": certificate(KEY)}).encode()


def claims(**changes):
    now = int(time.time())
    about = {"iss": "https://accounts.google.com", "aud": SERVICE, "iat": now, "exp": now + 600}
    return {**about, "email": SENDER, "email_verified": True, **changes}


def header(signed_by=SIGNER, **changes):
    return f"Bearer {jwt.encode(signed_by, claims(**changes)).decode()}"


@pytest.fixture(scope="module")
def verifier():
    with serving(lambda _: Reply(200, CERTIFICATES)) as address, Request().session as session:
        yield TokenVerifier(CachingTransport(Request(session)), address)


def test_lets_our_own_push_in(verifier):
    verifier.verify_push(header(), SERVICE, SENDER)


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"aud": "https://loader.example"}, "loader.example"),
        ({"email": "stranger@elsewhere.example"}, "sender: expected pubsub@baseball"),
        ({"email": None}, "sender"),
        ({"email_verified": False}, "verified sender"),
        ({"email_verified": "true"}, "verified sender"),
        ({"iss": "https://issuer.example"}, "issuer"),
        ({"exp": NOW - 60, "iat": NOW - 600}, "expired"),
        ({"iat": NOW + 86_400, "exp": NOW + 86_700}, "too early"),
    ],
)
def test_refuses_other_claims(verifier, changes, told):
    with pytest.raises(TokenRefused, match=told):
        verifier.verify_push(header(**changes), SERVICE, SENDER)


def test_refuses_another_key_of_the_same_name(verifier):
    with pytest.raises(TokenRefused, match="signature"):
        verifier.verify_push(header(signed_by=STRANGER), SERVICE, SENDER)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", None])
def test_refuses_an_unsigned_token(verifier, algorithm):
    forged = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{part(claims())}."
    with pytest.raises(TokenRefused):
        verifier.verify_push(f"Bearer {forged}", SERVICE, SENDER)


@pytest.mark.parametrize("sent", [None, "", "Basic dXNlcg==", "Bearer", "Bearer ", "Bearer a b"])
def test_refuses_a_push_without_a_token(verifier, sent):
    with pytest.raises(TokenRefused, match="Authorization header"):
        verifier.verify_push(sent, SERVICE, SENDER)


def behind_iam(**changes):
    return f"Bearer {part({'alg': 'RS256'})}.{part(claims(**changes))}.SIGNATURE_REMOVED_BY_GOOGLE"


def test_a_private_room_takes_what_cloud_run_checked():
    verify_behind_iam(behind_iam(), SERVICE, SENDER)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://loader.example"},
        {"email": "stranger@elsewhere.example"},
        {"email_verified": False},
        {"iss": "https://issuer.example"},
        {"exp": NOW - 60},
        {"exp": None},
    ],
)
def test_a_private_room_refuses_other_claims(changes):
    with pytest.raises(TokenRefused):
        verify_behind_iam(behind_iam(**changes), SERVICE, SENDER)


def test_a_public_room_takes_no_token_without_its_signature(verifier):
    with pytest.raises(TokenRefused):
        verifier.verify_push(behind_iam(), SERVICE, SENDER)


@pytest.mark.parametrize("said", ["[]", "x", '"x"', ""])
def test_a_private_room_refuses_strange_claims(said):
    middle = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    with pytest.raises(TokenRefused):
        verify_behind_iam(f"Bearer e30.{middle}.SIGNATURE_REMOVED_BY_GOOGLE", SERVICE, SENDER)


@given(st.text() | st.lists(st.text(), min_size=3, max_size=3).map(".".join))
def test_garbage_is_refused_and_nothing_else(verifier, token):
    with pytest.raises(TokenRefused):
        verifier.verify_push(f"Bearer {token}", SERVICE, SENDER)


@pytest.mark.parametrize("first", [[], "x", 1, None, {"alg": ["RS256"]}, {"alg": "RS256", "kid": []}])
def test_a_strange_header_is_refused(verifier, first):
    with pytest.raises(TokenRefused):
        verifier.verify_push(f"Bearer {part(first)}.{part(claims())}.{part('x')}", SERVICE, SENDER)


def test_missing_certificates_may_pass():
    with Request().session as session:
        verifier = TokenVerifier(CachingTransport(Request(session)), f"http://127.0.0.1:{free_port()}")
        with pytest.raises(Unavailable, match="certificates"):
            verifier.verify_push(header(), SERVICE, SENDER)


def test_refused_certificates_may_pass():
    with serving(lambda _: Reply(503)) as address, Request().session as session:
        verifier = TokenVerifier(CachingTransport(Request(session)), address)
        with pytest.raises(Unavailable, match="certificates"):
            verifier.verify_push(header(), SERVICE, SENDER)


def test_a_push_without_a_token_asks_google_nothing():
    with pytest.raises(TokenRefused):
        verify_push(None, SERVICE, SENDER)


def test_certificates_are_kept_as_long_as_they_say():
    requested, now = [], [0.0]

    def answer(request):
        requested.append(request.path)
        return Reply(200, CERTIFICATES, {"Cache-Control": "public, max-age=100, must-revalidate"})

    with serving(answer) as address, Request().session as session:
        verifier = TokenVerifier(CachingTransport(Request(session), lambda: now[0]), address)
        for at in (0, 99, 101):
            now[0] = at
            verifier.verify_push(header(), SERVICE, SENDER)
    assert len(requested) == 2
