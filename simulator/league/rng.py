"""A random stream of its own for every purpose, so that no result depends on what was drawn before."""

import hashlib
from random import Random

import numpy as np


def _derive_entropy(seed: int, key: tuple[object, ...]) -> int:
    text = "|".join(map(str, (seed, *key)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def seeded_random(seed: int, *key: object) -> Random:
    """Return the random stream of a seed and a key such as ("plan", game_pk): always the same."""
    return Random(_derive_entropy(seed, key))


def seeded_generator(seed: int, *key: object) -> np.random.Generator:
    """Return a numpy generator of a seed and a key."""
    return np.random.Generator(np.random.PCG64(_derive_entropy(seed, key)))
