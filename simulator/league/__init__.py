"""A simulated league: invented players in real parks, the same for a seed, with true probabilities."""

from simulator.league.world import SimulatedLeague

__all__ = ["SimulatedLeague"]
