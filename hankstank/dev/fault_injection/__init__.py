"""Faults that change nothing: a week of a small league lived undisturbed and disturbed, and both compared."""
