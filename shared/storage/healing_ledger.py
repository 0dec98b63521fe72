"""The ledger of repairs: what was found missing, what was done about it, and with what success."""

import logging
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

LEDGER_OBJECT = "daily/healing.json"
MAX_ENTRIES = 400
MAX_TRIES = 3
FIRST_INTERVAL = timedelta(hours=6)  # between the first two tries; each later one is four times as long
_GROWTH = 4

Outcome = Literal["trying", "healed", "given_up"]


class Repair(msgspec.Struct, frozen=True):
    """One thing that was missing: its cause, what is done about it, and how often it was tried.

    `key` names it, such as "rows 2026-05-03". Of a repair that is given up there is an alert, and `advice`
    says what a person must do.
    """

    key: str
    what: str
    cause: str
    action: str
    advice: str
    first_at: datetime
    last_at: datetime
    tries: int = 0
    outcome: Outcome = "trying"
    day: date | None = None

    def is_due(self, now: datetime) -> bool:
        """Return whether it is time for another try, or to give up."""
        return self.tries == 0 or now >= self.last_at + FIRST_INTERVAL * _GROWTH ** (self.tries - 1)


class HealingLedger(msgspec.Struct, frozen=True):
    """The newest repairs, the oldest first."""

    repairs: tuple[Repair, ...] = ()

    def open_repairs(self) -> dict[str, Repair]:
        """Return what is still missing by key: what is tried, and what was given up."""
        return {one.key: one for one in self.repairs if one.outcome != "healed"}

    def since(self, moment: datetime) -> list[Repair]:
        """Return the repairs that changed after a moment."""
        return [one for one in self.repairs if one.last_at > moment]


def load_ledger(objects: ObjectStore) -> HealingLedger:
    """Return the ledger; an empty one before the first repair, or where the object is damaged."""
    try:
        return msgspec.json.decode(objects.read_bytes(LEDGER_OBJECT), type=HealingLedger)
    except ObjectMissing:
        return HealingLedger()
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: damaged, a new one begins: %s", LEDGER_OBJECT, error)
        return HealingLedger()


def save_ledger(objects: ObjectStore, ledger: HealingLedger) -> None:
    """Store the newest repairs; those that are still tried are kept first."""
    excess = max(len(ledger.repairs) - MAX_ENTRIES, 0)
    oldest_done = [place for place, one in enumerate(ledger.repairs) if one.outcome == "healed"][:excess]
    kept = tuple(one for place, one in enumerate(ledger.repairs) if place not in oldest_done)
    objects.overwrite(LEDGER_OBJECT, msgspec.json.encode(HealingLedger(kept[-MAX_ENTRIES:])))
