"""Bodies of requests, read so that slow clients cannot take every thread of a worker.

The server has no deadline for a body, and a read given up halfway would stop the whole worker. So only some
of its threads wait for bodies at a time, further ones are refused unread, and threads are always left for who
sends none. Callers without a valid key are refused before anybody waits for what they send.
"""

import threading
from typing import Any

from services.predict_api.problems import TooManyBodies

READERS = 60  # of the hundred threads of a worker


class Bodies:
    """Reads bodies for one worker."""

    def __init__(self, readers: int = READERS) -> None:
        self._readers = threading.BoundedSemaphore(readers)

    def read(self, stream: Any, length: int) -> bytes:
        """Return `length` bytes of a stream, fewer where it ends; raises TooManyBodies."""
        if not self._readers.acquire(blocking=False):
            raise TooManyBodies
        try:
            return bytes(stream.read(length))
        finally:
            self._readers.release()
