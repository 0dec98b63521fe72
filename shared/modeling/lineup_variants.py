"""Which line-ups a row was made from: posted, projected from each club's last nine, or unknown."""

from typing import Literal, get_args

Variant = Literal["confirmed", "projected", "unknown"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)  # the best known first
CONFIRMED: Variant = "confirmed"
