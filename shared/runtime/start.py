"""Starts the server of one service in the image: `$SERVICE` on `$PORT`, the Dockerfile's command."""

import os
import resource
import sys

from shared.runtime.services import ServiceSpec, load_services

ANYWHERE = "0.0.0.0"  # noqa: S104 - a container listens to whoever its platform lets in
API_WORKERS = 2  # one for each CPU of the API in services.json
API_PATIENCE = 8  # seconds to stop, of Cloud Run's 10: a worker that is still starting ignores signals
API_HEADERS_WITHIN = 5_000  # milliseconds for a request's head, and between requests on one connection
API_HEAD = 32 * 1024  # most bytes of a request's head, which bounds the memory of a connection
API_CONNECTIONS = 4096  # of a worker at a time; further ones wait in the kernel
API_BACKLOG = 4096  # connections that the kernel keeps while a worker takes others
API_OTHER_FILES = 256  # what a worker has open beside them


def server_command(
    service: ServiceSpec, port: str, host: str = ANYWHERE, api_workers: int = API_WORKERS
) -> list[str]:
    """Return the module and its arguments that serve `service` on `port`."""
    entry = f"services/{service.name}/main.py"
    if not service.is_api:
        served = ["--target", service.target, "--source", entry, "--signature-type", "http"]
        return ["functions_framework", *served, "--host", host, "--port", port]
    served = [f"services.{service.name}.main:{service.target}", "--factory", "--interface", "rsgi", "--no-ws"]
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
    """Replace this process by the server of `$SERVICE`, so that it receives the platform's signals.

    Raises KeyError if `$SERVICE` is not set or unknown.
    """
    service = load_services()[os.environ["SERVICE"]]
    if service.is_api:  # a forecast is too small for several threads
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    served = server_command(service, os.environ.get("PORT", "8080"))
    os.execv(sys.executable, [sys.executable, "-m", *served])  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
