"""Small diagrams as SVG text: what was promised against what happened, and how even a transform is."""

from collections.abc import Mapping, Sequence

_SIZE, _EDGE = 220, 26
_INNER = _SIZE - 2 * _EDGE


def reliability(groups: Sequence[Mapping[str, float]]) -> str:
    """Draw promised chance (across) against the share that happened (up) with two standard errors."""
    low = min(min(group["promised"], group["happened"]) for group in groups)
    high = max(max(group["promised"], group["happened"]) for group in groups)
    room = max((high - low) * 0.1, 0.01)
    low, high = max(low - room, 0.0), min(high + room, 1.0)

    def at(value: float) -> float:
        return _EDGE + _INNER * (value - low) / (high - low)

    def up(value: float) -> float:
        return _SIZE - at(min(max(value, low), high))

    marks = "".join(
        f'<line x1="{at(g["promised"]):.1f}" x2="{at(g["promised"]):.1f}" '
        f'y1="{up(g["happened"] - 2 * g["se"]):.1f}" '
        f'y2="{up(g["happened"] + 2 * g["se"]):.1f}" class="error"/>'
        f'<circle cx="{at(g["promised"]):.1f}" cy="{up(g["happened"]):.1f}" r="3"/>'
        for g in groups
    )
    diagonal = (
        f'<line x1="{at(low):.1f}" y1="{up(low):.1f}" x2="{at(high):.1f}" y2="{up(high):.1f}" class="even"/>'
    )
    return _framed(diagonal + marks, f"{low:.2f}", f"{high:.2f}", "promised, against happened")


def histogram(heights: Sequence[float]) -> str:
    """Draw relative frequencies around an even 1: a true forecast's bars all reach the line."""
    tallest = max(2.0, *heights)
    width = _INNER / len(heights)
    bars = "".join(
        f'<rect x="{_EDGE + i * width:.1f}" y="{_SIZE - _EDGE - _INNER * height / tallest:.1f}" '
        f'width="{width - 1:.1f}" height="{_INNER * height / tallest:.1f}"/>'
        for i, height in enumerate(heights)
    )
    even = _SIZE - _EDGE - _INNER / tallest
    line = f'<line x1="{_EDGE}" x2="{_SIZE - _EDGE}" y1="{even:.1f}" y2="{even:.1f}" class="even"/>'
    return _framed(bars + line, "0", "1", "probability transform")


def _framed(inside: str, left: str, right: str, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}" role="img" '
        f'aria-label="{title}">'
        f'<rect x="{_EDGE}" y="{_EDGE}" width="{_INNER}" height="{_INNER}" class="frame"/>{inside}'
        f'<text x="{_EDGE}" y="{_SIZE - 8}">{left}</text>'
        f'<text x="{_SIZE - _EDGE}" y="{_SIZE - 8}" text-anchor="end">{right}</text>'
        f'<text x="{_SIZE / 2}" y="16" text-anchor="middle">{title}</text></svg>'
    )
