"""Servers that answer the same question from the same store, each in its own way."""
