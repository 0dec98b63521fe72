"""Reads a response's body as it arrives, within a size and a deadline, and checks that it is complete."""

import zlib
from collections.abc import Callable
from typing import Protocol

import httpx

from services.collector.errors import InvalidBody, TransientError

MB = 1_000_000  # bytes
ENCODINGS = "gzip"  # what we accept; a source may also send a body unencoded
_GZIP = zlib.MAX_WBITS | 16


def read_body(response: httpx.Response, limit: int, is_late: Callable[[], bool]) -> bytes:
    """Return the body of a response that is open as a stream, unpacked.

    httpx would unpack a body of any size into memory, and accept a truncated one.

    Args:
        response: its raw bytes must not have been read.
        limit: the most bytes, as sent and as unpacked.
        is_late: whether the deadline of the request has passed; called after every piece.

    Raises:
        InvalidBody: the body is too large, truncated, or not encoded as its header says.
        TransientError: the deadline passed before the body ended.
        httpx.RequestError: the connection failed.
    """
    decoder = _create_decoder(response.headers.get("Content-Encoding", "identity").strip().lower())
    parts, sent, size = [], 0, 0
    for piece in response.iter_raw():
        part = decoder.decode_chunk(piece, limit - size)
        parts.append(part)
        sent, size = sent + len(piece), size + len(part)
        if max(sent, size) > limit:
            raise InvalidBody(f"expected a body of at most {limit / MB:g} MB, got more")
        if is_late():
            raise TransientError(f"expected the whole body before the deadline, got {sent} bytes of it")
    if not decoder.is_complete:
        raise InvalidBody(f"expected a complete gzip stream, it ends after {sent} bytes")
    return b"".join(parts)


class _Decoder(Protocol):
    @property
    def is_complete(self) -> bool: ...

    def decode_chunk(self, data: bytes, max_bytes: int) -> bytes: ...


class _IdentityDecoder:
    is_complete = True

    def decode_chunk(self, data: bytes, max_bytes: int) -> bytes:  # noqa: ARG002 - the caller counts what was sent
        return data


class _GzipDecoder:
    """Unpacks gzip members, one after the other, at most one byte more than requested."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    @property
    def is_complete(self) -> bool:
        return self._member.eof

    def decode_chunk(self, data: bytes, max_bytes: int) -> bytes:
        unpacked = b""
        while data and len(unpacked) <= max_bytes:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            try:
                unpacked += self._member.decompress(data, max_bytes + 1 - len(unpacked))
            except zlib.error as error:
                raise InvalidBody(f"expected gzip, as the header says: {error}") from None
            data = self._member.unused_data or self._member.unconsumed_tail
        return unpacked


def _create_decoder(encoding: str) -> _Decoder:
    if encoding in ("", "identity"):
        return _IdentityDecoder()
    if encoding in ("gzip", "x-gzip"):
        return _GzipDecoder()
    raise InvalidBody(f"expected a body in {ENCODINGS} or as it is, got Content-Encoding {encoding[:40]!r}")
