"""Queries on objects and dead letters that need neither the warehouse nor the run lock."""

from pathlib import Path
from typing import Any

import msgspec

from hankstank import suggestions
from hankstank.local.stores import list_models, objects_of
from hankstank.ops import dead_letters as ops_dead_letters
from services.features.catalogue import feature_entries
from shared.errors import UserError
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetter
from shared.modeling import registry
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import utc_now
from shared.runtime.settings import Settings


def list_dead_letters(home: Path) -> list[dict[str, Any]]:
    """Return all dead letters, without their bodies."""
    objects_of(home)
    return [_dead_letter_fields(letter) for letter in ops_dead_letters.list_dead_letters(Settings(home=home))]


def read_dead_letter(home: Path, number: int) -> dict[str, Any]:
    """Return one dead letter with its event, decoded if possible."""
    objects_of(home)
    letter = ops_dead_letters.find_dead_letter(Settings(home=home), number)
    return {**_dead_letter_fields(letter), "event": _carried_event(letter)}


def model_history(home: Path, target: str) -> list[dict[str, Any]]:
    """Return which version of a target was in production, from when to when."""
    history = registry.model_history(objects_of(home), target)
    if not history:
        known = sorted(one["target"] for one in list_models(home))
        raise UserError(f"no model forecasts {target!r}{suggestions.suggest_names(target, known)}")
    return [msgspec.to_builtins(period) for period in history]


def roll_back_model(home: Path, target: str, version: str) -> dict[str, Any]:
    """Put an earlier version back into production and return the new release."""
    objects = objects_of(home)
    known = registry.list_versions(objects, target)
    if version not in known:
        raise UserError(f"{target} has no version {version!r}{suggestions.suggest_names(version, known)}")
    now = read_world(objects).current_time(utc_now)
    release = registry.rollback_model(objects, target, version, now)
    return {"release": release.id, "target": target, "version": version, "reason": release.reason}


def find_features(name: str | None) -> list[dict[str, Any]]:
    """Return the catalogue entries whose name contains `name`; all without a name."""
    found = [msgspec.to_builtins(entry) for entry in feature_entries() if name is None or name in entry.name]
    if not found:
        meant = suggestions.suggest_names(name or "", [entry.name for entry in feature_entries()])
        raise UserError(f"no feature name contains {name!r}{meant} `hankstank features describe` lists all")
    return found


def _dead_letter_fields(letter: DeadLetter) -> dict[str, Any]:
    shown = ("id", "topic", "subscription", "run_id", "lane", "attempt", "reason", "parked_at", "replayed_at")
    return {name: getattr(letter, name) for name in shown}


def _carried_event(letter: DeadLetter) -> Any:
    try:
        return envelope.parse_delivery(letter.body).event.model_dump(mode="json")
    except Exception:  # noqa: BLE001 - an unreadable body may be why it is a dead letter
        return letter.body.decode(errors="replace")
