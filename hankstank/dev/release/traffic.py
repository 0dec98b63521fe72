"""Moves Cloud Run's traffic to a new revision once it is healthy, and back.

Needs only Python and a `gcloud` that is logged in, with its project and run/region set.
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

from shared.runtime.services import load_services

CANDIDATE = "candidate"  # the tag, and first part of the address, of a revision without traffic
HEALTH = "/health"
ATTEMPTS, PAUSE = 10, 3.0  # health checks of the candidate, and seconds between them


class RevisionNotHealthy(Exception):
    """A new revision is not healthy: traffic is not moved."""


def list_services() -> list[str]:
    """Return the names of the Cloud Run services that the image runs as."""
    return [one.name.replace("_", "-") for one in load_services().values() if one.runs_as == "service"]


def hold_traffic() -> None:
    """Pin the traffic of every deployed service to its current revision, so that a new one gets none."""
    for host, status in _deployed_services().items():
        _run_gcloud("update-traffic", host, f"--to-revisions={_serving_revision(status)}=100")


def check_candidate() -> None:
    """Tag the newest revision of every service and check the health of the API's.

    Raises RevisionNotHealthy if a newest revision is not ready, or the API's does not answer 200.
    """
    for host, status in _deployed_services().items():
        newest, ready = status["latestCreatedRevisionName"], status.get("latestReadyRevisionName")
        if newest != ready:
            raise RevisionNotHealthy(
                f"{host}: expected {newest} to be ready, the last that is ready is {ready}"
            )
        _run_gcloud("update-traffic", host, f"--update-tags={CANDIDATE}={newest}")
    (api,) = (one.name.replace("_", "-") for one in load_services().values() if one.is_api)
    tagged = [one for one in _deployed_services()[api]["traffic"] if one.get("tag") == CANDIDATE]
    _check_health(tagged[0]["url"] + HEALTH)


def move_traffic() -> None:
    """Send all traffic of every service to the revision that was tagged."""
    for host in _deployed_services():
        _run_gcloud("update-traffic", host, f"--to-tags={CANDIDATE}=100")


def roll_back(host: str, revision: str) -> None:
    """Send all traffic of one service to an earlier revision."""
    _run_gcloud("update-traffic", host, f"--to-revisions={revision}=100")


def main() -> None:
    """Do what the command line says: hold, try, move, or back HOST REVISION."""
    parser = argparse.ArgumentParser(prog="python -m hankstank.dev.release.traffic", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in (
        ("hold", hold_traffic),
        ("try", check_candidate),
        ("move", move_traffic),
        ("back", roll_back),
    ):
        commands.add_parser(name, help=function.__doc__).set_defaults(function=function)
    commands.choices["back"].add_argument("host", choices=list_services())
    commands.choices["back"].add_argument("revision")
    arguments = vars(parser.parse_args())
    function = arguments.pop("function")
    del arguments["command"]
    try:
        function(**arguments)
    except RevisionNotHealthy as reason:
        sys.exit(f"traffic was not moved: {reason}")


def _deployed_services() -> dict[str, Any]:
    listed = json.loads(_run_gcloud("list", "--format=json"))
    found = {service["metadata"]["name"]: service["status"] for service in listed}
    return {host: found[host] for host in list_services() if host in found}


def _serving_revision(status: dict[str, Any]) -> str:
    most = max(status["traffic"], key=lambda one: one.get("percent", 0))
    return str(most["revisionName"])


def _run_gcloud(*arguments: str) -> str:
    return subprocess.run(
        ["gcloud", "run", "services", *arguments, "--quiet"],  # noqa: S607 - found on the PATH, like any user's
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _check_health(url: str) -> None:
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
    raise RevisionNotHealthy(f"{url}: {ATTEMPTS} attempts, last error: {refusal}")


if __name__ == "__main__":
    main()
