"""Where the collector asks: one module a source, and the registry that says who is asked first."""
