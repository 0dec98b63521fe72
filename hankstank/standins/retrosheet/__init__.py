"""Real seasons read from Retrosheet's event files."""

from hankstank.standins.retrosheet.season import RetrosheetWorld

__all__ = ["RetrosheetWorld"]
