"""The types of faults, read from `fault_types.json`: where each is injected, how often, allowed effects."""

from collections.abc import Mapping
from pathlib import Path

import msgspec


class FaultType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A type of fault and the operations (a port's method, or the source) it is injected into.

    `pattern` is a regular expression that the call's target must match; `times` are the fewest and the most
    consecutive calls that fail; `recovers_later`: a later tick repairs the loss, so the last day of a run is
    exempt; `causes_dead_letter`: the fault may end in a dead letter; `extra_deliveries`: how many more
    deliveries one injection may cause (8: one redelivery and every step that follows once more; 32 where a
    game is missing for a day: three rounds of re-collection).
    """

    operations: tuple[str, ...]
    pattern: str = ""
    times: tuple[int, int] = (1, 1)
    recovers_later: bool = False
    causes_dead_letter: bool = False
    extra_deliveries: int = 8


FAULT_TYPES: Mapping[str, FaultType] = msgspec.json.decode(
    Path(__file__).with_suffix(".json").read_bytes(), type=dict[str, FaultType]
)
