"""What the collector reads of the wire, as types: a body that does not fit is refused where it is decoded."""
