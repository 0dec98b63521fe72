"""Attacks that a stranger can make, small enough for every run of the tests."""
