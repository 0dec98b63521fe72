"""Renders game records in the data sources' wire formats: pure functions, no clock."""
