"""The kinds of faults, as data: where each strikes, how long it lasts, and what it may cost."""

from collections.abc import Mapping
from dataclasses import dataclass

GAMES = r"feed/live|/schedule"
MISSED = r"feed/live|/teams|/transactions|/standings"
FALTERS = r"feed/live|/schedule|/changes|/teams|/transactions|/standings"
RESTS = r"^(staging|reports|status|raw|snapshot|models|release)/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to go wrong at some places (a port's method, or the source).

    `only` is a regular expression that must be found in what is asked or written; `times` are the fewest and
    the most calls in a row that are struck; `heals_later` says that a later tick makes good what was lost,
    so that the last day of a run is spared; `parks` that a dead letter is what the fault is meant to end in;
    `deliveries` how many more deliveries one stroke may cost.
    """

    places: tuple[str, ...]
    only: str = ""
    times: tuple[int, int] = (1, 1)
    heals_later: bool = False
    parks: bool = False
    deliveries: int = 8  # one redelivery, and once more everything that follows from it


_WRITES = ("objects.put", "objects.create", "objects.replace")
_OBJECTS = (*_WRITES, "objects.get", "objects.exists", "objects.names")
_WAREHOUSE = ("warehouse.merge", "warehouse.query", "warehouse.ensure")
_PORTS = (*_OBJECTS, *_WAREHOUSE, "bus.publish")
_STEPS = (*_PORTS, "bus.deliver", "source.get")
_FORECASTS = r"^forecasts/"
_ASKED = ("source.get",)
_LOST_GAME = 32  # three rounds of re-collection and what follows from them
_TWICE = (1, 2)  # of five tries

KINDS: Mapping[str, Kind] = {
    "source.too_many_requests": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.server_error": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.unavailable": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.down": Kind(_ASKED, FALTERS, (6, 15), heals_later=True, parks=True, deliveries=_LOST_GAME),
    "source.not_found": Kind(_ASKED, MISSED, (1, 1), heals_later=True, deliveries=_LOST_GAME),
    "source.hang": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.truncated": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.cut_off": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.empty_object": Kind(_ASKED, GAMES, _TWICE, heals_later=True),
    "source.empty_list": Kind(_ASKED, "/schedule", heals_later=True),
    "source.wrong_content_type": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.malformed": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.duplicated_game": Kind(_ASKED, "/schedule"),
    "source.wrong_type": Kind(_ASKED, GAMES, heals_later=True),
    "source.wrong_version": Kind(_ASKED, GAMES, heals_later=True, deliveries=_LOST_GAME),
    "source.trickle": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.gzip_none": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.gzip_truncated": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.gzip_bomb": Kind(_ASKED, GAMES, _TWICE, heals_later=True),
    "source.deep_json": Kind(_ASKED, FALTERS, _TWICE, heals_later=True),
    "source.late": Kind(_ASKED, "", (1, 3)),
    "book.corrected_later": Kind(("source.edition",), heals_later=True),
    "bus.refused": Kind(("bus.publish",), times=(1, 3)),
    "bus.unsure": Kind(("bus.publish",)),
    "bus.lost": Kind(("bus.deliver",), times=(1, 2)),
    "bus.doubled": Kind(("bus.deliver",)),
    "bus.unacknowledged": Kind(("bus.deliver",)),
    "bus.reordered": Kind(("bus.deliver",)),
    "bus.late": Kind(("bus.deliver",)),
    "bus.poison_version": Kind(("bus.poison",), parks=True),
    "bus.poison_object": Kind(("bus.poison",), parks=True),
    "store.error_before": Kind(_OBJECTS),
    "store.error_after": Kind(_WRITES),
    "store.forecasts_refused": Kind(("objects.create",), _FORECASTS, (1, 4)),
    "store.corrupted_forecasts": Kind(("objects.get",), _FORECASTS, heals_later=True),
    "store.disk_full": Kind(_WRITES, times=(2, 4)),
    "store.slow": Kind(_OBJECTS, times=(1, 5)),
    "store.torn_file": Kind(("objects.put",), r"^staging/", heals_later=True, parks=True),
    "store.torn_snapshot": Kind(("objects.put",), r"^snapshot/", heals_later=True, parks=True),
    "store.torn_status": Kind(("objects.replace",), r"^status/"),
    "store.corrupted_read": Kind(("objects.get",), RESTS, parks=True),
    "warehouse.error_before": Kind(_WAREHOUSE),
    "warehouse.error_within": Kind(("warehouse.merge",)),
    "warehouse.error_after": Kind(("warehouse.merge",)),
    "warehouse.locked": Kind(_WAREHOUSE, times=(2, 4)),
    "warehouse.disk_full": Kind(("warehouse.merge",), times=(2, 4)),
    "clock.forth": Kind(("clock.now",)),
    "clock.back": Kind(("clock.now",), heals_later=True),
    "clock.timers_forth": Kind(("clock.timers",)),
    "clock.timers_back": Kind(("clock.timers",)),
    "death.before": Kind(_STEPS),
    "death.within_transaction": Kind(("warehouse.merge",)),
    "death.within_write": Kind(_WRITES),
    "death.after": Kind(_STEPS),
    "death.before_storing": Kind(("objects.create",), _FORECASTS),
    "death.after_answering": Kind(("api.answer",)),
}
