"""Fresh dice for every question, so that one answer never depends on how many were asked before."""

import hashlib
from random import Random

import numpy as np


def _derive_entropy(seed: int, about: tuple[object, ...]) -> int:
    key = "|".join(map(str, (seed, *about)))
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def seeded_random(seed: int, *about: object) -> Random:
    """Return the dice that this seed always throws `about` this matter."""
    return Random(_derive_entropy(seed, about))


def seeded_generator(seed: int, *about: object) -> np.random.Generator:
    """Return the same for whole arrays."""
    return np.random.Generator(np.random.PCG64(_derive_entropy(seed, about)))
