"""The ways the outside world goes wrong, as data: what to break, how, and how often."""

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

from simulator.http_response import Answer, told

SAVANT_CAP = 25_000
BOMB_MB = 128  # unpacked, of half a megabyte packed
DEPTH = 200_000  # of JSON that no reader follows
KEPT = 0.93  # of an answer that loses its end
_GZIP = {"Content-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Answers to paths that `path` (a regular expression) is found in go wrong `times` times (0: for ever).

    `kind` is one of `KINDS`; `seconds` is what Retry-After says, how long a hang lasts, or how long a trickle
    takes for a byte.
    """

    path: str
    kind: str
    times: int = 1
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer as it leaves: with more headers, breaking off in its middle, or byte by byte.

    Where the headers name an encoding the body is sent as it is here, never packed again.
    """

    answer: Answer
    headers: Mapping[str, str]
    breaks_off: bool = False
    seconds_a_byte: float = 0.0


class Faults:
    """The faults in force; an answer takes the first that fits its path. Safe to use from several threads."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.replace(faults)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Put other faults in force; ValueError names a kind nobody knows."""
        for fault in faults:
            if fault.kind not in KINDS:
                raise ValueError(f"fault kind must be one of {', '.join(sorted(KINDS))}, not {fault.kind!r}")
            re.compile(fault.path)
        with self._lock:
            self._faults = list(faults)

    def listed(self) -> list[dict[str, Any]]:
        """Return the faults still in force."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, path: str) -> Fault | None:
        """Return the fault that strikes a path now, using it up by one."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if re.search(fault.path, path):
                    self._use(place, fault)
                    return fault
        return None

    def _use(self, place: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._faults[place]
        elif fault.times > 1:
            self._faults[place] = replace(fault, times=fault.times - 1)


def strike(fault: Fault, answer: Answer) -> Broken:
    """Return an answer as the fault leaves it; a hang sleeps first."""
    return KINDS[fault.kind](answer.plain(), fault)


def _too_many(_answer: Answer, fault: Fault) -> Broken:
    said = told({"message": "Too Many Requests"}, 429)
    return Broken(said, {"Retry-After": f"{fault.seconds:g}"})


def _status(code: int) -> Callable[[Answer, Fault], Broken]:
    said = {"messageNumber": 1, "message": "Internal error occurred", "traceId": None}
    return lambda _answer, _fault: Broken(told(said, code), {})


def _gone(_answer: Answer, _fault: Fault) -> Broken:
    return Broken(told({"messageNumber": 10, "message": "Object not found"}, 404), {})


def _hang(answer: Answer, fault: Fault) -> Broken:
    time.sleep(fault.seconds)
    return Broken(answer, {})


def _truncated(answer: Answer, _fault: Fault) -> Broken:
    return _with(answer, answer.body[: len(answer.body) // 2])


def _cut_off(answer: Answer, _fault: Fault) -> Broken:
    return Broken(answer, {}, breaks_off=True)


def _trickle(answer: Answer, fault: Fault) -> Broken:
    return Broken(answer, {}, seconds_a_byte=fault.seconds)


def _gzip_none(answer: Answer, _fault: Fault) -> Broken:
    return Broken(answer, _GZIP)


def _gzip_truncated(answer: Answer, _fault: Fault) -> Broken:
    """Pack a body and lose the end of the stream: what unpacks of it looks whole."""
    packed = gzip.compress(answer.body, mtime=0)
    return Broken(replace(answer, body=packed[: int(len(packed) * KEPT)]), _GZIP)


def _gzip_bomb(answer: Answer, _fault: Fault) -> Broken:
    return Broken(replace(answer, body=_bomb()), _GZIP)


@cache
def _bomb() -> bytes:
    """Return white space, as any JSON may begin with, for `BOMB_MB` megabytes."""
    packing = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    megabyte = b" " * 1_000_000
    return b"".join(packing.compress(megabyte) for _ in range(BOMB_MB)) + packing.flush()


def _deep_json(answer: Answer, _fault: Fault) -> Broken:
    """Give an object a member that nobody reads and that nests too deep."""
    return _with(answer, answer.body.replace(b"{", b'{"deep":' + b"[" * DEPTH + b"]" * DEPTH + b",", 1))


def _csv_cut(answer: Answer, _fault: Fault) -> Broken:
    """Lose the end of a CSV in the middle of a line."""
    return _with(answer, answer.body[: int(len(answer.body) * KEPT)].rstrip(b"\n")[:-1])


def _lines_lost(answer: Answer, _fault: Fault) -> Broken:
    """Lose whole lines at the end of a CSV: it looks whole."""
    header, *rows = answer.body.splitlines(keepends=True)
    return _with(answer, b"".join([header, *rows[: int(len(rows) * KEPT)]]))


def _empty_object(answer: Answer, _fault: Fault) -> Broken:
    return _with(answer, b"{}")


def _empty_list(answer: Answer, _fault: Fault) -> Broken:
    """Keep a JSON body's keys and empty its lists; of a CSV keep the header."""
    if not _is_json(answer):
        return _with(answer, answer.body.splitlines(keepends=True)[0])
    body = json.loads(answer.body)
    return _rewritten(answer, {key: [] if isinstance(value, list) else value for key, value in body.items()})


def _wrong_content_type(answer: Answer, _fault: Fault) -> Broken:
    page = b"<html><body>We will be back soon.</body></html>"
    return Broken(replace(answer, body=page, content_type="text/html"), {})


def _malformed(answer: Answer, _fault: Fault) -> Broken:
    return _with(answer, answer.body.replace(b":", b"=", 3))


def _duplicated_game(answer: Answer, _fault: Fault) -> Broken:
    """List the first game of every date twice."""
    body = json.loads(answer.body)
    for day in body["dates"]:
        day["games"].insert(0, day["games"][0])
    return _rewritten(answer, body)


def _wrong_type(answer: Answer, _fault: Fault) -> Broken:
    """Write the first number found as a word."""
    return _with(answer, re.sub(rb'(":)\s*\d+', rb'\1"seven"', answer.body, count=1))


def _wrong_version(answer: Answer, _fault: Fault) -> Broken:
    """Tell the same under other keys, as a next version of the API might."""
    body = json.loads(answer.body)
    return _rewritten(answer, {f"{key}V2": value for key, value in body.items()})


def _unknown_columns(answer: Answer, _fault: Fault) -> Broken:
    """Give a CSV two columns more."""
    header, *rows = answer.body.decode().splitlines()
    wider = [f"{header},tide,moon_phase", *(f"{row},38.5,waxing" for row in rows)]
    return _with(answer, ("\n".join(wider) + "\n").encode())


def _over_cap(answer: Answer, _fault: Fault) -> Broken:
    """Repeat a CSV's rows until there are as many as the search ever sends."""
    header, *rows = answer.body.splitlines(keepends=True)
    repeated = rows * (SAVANT_CAP // max(len(rows), 1) + 1)
    return _with(answer, b"".join([header, *repeated[:SAVANT_CAP]]))


def _is_json(answer: Answer) -> bool:
    return "json" in answer.content_type


def _with(answer: Answer, body: bytes) -> Broken:
    return Broken(replace(answer, body=body), {})


def _rewritten(answer: Answer, body: Any) -> Broken:
    return _with(answer, json.dumps(body).encode())


KINDS: Mapping[str, Callable[[Answer, Fault], Broken]] = {
    "too_many_requests": _too_many,
    "server_error": _status(500),
    "unavailable": _status(503),
    "not_found": _gone,
    "hang": _hang,
    "truncated": _truncated,
    "cut_off": _cut_off,
    "trickle": _trickle,
    "gzip_none": _gzip_none,
    "gzip_truncated": _gzip_truncated,
    "gzip_bomb": _gzip_bomb,
    "deep_json": _deep_json,
    "csv_cut": _csv_cut,
    "lines_lost": _lines_lost,
    "empty_object": _empty_object,
    "empty_list": _empty_list,
    "wrong_content_type": _wrong_content_type,
    "malformed": _malformed,
    "duplicated_game": _duplicated_game,
    "wrong_type": _wrong_type,
    "wrong_version": _wrong_version,
    "unknown_columns": _unknown_columns,
    "over_cap": _over_cap,
}
