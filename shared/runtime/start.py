"""Starts one room's server in its image: what the Dockerfile's command runs, `$SERVICE` on `$PORT`."""

import os
import resource
import sys

from shared.runtime.services import ServiceSpec, load_services

ANYWHERE = "0.0.0.0"  # noqa: S104 - a container listens to whoever its platform lets in
API_WORKERS = 2  # one for each CPU that rooms.json gives the API
API_PATIENCE = 8  # seconds to end, of the 10 that Cloud Run gives: a worker still starting hears no signal
API_HEADERS_WITHIN = 5_000  # milliseconds for a request's head, and between requests on one connection
API_HEAD = 32 * 1024  # bytes of a request's head at most: so much a connection may hold
API_CONNECTIONS = 4096  # of a worker at a time; further ones wait in the kernel
API_BACKLOG = 4096  # connections that the kernel keeps while a worker takes others
API_OTHER_FILES = 256  # what a worker has open beside them


def server_command(
    room: ServiceSpec, port: str, host: str = ANYWHERE, api_workers: int = API_WORKERS
) -> list[str]:
    """Return the module and its arguments that serve `room` on `port`."""
    entry = f"services/{room.name}/main.py"
    if not room.is_api:
        served = ["--target", room.target, "--source", entry, "--signature-type", "http"]
        return ["functions_framework", *served, "--host", host, "--port", port]
    served = [f"services.{room.name}.main:{room.target}", "--factory", "--interface", "rsgi", "--no-ws"]
    served += ["--http", "1"]  # HTTP/2 has no deadline for idle connections
    size = ["--workers", str(api_workers), "--workers-kill-timeout", str(API_PATIENCE)]
    size += ["--http1-header-read-timeout", str(API_HEADERS_WITHIN), "--http1-buffer-size", str(API_HEAD)]
    size += ["--backlog", str(API_BACKLOG), "--backpressure", str(api_connections())]
    return ["granian", *served, *size, "--host", host, "--port", port]


def api_connections() -> int:
    """Raise the limit of open files as far as is needed; return how many connections a worker may hold."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = API_CONNECTIONS + API_OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return API_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(needed, soft) - API_OTHER_FILES)


def main() -> None:
    """Become the server of the room that `$SERVICE` names, so that it gets the platform's signals itself.

    Raises KeyError when `$SERVICE` is not set or names no room.
    """
    room = load_services()[os.environ["SERVICE"]]
    if room.is_api:  # one forecast is too small to share among threads: they would only disturb each other
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    served = server_command(room, os.environ.get("PORT", "8080"))
    os.execv(sys.executable, [sys.executable, "-m", *served])  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
