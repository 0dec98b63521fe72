"""Real seasons read from Retrosheet's event files."""

from hankstank.standins.retrosheet.world import RetrosheetWorld

__all__ = ["RetrosheetWorld"]
