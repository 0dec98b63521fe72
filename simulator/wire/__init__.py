"""Scorebook records in, bodies in the outside world's wire formats out: pure functions, no clock."""
