"""The sources' wire formats as types, with the fields that we read; other bodies fail to decode."""
