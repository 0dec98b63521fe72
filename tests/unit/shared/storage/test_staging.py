"""Stored manifests open whatever the fields are called in code."""

from datetime import date

import msgspec

from shared.storage.staging import Fallback, Manifest, read_struct
from tests.fakes import InMemoryObjectStore

STORED = (
    b'{"run_id": "r", "attempt": 1, "dates": ["2026-06-01"], "season_phase": "regular", "games": [1], '
    b'"datasets": [], "fallbacks": [{"game_pk": 1, "asked": "savant", "used": "feed", "reason": "late"}]}'
)


def test_manifest_of_earlier_version_opens() -> None:
    objects = InMemoryObjectStore()
    objects.write_once("staging/manifest.json", STORED)
    manifest = read_struct(objects, "staging/manifest.json", Manifest)
    assert manifest.dates == (date(2026, 6, 1),)
    assert manifest.fallbacks == (Fallback(1, preferred="savant", used="feed", reason="late"),)
    assert msgspec.to_builtins(manifest.fallbacks[0])["asked"] == "savant"
