"""How long tests wait for what is expected: where all is well nobody waits, and a busy machine may stall for minutes."""

from hankstank.dev.local_cluster.processes import wait_until

__all__ = ["PATIENCE", "wait_until"]
PATIENCE = 600.0  # seconds; less than a test may take in all
