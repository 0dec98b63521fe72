"""Finds players by name: without accents, by nickname, by part of the name, misspelled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from services.predict_api.name_normalization import normalize_name

Row = Mapping[str, Any]

# First names that are written one way and called another.
NICKNAMES = {
    "alexander": "alex", "andrew": "drew", "anthony": "tony", "benjamin": "ben", "cameron": "cam",
    "charles": "charlie", "christopher": "chris", "daniel": "danny", "david": "dave", "edward": "eddie",
    "francisco": "frankie", "frederick": "freddie", "gregory": "greg", "jacob": "jake", "james": "jimmy",
    "jeffrey": "jeff", "jonathan": "jon", "joseph": "joe", "joshua": "josh", "kenneth": "ken",
    "lawrence": "larry", "matthew": "matt", "michael": "mike", "mitchell": "mitch", "nathan": "nate",
    "nicholas": "nick", "patrick": "pat", "peter": "pete", "philip": "phil", "richard": "rick",
    "robert": "bobby", "ronald": "ron", "samuel": "sam", "stephen": "steve", "steven": "steve",
    "theodore": "ted", "thomas": "tom", "timothy": "tim", "vincent": "vince", "vladimir": "vlad",
    "walter": "walt", "william": "will", "zachary": "zach",
}  # fmt: skip
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}


class NameIndex:
    """The names of all players; the latest seen come first. Clubs distinguish players of one name."""

    def __init__(self, people: Mapping[int, Row]) -> None:
        self._people = people
        self._words: dict[str, set[int]] = defaultdict(set)
        self._full_names: dict[str, set[int]] = defaultdict(set)
        self._suffixes: dict[int, str] = {}
        for player_id, person in people.items():
            for word in _searchable_words(person):
                self._words[word].add(player_id)
            for name in _searchable_names(person):
                self._full_names[name].add(player_id)
            self._suffixes[player_id] = _split_suffix(normalize_name(person["full_name"]))[1]

    def search_players(self, query: str, limit: int) -> list[int]:
        """Return the ids of matching players, best first: exact, prefix of every word, close match.

        A number is the id of one player. A suffix decides the order among those who fit: its own bearers,
        then those without one, then others.
        """
        number = query.strip()  # int() keeps some of the control characters that strip() drops
        if number.isdecimal():
            return [one for one in (int(number),) if one in self._people]
        words, suffix = _split_suffix(_normalize_query(query))
        if not words:
            return []
        exact = self._full_names.get(" ".join(words), set())
        prefix_matches = self._match_prefixes(words) - exact
        found = [*self._sort_ids(exact, suffix), *self._sort_ids(prefix_matches, suffix)]
        return (found or self._match_closely(" ".join(words)))[:limit]

    def find_exact(self, query: str) -> list[int]:
        """Return the ids of all players with exactly this name, the latest seen first.

        With a suffix these are the players who have it, else those without one.
        """
        words, suffix = _split_suffix(_normalize_query(query))
        fits = self._full_names.get(" ".join(words), set())
        if suffix:
            without = {one for one in fits if not self._suffixes[one]}
            fits = {one for one in fits if self._suffixes[one] == suffix} or without
        return self._sort_ids(fits)

    def _match_prefixes(self, words: list[str]) -> set[int]:
        return set.intersection(*(self._match_prefix(word) for word in words[:6]))

    def _match_prefix(self, start: str) -> set[int]:
        return set().union(*(ids for word, ids in self._words.items() if word.startswith(start)))

    def _match_closely(self, query: str) -> list[int]:
        names = get_close_matches(query[:80], self._full_names, n=5, cutoff=0.75)
        return list(dict.fromkeys(one for name in names for one in self._sort_ids(self._full_names[name])))

    def _sort_ids(self, ids: Iterable[int], suffix: str = "") -> list[int]:
        def sort_key(one: int) -> tuple[int, int, int]:
            own = self._suffixes[one]
            fit = 0 if not suffix or own == suffix else 1 if not own else 2
            return fit, -_last_seen(self._people[one]), one

        return sorted(ids, key=sort_key)


def _normalize_query(query: str) -> str:
    """Return a name for comparison; Last, First becomes First Last."""
    last, _, first = query.partition(",")
    is_turned = normalize_name(first) not in {"", *_SUFFIXES}
    return normalize_name(f"{first} {last}" if is_turned else query)


def _split_suffix(name: str) -> tuple[list[str], str]:
    """Return the words of a plain name without its suffix, and the suffix; empty where it has none.

    The first word is never a suffix: JR Ritchie.
    """
    first, others = name.split()[:1], name.split()[1:]
    suffixes = [word for word in others if word in _SUFFIXES]
    return [*first, *(word for word in others if word not in _SUFFIXES)], suffixes[-1] if suffixes else ""


def _last_seen(person: Row) -> int:
    seen = person.get("last_seen")
    return int(seen.toordinal()) if seen else 0


def _searchable_words(person: Row) -> Iterator[str]:
    for name in (person["full_name"], person.get("nickname")):
        for word in normalize_name(name or "").split():
            yield word
            if word in NICKNAMES:
                yield NICKNAMES[word]


def _searchable_names(person: Row) -> Iterator[str]:
    words, _ = _split_suffix(normalize_name(person["full_name"]))
    called = [NICKNAMES.get(words[0], words[0]), *words[1:]] if words else []
    last = words[-1:] or [""]
    spoken = normalize_name(person.get("nickname") or "")
    yield from {" ".join(words), " ".join(called), spoken, f"{spoken} {last[0]}".strip()} - {""}
    if len(words) > 2:  # most people go by two of their three names
        yield from {" ".join(pair) for pair in combinations(words, 2) if pair[0] == words[0]}
