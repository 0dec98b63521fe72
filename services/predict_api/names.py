"""People found by what they are called: without accents, by nickname, by part of the name, nearly spelled."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import Any
from unicodedata import combining, normalize

Row = Mapping[str, Any]

# First names that are written one way and called another.
CALLED = {
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
_APOSTROPHES, _HYPHENS = "'’‘ʼʻ`´", "-‐‑–"
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", ".": "", ",": ""}
    | dict.fromkeys(_APOSTROPHES, "")
    | dict.fromkeys(_HYPHENS, " ")
)
_INITIALS = re.compile(r"\b(\w)((?: \w)+)\b")  # single letters in a row


def plain(name: str) -> str:
    """Return a name as it is compared: small letters without accents, dots, hyphens and double spaces.

    Initials stand together, however they are written: J. T., J.T. and JT are one.
    """
    letters = "".join(
        letter for letter in normalize("NFKD", name.translate(_LETTERS)) if not combining(letter)
    )
    words = " ".join(letters.casefold().translate(_LETTERS).split())
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), words)


class Roll:
    """Everybody's names; the latest seen come first, for two players of one name are told apart by club."""

    def __init__(self, people: Mapping[int, Row]) -> None:
        self._people = people
        self._words: dict[str, set[int]] = defaultdict(set)
        self._full: dict[str, set[int]] = defaultdict(set)
        self._suffixes: dict[int, str] = {}
        for player_id, person in people.items():
            for word in _words_of(person):
                self._words[word].add(player_id)
            for name in _full_names(person):
                self._full[name].add(player_id)
            self._suffixes[player_id] = _split_suffix(plain(person["full_name"]))[1]

    def found(self, asked: str, limit: int) -> list[int]:
        """Return the ids of who may be meant, best first: exact, every word begun, nearly so.

        A number is the id of one player. A suffix decides the order among those who fit: its own bearers,
        then those without one, then others.
        """
        number = asked.strip()  # int() keeps some of the control characters that strip() drops
        if number.isdecimal():
            return [one for one in (int(number),) if one in self._people]
        words, suffix = _split_suffix(_in_order(asked))
        if not words:
            return []
        exact = self._full.get(" ".join(words), set())
        begun = self._begun(words) - exact
        found = [*self._ordered(exact, suffix), *self._ordered(begun, suffix)]
        return (found or self._near(" ".join(words)))[:limit]

    def named(self, asked: str) -> list[int]:
        """Return the ids of everybody who goes by exactly this name, the latest seen first.

        With a suffix these are its bearers; where nobody bears it, those who have none.
        """
        words, suffix = _split_suffix(_in_order(asked))
        fits = self._full.get(" ".join(words), set())
        if suffix:
            without = {one for one in fits if not self._suffixes[one]}
            fits = {one for one in fits if self._suffixes[one] == suffix} or without
        return self._ordered(fits)

    def _begun(self, words: list[str]) -> set[int]:
        return set.intersection(*(self._beginning(word) for word in words[:6]))

    def _beginning(self, start: str) -> set[int]:
        return set().union(*(ids for word, ids in self._words.items() if word.startswith(start)))

    def _near(self, asked: str) -> list[int]:
        names = get_close_matches(asked[:80], self._full, n=5, cutoff=0.75)
        return list(dict.fromkeys(one for name in names for one in self._ordered(self._full[name])))

    def _ordered(self, ids: Iterable[int], suffix: str = "") -> list[int]:
        def rank(one: int) -> tuple[int, int, int]:
            own = self._suffixes[one]
            fit = 0 if not suffix or own == suffix else 1 if not own else 2
            return fit, -_last_seen(self._people[one]), one

        return sorted(ids, key=rank)


def _in_order(asked: str) -> str:
    """Return a name as it is compared; one written as Last, First is turned round."""
    last, _, first = asked.partition(",")
    is_turned = plain(first) not in {"", *_SUFFIXES}
    return plain(f"{first} {last}" if is_turned else asked)


def _split_suffix(name: str) -> tuple[list[str], str]:
    """Return the words of a plain name without its suffix, and the suffix; empty where it has none.

    The first word is no suffix: JR Ritchie is called so.
    """
    first, others = name.split()[:1], name.split()[1:]
    suffixes = [word for word in others if word in _SUFFIXES]
    return [*first, *(word for word in others if word not in _SUFFIXES)], suffixes[-1] if suffixes else ""


def _last_seen(person: Row) -> int:
    seen = person.get("last_seen")
    return int(seen.toordinal()) if seen else 0


def _words_of(person: Row) -> Iterator[str]:
    for name in (person["full_name"], person.get("nickname")):
        for word in plain(name or "").split():
            yield word
            if word in CALLED:
                yield CALLED[word]


def _full_names(person: Row) -> Iterator[str]:
    words, _ = _split_suffix(plain(person["full_name"]))
    called = [CALLED.get(words[0], words[0]), *words[1:]] if words else []
    last = words[-1:] or [""]
    spoken = plain(person.get("nickname") or "")
    yield from {" ".join(words), " ".join(called), spoken, f"{spoken} {last[0]}".strip()} - {""}
    if len(words) > 2:  # two of three names are what most people are called by
        yield from {" ".join(pair) for pair in combinations(words, 2) if pair[0] == words[0]}
