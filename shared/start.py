"""Starts one room's server in its image: what the Dockerfile's command runs, `$SERVICE` on `$PORT`."""

import os
import sys

from shared.rooms import Room, rooms

ANYWHERE = "0.0.0.0"  # noqa: S104 - a container listens to whoever its platform lets in
API_WORKERS = 2  # one for each CPU that rooms.json gives the API
API_PATIENCE = 8  # seconds to end, of the 10 that Cloud Run gives: a worker still starting hears no signal
API_THREADS = 100  # a thread waits for a slow body: more than the platform sends one instance at a time
API_HEADERS_WITHIN = 10_000  # milliseconds for a request's headers


def command(room: Room, port: str, host: str = ANYWHERE, api_workers: int = API_WORKERS) -> list[str]:
    """Return the module and its arguments that serve `room` on `port`."""
    entry = f"services/{room.name}/main.py"
    if not room.is_api:
        served = ["--target", room.target, "--source", entry, "--signature-type", "http"]
        return ["functions_framework", *served, "--host", host, "--port", port]
    served = [f"services.{room.name}.main:{room.target}", "--factory", "--interface", "wsgi", "--no-ws"]
    size = ["--workers", str(api_workers), "--blocking-threads", str(API_THREADS)]
    size += ["--workers-kill-timeout", str(API_PATIENCE)]
    size += ["--http1-header-read-timeout", str(API_HEADERS_WITHIN)]
    return ["granian", *served, *size, "--host", host, "--port", port]


def main() -> None:
    """Become the server of the room that `$SERVICE` names, so that it gets the platform's signals itself.

    Raises KeyError when `$SERVICE` is not set or names no room.
    """
    room = rooms()[os.environ["SERVICE"]]
    if room.is_api:  # one forecast is too small to share among threads: they would only disturb each other
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    served = command(room, os.environ.get("PORT", "8080"))
    os.execv(sys.executable, [sys.executable, "-m", *served])  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
