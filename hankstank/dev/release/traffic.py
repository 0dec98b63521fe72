"""Moves Cloud Run's traffic: held while a new revision comes up, moved once it is healthy, and back again.

Needs nothing but Python and a `gcloud` that is logged in, with its project and run/region set.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError

from shared.runtime.services import rooms

CANDIDATE = "candidate"  # the tag, and first part of the address, of a revision without traffic
HEALTH = "/health"
ATTEMPTS, PAUSE = 10, 3.0  # of asking the candidate, and seconds between


class NotHealthy(Exception):  # noqa: N818 - named for the condition
    """A new revision did not come up: traffic stays where it is."""


def hosts() -> list[str]:
    """Return the names of the Cloud Run services that the image runs as."""
    return [_host(room.name) for room in rooms().values() if room.runs_as == "service"]


def hold() -> None:
    """Bind the traffic of every standing service to its revision, so that a new one gets none."""
    for host, status in _standing().items():
        _route(host, f"--to-revisions={_serving(status)}=100")


def attempt() -> None:
    """Tag the newest revision of every service and ask the API's for its health.

    Raises NotHealthy when a newest revision is not ready, or the API's does not answer 200.
    """
    for host, status in _standing().items():
        newest, ready = status["latestCreatedRevisionName"], status.get("latestReadyRevisionName")
        if newest != ready:
            raise NotHealthy(f"{host}: expected {newest} to be ready, the last that is ready is {ready}")
        _route(host, f"--update-tags={CANDIDATE}={newest}")
    api = _host(next(room.name for room in rooms().values() if room.is_api))
    tagged = [one for one in _standing()[api]["traffic"] if one.get("tag") == CANDIDATE]
    _ask(tagged[0]["url"] + HEALTH)


def move() -> None:
    """Send all traffic of every service to the revision that was tagged."""
    for host in _standing():
        _route(host, f"--to-tags={CANDIDATE}=100")


def back(host: str, revision: str) -> None:
    """Send all traffic of one service to an earlier revision."""
    _route(host, f"--to-revisions={revision}=100")


def main() -> None:
    """Do what the command line says: hold, try, move, or back HOST REVISION."""
    parser = argparse.ArgumentParser(prog="python -m hankstank.dev.release.traffic", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in (("hold", hold), ("try", attempt), ("move", move), ("back", back)):
        commands.add_parser(name, help=function.__doc__).set_defaults(function=function)
    commands.choices["back"].add_argument("host", choices=hosts())
    commands.choices["back"].add_argument("revision")
    told = vars(parser.parse_args())
    function = told.pop("function")
    del told["command"]
    try:
        function(**told)
    except NotHealthy as reason:
        sys.exit(f"traffic stays where it is: {reason}")


def _host(room: str) -> str:
    return room.replace("_", "-")


def _standing() -> dict[str, Any]:
    listed = json.loads(_gcloud("list", "--format=json"))
    found = {service["metadata"]["name"]: service["status"] for service in listed}
    return {host: found[host] for host in hosts() if host in found}


def _serving(status: dict[str, Any]) -> str:
    most = max(status["traffic"], key=lambda one: one.get("percent", 0))
    return str(most["revisionName"])


def _route(host: str, how: str) -> None:
    _gcloud("update-traffic", host, how)


def _gcloud(*arguments: str) -> str:
    return subprocess.run(
        ["gcloud", "run", "services", *arguments, "--quiet"],  # noqa: S607 - found on the PATH, like any user's
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _ask(url: str) -> None:
    request = urllib.request.Request(url)  # noqa: S310 - the address that Cloud Run gave
    if token := os.environ.get("ID_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    for _ in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(request, timeout=30):  # noqa: S310
                return
        except HTTPError as error:
            error.close()
            refusal = str(error)
        except OSError as error:
            refusal = str(error)
        time.sleep(PAUSE)
    raise NotHealthy(f"{url}: asked {ATTEMPTS} times, last answer: {refusal}")


if __name__ == "__main__":
    main()
