"""Which line-ups a row was made from: posted, projected from each club's last nine, or unknown."""

from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

Variant = Literal["confirmed", "projected", "unknown"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)  # the best known first
CONFIRMED: Variant = "confirmed"
_STATUS_COLUMNS = ("lineup_status", "home_lineup_status", "away_lineup_status")


def lineup_variants(rows: pl.DataFrame) -> NDArray[np.str_] | None:
    """Return which line-ups each row was made from; of both clubs, where either counts, the less known.

    None where the rows do not say.
    """
    statuses = [rows[name].to_numpy() for name in _STATUS_COLUMNS if name in rows.columns]
    if not statuses:
        return None
    least = np.full(rows.height, CONFIRMED, dtype="<U9")
    for known_less in VARIANTS[1:]:
        least[np.any([status == known_less for status in statuses], axis=0)] = known_less
    return least
