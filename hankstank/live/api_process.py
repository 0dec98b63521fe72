"""The prediction API and its pages beside the live service: a child process, started again if it ends."""

import logging
from pathlib import Path

from hankstank.local.subprocesses import ServerProcess, start_server
from shared.errors import UserError

log = logging.getLogger(__name__)


class ApiProcess:
    """The API of a home on one address. It finds new releases in the stores by itself."""

    def __init__(self, home: Path, host: str, port: int, workers: int = 1) -> None:
        self._arguments = [
            *("hankstank", "serve", "--home", str(home), "--host", host),
            *("--port", str(port), "--workers", str(workers), "--print-address"),
        ]
        self._server: ServerProcess | None = None

    @property
    def url(self) -> str | None:
        """Return its address; None while it does not run."""
        return self._server.url if self._server and self._server.is_running else None

    def ensure_running(self) -> None:
        """Start it unless it runs; where it cannot start, the jobs go on and the next call tries again."""
        if self.url is not None:
            return
        self.stop()
        try:
            self._server = start_server(self._arguments)
        except UserError as error:
            log.warning("the API does not start: %s", error)

    def stop(self) -> None:
        """End its process."""
        if self._server is not None:
            self._server.stop()
            self._server = None
