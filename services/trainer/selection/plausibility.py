"""A surprisingly good number is a bug until proven otherwise: what no honest forecast has reached."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from shared.modeling.manifest import Evaluation


def plausibility_warnings(target: str, evaluation: Evaluation) -> list[str]:
    """Return what is too good to be true about real seasons, in words; nothing on few games.

    A log loss must be below its bound by two standard errors to be suspicious.
    """
    bounds = _load_bounds()
    if evaluation.games < bounds["fewest_games"]:
        return []
    lowest = {
        "log_loss": evaluation.ours.log_loss + 2 * evaluation.ours.log_loss_se,
        "mae": evaluation.ours.mae,
    }
    return [
        f"{target}: {measure} {lowest[measure]:.4f} over {evaluation.games} games, "
        f"expected at least {bound}: look for a leak"
        for measure, bound in bounds.get(target, {}).items()
        if lowest[measure] < bound
    ]


@cache
def _load_bounds() -> dict[str, Any]:
    bounds: dict[str, Any] = json.loads(Path(__file__).with_name("plausible.json").read_text())
    return bounds
