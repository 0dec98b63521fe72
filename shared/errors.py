"""The two ways a step can fail on purpose, and the named conditions that derive from them."""


class Rejected(Exception):
    """Asking again cannot help: the shell parks the delivery as a dead letter and acknowledges it."""


class Unavailable(Exception):
    """Asking again may help: the shell answers 503 and the bus delivers again, later."""


class JobStillRunning(Unavailable):
    """A job does the work of this delivery; the bus comes again until it is done."""


class TokenRefused(Exception):
    """A push does not prove that our bus sent it: refused, and never worked on."""


class ObjectMissing(Rejected):
    """An object that an event names does not exist."""


class ObjectCorrupted(Rejected):
    """An object's bytes are not the bytes that were written."""


class StoreCorrupted(Rejected):
    """A file of this machine's stores is not what was written: it must be made anew."""


class ObjectConflict(Rejected):
    """A write-once name already holds other bytes."""


class InvalidObjectName(Rejected):
    """A name is not one an object can have: absolute, with `..`, empty parts or backslashes."""


class UnknownEvent(Rejected):
    """A body is no envelope, or speaks of an event or version this code does not know."""


class TableMismatch(Rejected):
    """Rows do not fit a table's definition."""


class QueryTooLarge(Rejected):
    """A query would read more than one query may: it is refused before it costs anything."""


class RowsMissing(Unavailable):
    """Rows that were merged are not there when counted."""


class StoreUnavailable(Unavailable):
    """An object store or a warehouse did not take a write or answer a read: full disk, read-only, locked."""


class SourceUnavailable(Unavailable):
    """A data source kept failing after its retries, or its circuit is open."""


class UserError(Exception):
    """A command cannot do what was asked; the message says why and what to do."""
