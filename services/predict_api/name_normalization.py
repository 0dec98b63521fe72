"""Names of players and clubs for comparison: without accents, dots and hyphens."""

import re
from unicodedata import combining, normalize

_APOSTROPHES, _HYPHENS = "'’‘ʼʻ`´", "-‐‑–"
_TRANSLATION = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", ".": "", ",": ""}
    | dict.fromkeys(_APOSTROPHES, "")
    | dict.fromkeys(_HYPHENS, " ")
)
_INITIALS = re.compile(r"\b(\w)((?: \w)+)\b")  # single letters in a row


def normalize_name(name: str) -> str:
    """Return a name for comparison: lower case without accents, dots, hyphens and double spaces.

    Initials are joined: J. T., J.T. and JT are one.
    """
    characters = "".join(
        character for character in normalize("NFKD", name.translate(_TRANSLATION)) if not combining(character)
    )
    words = " ".join(characters.casefold().translate(_TRANSLATION).split())
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), words)
