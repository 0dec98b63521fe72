"""Describes validation errors in plain sentences: path, what was expected, what came."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

LONGEST = 80  # characters of the given value that are shown

# Pydantic names the branch of a union in the path; no field has such a name.
_BRANCHES = ("constrained-", "function-")
_KINDS = {"none", "GameRequest", "PlayerRequest"}
_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "nothing: no field has this name",
    "date_type": "a date like 2026-04-15",
    "date_parsing": "a date like 2026-04-15",
    "date_from_datetime_parsing": "a date like 2026-04-15",
    "date_from_datetime_inexact": "a date like 2026-04-15",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_too_short": "text of at least {min_length} letter",
    "string_too_long": "text of at most {max_length} letters",
    "greater_than": "a number above {gt:.0f}",
    "greater_than_equal": "a number of at least {ge:.0f}",
    "less_than": "a number below {lt:.0f}",
    "less_than_equal": "a number of at most {le:.0f}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "json_invalid": "JSON ({error})",
    "value_error": "{error}",
}


def describe_errors(error: ValidationError) -> list[dict[str, str]]:
    """Return each part that does not fit: its path, what was expected there, and what came (shortened)."""
    expected: dict[str, list[str]] = {}
    got: dict[str, str] = {}
    for row in error.errors(include_url=False):
        if row["type"] == "none_required":  # a field that may be left out is not to be sent as null
            continue
        path = "/".join(str(part) for part in row["loc"] if not _is_branch(part))
        expected.setdefault(path, []).append(_expected(row["type"], row["msg"], row.get("ctx", {})))
        got[path] = "nothing" if row["type"] == "missing" else shown(row["input"])
    return [{"path": path, "expected": _joined(words), "got": got[path]} for path, words in expected.items()]


def shown(value: Any) -> str:
    """Return a value as JSON writes it, shortened."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")[:LONGEST]
    return json.dumps(value, default=str)[:LONGEST]


def _is_branch(part: str | int) -> bool:
    return isinstance(part, str) and (part in _KINDS or part.startswith(_BRANCHES))


def _expected(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Return what was expected; a kind that is not listed in pydantic's words."""
    listed = _EXPECTED.get(kind)
    return listed.format(**context) if listed else message.removeprefix("Input should be ")


def _joined(words: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(words))
