"""Faults that the simulator injects into its responses: what to break, how, and how often."""

import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from threading import Lock
from typing import Any

from simulator.http_response import HttpResponse, json_response

SAVANT_CAP = 25_000
BOMB_MB = 128  # decompressed; half a megabyte compressed
NESTING_DEPTH = 200_000  # of JSON, past any parser's limit
KEPT_SHARE = 0.93  # of a response that is cut short
_GZIP = {"Content-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the responses of some paths.

    `path` is a regular expression searched for in the request path, `kind` a key of `FAULT_KINDS`, `times`
    how many responses it affects (0: all). `seconds` is the Retry-After value, the length of a hang, or a
    trickle's delay per byte.
    """

    path: str
    kind: str
    times: int = 1
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class FaultyResponse:
    """A response after a fault: extra headers, cut off in the middle, or sent byte by byte.

    If `headers` name a Content-Encoding, the body is sent as it is, never compressed again.
    """

    response: HttpResponse
    headers: Mapping[str, str]
    is_cut_off: bool = False
    seconds_per_byte: float = 0.0


class ActiveFaults:
    """The faults in force; a response takes the first that matches its path. Thread-safe."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.replace(faults)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Replace the faults in force; ValueError for an unknown kind, re.error for a bad `path`."""
        for fault in faults:
            if fault.kind not in FAULT_KINDS:
                raise ValueError(
                    f"fault kind must be one of {', '.join(sorted(FAULT_KINDS))}, not {fault.kind!r}"
                )
            re.compile(fault.path)
        with self._lock:
            self._faults = list(faults)

    def list_faults(self) -> list[dict[str, Any]]:
        """Return the faults still in force."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault for a request path and count one use of it; None without a match."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if re.search(fault.path, path):
                    self._consume_fault(index, fault)
                    return fault
        return None

    def _consume_fault(self, index: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._faults[index]
        elif fault.times > 1:
            self._faults[index] = replace(fault, times=fault.times - 1)


def apply_fault(fault: Fault, response: HttpResponse) -> FaultyResponse:
    """Return the response with the fault applied; a hang sleeps first."""
    return FAULT_KINDS[fault.kind](response.decompressed(), fault)


def _too_many_requests(_response: HttpResponse, fault: Fault) -> FaultyResponse:
    response = json_response({"message": "Too Many Requests"}, 429)
    return FaultyResponse(response, {"Retry-After": f"{fault.seconds:g}"})


def _error_status(code: int) -> Callable[[HttpResponse, Fault], FaultyResponse]:
    body = {"messageNumber": 1, "message": "Internal error occurred", "traceId": None}
    return lambda _response, _fault: FaultyResponse(json_response(body, code), {})


def _not_found(_response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return FaultyResponse(json_response({"messageNumber": 10, "message": "Object not found"}, 404), {})


def _delay_response(response: HttpResponse, fault: Fault) -> FaultyResponse:
    time.sleep(fault.seconds)
    return FaultyResponse(response, {})


def _truncate_body(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return _replace_body(response, response.body[: len(response.body) // 2])


def _cut_connection(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return FaultyResponse(response, {}, is_cut_off=True)


def _trickle_body(response: HttpResponse, fault: Fault) -> FaultyResponse:
    return FaultyResponse(response, {}, seconds_per_byte=fault.seconds)


def _gzip_none(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return FaultyResponse(response, _GZIP)


def _gzip_truncated(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Compress a body and drop the stream's end: the part that decompresses looks complete."""
    compressed = gzip.compress(response.body, mtime=0)
    return FaultyResponse(replace(response, body=compressed[: int(len(compressed) * KEPT_SHARE)]), _GZIP)


def _gzip_bomb(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return FaultyResponse(replace(response, body=_gzip_bomb_body()), _GZIP)


@cache
def _gzip_bomb_body() -> bytes:
    """Return `BOMB_MB` megabytes of white space, compressed: valid at the head of any JSON body."""
    compressor = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)  # 16: a gzip header
    megabyte = b" " * 1_000_000
    return b"".join(compressor.compress(megabyte) for _ in range(BOMB_MB)) + compressor.flush()


def _deep_json(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Add a member to an object that nobody reads and that nests too deep."""
    return _replace_body(
        response,
        response.body.replace(b"{", b'{"deep":' + b"[" * NESTING_DEPTH + b"]" * NESTING_DEPTH + b",", 1),
    )


def _truncate_csv(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Cut a CSV off in the middle of a line."""
    return _replace_body(response, response.body[: int(len(response.body) * KEPT_SHARE)].rstrip(b"\n")[:-1])


def _drop_csv_lines(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Drop whole lines at the end of a CSV: it still looks complete."""
    header, *rows = response.body.splitlines(keepends=True)
    return _replace_body(response, b"".join([header, *rows[: int(len(rows) * KEPT_SHARE)]]))


def _empty_object(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return _replace_body(response, b"{}")


def _empty_list(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Keep a JSON body's keys but empty its lists; keep only the header of a CSV."""
    if not _is_json(response):
        return _replace_body(response, response.body.splitlines(keepends=True)[0])
    body = json.loads(response.body)
    return _replace_json(
        response, {key: [] if isinstance(value, list) else value for key, value in body.items()}
    )


def _wrong_content_type(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    page = b"<html><body>We will be back soon.</body></html>"
    return FaultyResponse(replace(response, body=page, content_type="text/html"), {})


def _malform_json(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    return _replace_body(response, response.body.replace(b":", b"=", 3))


def _duplicate_game(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """List the first game of every date twice."""
    body = json.loads(response.body)
    for day in body["dates"]:
        day["games"].insert(0, day["games"][0])
    return _replace_json(response, body)


def _wrong_type(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Replace the first number by a word."""
    return _replace_body(response, re.sub(rb'(":)\s*\d+', rb'\1"seven"', response.body, count=1))


def _wrong_version(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Rename the keys, as the next version of an API might."""
    body = json.loads(response.body)
    return _replace_json(response, {f"{key}V2": value for key, value in body.items()})


def _unknown_columns(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Add two columns to a CSV."""
    header, *rows = response.body.decode().splitlines()
    lines = [f"{header},tide,moon_phase", *(f"{row},38.5,waxing" for row in rows)]
    return _replace_body(response, ("\n".join(lines) + "\n").encode())


def _exceed_row_cap(response: HttpResponse, _fault: Fault) -> FaultyResponse:
    """Repeat a CSV's rows up to the search's row limit."""
    header, *rows = response.body.splitlines(keepends=True)
    repeated = rows * (SAVANT_CAP // max(len(rows), 1) + 1)
    return _replace_body(response, b"".join([header, *repeated[:SAVANT_CAP]]))


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.content_type


def _replace_body(response: HttpResponse, body: bytes) -> FaultyResponse:
    return FaultyResponse(replace(response, body=body), {})


def _replace_json(response: HttpResponse, body: Any) -> FaultyResponse:
    return _replace_body(response, json.dumps(body).encode())


FAULT_KINDS: Mapping[str, Callable[[HttpResponse, Fault], FaultyResponse]] = {
    "too_many_requests": _too_many_requests,
    "server_error": _error_status(500),
    "unavailable": _error_status(503),
    "not_found": _not_found,
    "hang": _delay_response,
    "truncated": _truncate_body,
    "cut_off": _cut_connection,
    "trickle": _trickle_body,
    "gzip_none": _gzip_none,
    "gzip_truncated": _gzip_truncated,
    "gzip_bomb": _gzip_bomb,
    "deep_json": _deep_json,
    "csv_cut": _truncate_csv,
    "lines_lost": _drop_csv_lines,
    "empty_object": _empty_object,
    "empty_list": _empty_list,
    "wrong_content_type": _wrong_content_type,
    "malformed": _malform_json,
    "duplicated_game": _duplicate_game,
    "wrong_type": _wrong_type,
    "wrong_version": _wrong_version,
    "unknown_columns": _unknown_columns,
    "over_cap": _exceed_row_cap,
}
