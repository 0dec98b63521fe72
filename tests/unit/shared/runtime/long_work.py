"""A step for tests: says in an object that it worked; the event's reason tells how it ends."""

from shared.errors import Rejected, Unavailable


def step(event, ports, now):
    ports.objects.write_once("worked/job", event.run_id.encode())
    if event.run_id == "impossible":
        raise Rejected("no such work")
    if event.run_id == "unlucky":
        raise Unavailable("not now")
    return []
