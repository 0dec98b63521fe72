"""What Schemathesis is told of the stores it asks: half of its questions are then of games and players that are there."""

import json
import os
from typing import Any
from zlib import crc32

import schemathesis

KNOWN = json.loads(os.environ["HANKSTANK_KNOWN"])  # by field of a question: a value that has an answer


@schemathesis.hook
def map_body(_context: object, body: Any) -> Any:
    """Put what is known into half of the questions."""
    if isinstance(body, dict) and isinstance(body.get("questions"), list):
        return {**body, "questions": [_known(one) for one in body["questions"]]}
    return _known(body)


@schemathesis.hook
def map_path_parameters(_context: object, parts: Any) -> Any:
    """Put what is known into half of the paths."""
    return _known(parts)


def _known(requested: Any) -> Any:
    if not isinstance(requested, dict) or crc32(repr(requested).encode()) % 2:
        return requested
    return {name: KNOWN.get(name, value) for name, value in requested.items()}
