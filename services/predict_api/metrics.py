"""Counts and durations of this worker, in the text that Prometheus reads."""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)  # seconds
HELP = {
    "cache": "Answers looked up in the cache, by outcome.",
    "refused": "Requests refused at the door, by reason.",
    "swaps": "Releases offered to this worker, by outcome.",
}

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counters by name and label, and a histogram of request durations by route and status."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = defaultdict(int)
        self._requests: dict[tuple[str, str, str], list[float]] = {}

    def increment(self, name: str, outcome: str, by: int = 1) -> None:
        """Add to a counter of HELP."""
        with self._lock:
            self._counts[name, outcome] += by

    def observe_request(self, method: str, route: str, status: str, seconds: float) -> None:
        """Add one request; `route` is a rule of the app, never a client's text."""
        with self._lock:
            cells = self._requests.setdefault(
                (method, route, status), [0.0] * (len(BUCKETS) + 2)
            )  # each bucket, the rest, the sum
            cells[bisect_left(BUCKETS, seconds)] += 1
            cells[-1] += seconds

    def render_text(self, gauges: dict[str, float], world: str) -> str:
        """Return everything in Prometheus' text format, version 0.0.4; `gauges` are of this moment.

        `world` is the source of the release's games; it is empty until one is loaded.
        """
        with self._lock:
            counts, requests = dict(self._counts), {key: list(cells) for key, cells in self._requests.items()}
        lines = [
            *self._render_counters(counts),
            *self._render_histograms(requests),
            *self._render_gauges(gauges),
        ]
        lines += [
            *_render_header("hankstank_world_info", "gauge", "Where the games come from."),
            self._render_world(world),
        ]
        return "\n".join(lines) + "\n"

    def _render_counters(self, counts: dict[tuple[str, str], int]) -> Iterator[str]:
        for name, help_text in HELP.items():
            yield from _render_header(f"hankstank_{name}_total", "counter", help_text)
            for (counted, outcome), value in sorted(counts.items()):
                if counted == name:
                    yield f"hankstank_{name}_total{self._render_labels(outcome=outcome)} {value}"

    def _render_histograms(self, requests: dict[tuple[str, str, str], list[float]]) -> Iterator[str]:
        metric = "hankstank_request_seconds"
        yield from _render_header(metric, "histogram", "Time from the request's arrival to its answer.")
        for (method, route, status), cells in sorted(requests.items()):
            of = {"method": method, "route": route, "status": status}
            total = 0.0
            for bound, cell in zip((*map(str, BUCKETS), "+Inf"), cells, strict=False):
                total += cell
                yield f"{metric}_bucket{self._render_labels(**of, le=bound)} {total:.0f}"
            yield f"{metric}_sum{self._render_labels(**of)} {cells[-1]:.6f}"
            yield f"{metric}_count{self._render_labels(**of)} {total:.0f}"

    def _render_gauges(self, gauges: dict[str, float]) -> Iterator[str]:
        for name, value in gauges.items():
            yield from _render_header(f"hankstank_{name}", "gauge", name.replace("_", " ").capitalize() + ".")
            yield f"hankstank_{name}{self._render_labels()} {value:g}"

    def _render_world(self, world: str) -> str:
        return f"hankstank_world_info{self._render_labels(world=world)} 1"

    def _render_labels(self, **labels: str) -> str:
        all_labels = {**labels, "worker": self._worker}
        return "{" + ",".join(f'{name}="{_escape_label(value)}"' for name, value in all_labels.items()) + "}"


def _render_header(metric: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {metric} {help_text}", f"# TYPE {metric} {kind}"]


def _escape_label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
