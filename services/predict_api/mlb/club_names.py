"""Finds clubs by any of their names: current ones, and those of other years and sources."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from services.predict_api.name_normalization import normalize_name
from services.predict_api.problems import AmbiguousTeam, UnknownTeam

ClubIndex = dict[str, dict[int, None]]  # the clubs that go by a plain name, in order

_ALTERNATIVE_NAMES = Path(__file__).with_name(
    "club_names.json"
)  # by MLB's id: earlier names, nicknames, other codes


class ClubNames:
    """The names of some clubs. A name in a snapshot precedes one from the list of alternatives."""

    def __init__(self, clubs: Mapping[int, Mapping[str, Any]]) -> None:
        self._clubs = clubs
        others: dict[str, list[str]] = json.loads(_ALTERNATIVE_NAMES.read_text("utf-8"))
        fields = ("name", "nickname", "location")
        self._indexes = (
            _index_by_name((club, [row["abbreviation"], str(club)]) for club, row in clubs.items()),
            _index_by_name((club, [row[field] for field in fields]) for club, row in clubs.items()),
            _index_by_name((club, others.get(str(club), [])) for club in clubs),
        )

    def club_id(self, given: str | int) -> int:
        """Return the id of the club with a name or an id; raises UnknownTeam, AmbiguousTeam."""
        name = normalize_name(str(given))
        for names in self._indexes:
            fits = names.get(name, {})
            if len(fits) > 1:
                raise AmbiguousTeam(given, [self._clubs[club]["name"] for club in fits])
            if fits:
                return next(iter(fits))
        raise UnknownTeam(given, self._close_matches(name))

    def _close_matches(self, name: str) -> list[str]:
        known = {
            one: club for names in reversed(self._indexes) for one, fits in names.items() for club in fits
        }
        suggestions = get_close_matches(name[:60], known, n=3, cutoff=0.5)
        return list(dict.fromkeys(self._clubs[known[one]]["name"] for one in suggestions))


def _index_by_name(names: Iterable[tuple[int, Iterable[str | None]]]) -> ClubIndex:
    found: ClubIndex = defaultdict(dict)
    for club, some in names:
        for name in filter(None, some):
            found[normalize_name(name)][club] = None
    return found
