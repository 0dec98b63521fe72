"""Real seasons read from Retrosheet's event files."""

from simulator.retrosheet.world import RetrosheetWorld

__all__ = ["RetrosheetWorld"]
