"""How long a server says that it took: its own histogram, of all its workers."""

import re
import urllib.request
from collections import Counter, defaultdict

Histogram = dict[str, float]  # how many took at most so many seconds; "+Inf": all

_ASKED = 16  # times: whichever worker answers tells of itself
_BUCKET = re.compile(
    r'request_seconds_bucket\{.*route="/predict/player".*le="([^"]+)",worker="(\d+)"\} (\d+)'
)


def histogram(url: str) -> Histogram:
    """Return how many POSTs to /predict/player a server answered within each bound."""
    workers: dict[str, Histogram] = defaultdict(dict)
    for _ in range(_ASKED):
        with urllib.request.urlopen(f"{url}/metrics") as answer:
            for bound, worker, count in _BUCKET.findall(answer.read().decode()):
                workers[worker][bound] = float(count)
    return sum(map(Counter, workers.values()), Counter())


def share(before: Histogram, after: Histogram, bound: str) -> float:
    """Return how many in a hundred of the answers between two looks took at most `bound` seconds."""
    within, all_ = (after[one] - before.get(one, 0.0) for one in (bound, "+Inf"))
    return 100 * within / all_
