"""Bodies of requests: which are read at all, how long they may be, and how long they may take.

A body is read only on POST of a route that has one, and only of an admitted caller. Its length must be given
beforehand in plain digits. Reading holds no thread; it ends at a deadline, and only so many bodies are on
their way at once, in all and of one caller.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection

from services.predict_api.problems import (
    BodyIncomplete,
    BodyTimeout,
    BodyTooLarge,
    LengthInvalid,
    LengthMissing,
    TooManyBodies,
)
from services.predict_api.web.request import Request

MAX_BODY = 64 * 1024  # bytes: a question with two line-ups has about one thousand
BODY_TIMEOUT = 5.0  # seconds for a complete body
MAX_BODIES = 1024  # bodies on their way to one worker: at most 64 MiB
MAX_BODIES_PER_CLIENT = 64  # of one caller
_LENGTH = re.compile(
    r"0|[1-9][0-9]{0,15}"
)  # RFC 9110 lets zeros lead; no client sends them, and parsers differ


def body_length(request: Request, routes: Collection[str]) -> int:
    """Return how many bytes of body to read: 0 unless the request is a POST of one of `routes`.

    Raises LengthMissing for a chunked body, LengthInvalid, BodyTooLarge.
    """
    if request.method != "POST" or request.path not in routes:
        return 0
    if "transfer-encoding" in request.headers:
        raise LengthMissing
    given = request.headers.get("content-length", "0")
    if not _LENGTH.fullmatch(given):
        raise LengthInvalid(given)
    if int(given) > MAX_BODY:
        raise BodyTooLarge(MAX_BODY)
    return int(given)


class BodyReader:
    """Reads the bodies of one worker's requests."""

    def __init__(
        self,
        timeout: float = BODY_TIMEOUT,
        max_bodies: int = MAX_BODIES,
        max_per_client: int = MAX_BODIES_PER_CLIENT,
    ) -> None:
        self._timeout, self._max_bodies, self._max_per_client = timeout, max_bodies, max_per_client
        self._in_flight: Counter[str] = Counter()  # by caller
        self._total = 0  # their sum, which would be a walk over all callers

    async def read_body(self, receive: Callable[[], Awaitable[bytes]], client: str) -> bytes:
        """Return a complete body; raises TooManyBodies, BodyTimeout, BodyIncomplete."""
        if self._total >= self._max_bodies or self._in_flight[client] >= self._max_per_client:
            raise TooManyBodies
        self._in_flight[client] += 1
        self._total += 1
        try:
            async with asyncio.timeout(self._timeout):
                return await receive()
        except TimeoutError:
            raise BodyTimeout(self._timeout) from None
        except RuntimeError:  # the server raises it when the client disconnects
            raise BodyIncomplete from None
        finally:
            self._total -= 1
            self._in_flight[client] -= 1
            if not self._in_flight[client]:
                del self._in_flight[client]
