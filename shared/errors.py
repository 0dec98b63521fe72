"""The errors of the project: Rejected (permanent), Unavailable (transient), and their subclasses."""


class Rejected(Exception):
    """Not retryable: the delivery becomes a dead letter and is acknowledged."""


class Unavailable(Exception):
    """Retryable: the response is 503, and the bus delivers again later."""


class JobStillRunning(Unavailable):
    """A job does the work of this delivery; the bus retries until it is done."""


class TokenRefused(Exception):
    """A push does not prove that our bus sent it; it is refused before any work."""


class ObjectMissing(Rejected):
    """An object that an event names does not exist."""


class ObjectCorrupted(Rejected):
    """An object's bytes are not the bytes that were written."""


class StoreCorrupted(Rejected):
    """A file of this machine's stores is damaged and must be rebuilt."""


class ObjectConflict(Rejected):
    """A write-once name already holds other bytes."""


class InvalidObjectName(Rejected):
    """A name is not one an object can have: absolute, with `..`, empty parts or backslashes."""


class UnknownEvent(Rejected):
    """A body is no envelope, or its event or version is unknown."""


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
    """A command cannot be executed; the message says why and what to do."""


class InvalidSetting(UserError):
    """A setting of the deployment has a value out of bounds, or a name that it had earlier."""
