"""The collector's sources: one module each, and the registry with their priority."""
