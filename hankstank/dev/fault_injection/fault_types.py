"""The types of faults, as data: where each is injected, how often, and its allowed effects."""

from collections.abc import Mapping
from dataclasses import dataclass

GAME_PATHS = r"feed/live|/schedule"
MISSABLE_PATHS = r"feed/live|/teams|/transactions|/standings"
RETRIED_PATHS = r"feed/live|/schedule|/changes|/teams|/transactions|/standings"
READ_BACK_OBJECTS = r"^(staging|reports|status|raw|snapshot|models|release)/"


@dataclass(frozen=True, slots=True)
class FaultType:
    """A type of fault and the operations (a port's method, or the source) it is injected into.

    `pattern` is a regular expression that the call's target must match; `times` are the fewest and the most
    consecutive calls that fail; `recovers_later`: a later tick repairs the loss, so the last day of a run is
    exempt; `causes_dead_letter`: the fault may end in a dead letter; `extra_deliveries`: how many more
    deliveries one injection may cause.
    """

    operations: tuple[str, ...]
    pattern: str = ""
    times: tuple[int, int] = (1, 1)
    recovers_later: bool = False
    causes_dead_letter: bool = False
    extra_deliveries: int = 8  # one redelivery, and every step that follows once more


_OBJECT_WRITES = ("objects.put", "objects.create", "objects.replace")
_OBJECT_OPERATIONS = (*_OBJECT_WRITES, "objects.get", "objects.exists", "objects.names")
_WAREHOUSE_OPERATIONS = ("warehouse.merge", "warehouse.query", "warehouse.ensure")
_PORT_OPERATIONS = (*_OBJECT_OPERATIONS, *_WAREHOUSE_OPERATIONS, "bus.publish")
_STEP_OPERATIONS = (*_PORT_OPERATIONS, "bus.deliver", "source.get")
_FORECAST_OBJECTS = r"^forecasts/"
_SOURCE_REQUESTS = ("source.get",)
_LOST_GAME_DELIVERIES = 32  # three rounds of re-collection and the steps that follow
_ONCE_OR_TWICE = (1, 2)  # of five attempts

FAULT_TYPES: Mapping[str, FaultType] = {
    "source.too_many_requests": FaultType(
        _SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True
    ),
    "source.server_error": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.unavailable": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.down": FaultType(
        _SOURCE_REQUESTS,
        RETRIED_PATHS,
        (6, 15),
        recovers_later=True,
        causes_dead_letter=True,
        extra_deliveries=_LOST_GAME_DELIVERIES,
    ),
    "source.not_found": FaultType(
        _SOURCE_REQUESTS, MISSABLE_PATHS, (1, 1), recovers_later=True, extra_deliveries=_LOST_GAME_DELIVERIES
    ),
    "source.hang": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.truncated": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.cut_off": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.empty_object": FaultType(_SOURCE_REQUESTS, GAME_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.empty_list": FaultType(_SOURCE_REQUESTS, "/schedule", recovers_later=True),
    "source.wrong_content_type": FaultType(
        _SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True
    ),
    "source.malformed": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.duplicated_game": FaultType(_SOURCE_REQUESTS, "/schedule"),
    "source.wrong_type": FaultType(_SOURCE_REQUESTS, GAME_PATHS, recovers_later=True),
    "source.wrong_version": FaultType(
        _SOURCE_REQUESTS, GAME_PATHS, recovers_later=True, extra_deliveries=_LOST_GAME_DELIVERIES
    ),
    "source.trickle": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.gzip_none": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.gzip_truncated": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.gzip_bomb": FaultType(_SOURCE_REQUESTS, GAME_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.deep_json": FaultType(_SOURCE_REQUESTS, RETRIED_PATHS, _ONCE_OR_TWICE, recovers_later=True),
    "source.late": FaultType(_SOURCE_REQUESTS, "", (1, 3)),
    "book.corrected_later": FaultType(("source.edition",), recovers_later=True),
    "bus.refused": FaultType(("bus.publish",), times=(1, 3)),
    "bus.unsure": FaultType(("bus.publish",)),
    "bus.lost": FaultType(("bus.deliver",), times=(1, 2)),
    "bus.doubled": FaultType(("bus.deliver",)),
    "bus.unacknowledged": FaultType(("bus.deliver",)),
    "bus.reordered": FaultType(("bus.deliver",)),
    "bus.late": FaultType(("bus.deliver",)),
    "bus.poison_version": FaultType(("bus.poison",), causes_dead_letter=True),
    "bus.poison_object": FaultType(("bus.poison",), causes_dead_letter=True),
    "store.error_before": FaultType(_OBJECT_OPERATIONS),
    "store.error_after": FaultType(_OBJECT_WRITES),
    "store.forecasts_refused": FaultType(("objects.create",), _FORECAST_OBJECTS, (1, 4)),
    "store.corrupted_forecasts": FaultType(("objects.get",), _FORECAST_OBJECTS, recovers_later=True),
    "store.disk_full": FaultType(_OBJECT_WRITES, times=(2, 4)),
    "store.slow": FaultType(_OBJECT_OPERATIONS, times=(1, 5)),
    "store.torn_file": FaultType(
        ("objects.put",), r"^staging/", recovers_later=True, causes_dead_letter=True
    ),
    "store.torn_snapshot": FaultType(
        ("objects.put",), r"^snapshot/", recovers_later=True, causes_dead_letter=True
    ),
    "store.torn_status": FaultType(("objects.replace",), r"^status/"),
    "store.corrupted_read": FaultType(("objects.get",), READ_BACK_OBJECTS, causes_dead_letter=True),
    "warehouse.error_before": FaultType(_WAREHOUSE_OPERATIONS),
    "warehouse.error_within": FaultType(("warehouse.merge",)),
    "warehouse.error_after": FaultType(("warehouse.merge",)),
    "warehouse.locked": FaultType(_WAREHOUSE_OPERATIONS, times=(2, 4)),
    "warehouse.disk_full": FaultType(("warehouse.merge",), times=(2, 4)),
    "clock.forth": FaultType(("clock.now",)),
    "clock.back": FaultType(("clock.now",), recovers_later=True),
    "clock.timers_forth": FaultType(("clock.timers",)),
    "clock.timers_back": FaultType(("clock.timers",)),
    "death.before": FaultType(_STEP_OPERATIONS),
    "death.within_transaction": FaultType(("warehouse.merge",)),
    "death.within_write": FaultType(_OBJECT_WRITES),
    "death.after": FaultType(_STEP_OPERATIONS),
    "death.before_storing": FaultType(("objects.create",), _FORECAST_OBJECTS),
    "death.after_answering": FaultType(("api.answer",)),
}
