"""Fault injection: runs with faults must end in the same state as a fault-free baseline."""
