"""Small diagrams as SVG text: reliability and the histogram of a probability integral transform."""

from collections.abc import Mapping, Sequence

_SIZE, _MARGIN = 220, 26
_INNER = _SIZE - 2 * _MARGIN


def reliability_diagram(groups: Sequence[Mapping[str, float]]) -> str:
    """Draw forecast probability (x) against observed frequency (y) with bars of two standard errors."""
    low = min(min(group["promised"], group["happened"]) for group in groups)
    high = max(max(group["promised"], group["happened"]) for group in groups)
    padding = max((high - low) * 0.1, 0.01)
    low, high = max(low - padding, 0.0), min(high + padding, 1.0)

    def to_x(value: float) -> float:
        return _MARGIN + _INNER * (value - low) / (high - low)

    def to_y(value: float) -> float:
        return _SIZE - to_x(min(max(value, low), high))

    marks = "".join(
        f'<line x1="{to_x(g["promised"]):.1f}" x2="{to_x(g["promised"]):.1f}" '
        f'y1="{to_y(g["happened"] - 2 * g["se"]):.1f}" '
        f'y2="{to_y(g["happened"] + 2 * g["se"]):.1f}" class="error"/>'
        f'<circle cx="{to_x(g["promised"]):.1f}" cy="{to_y(g["happened"]):.1f}" r="3"/>'
        for g in groups
    )
    ends = f'x1="{to_x(low):.1f}" y1="{to_y(low):.1f}" x2="{to_x(high):.1f}" y2="{to_y(high):.1f}"'
    diagonal = f'<line {ends} class="even"/>'
    return _framed_svg(diagonal + marks, f"{low:.2f}", f"{high:.2f}", "forecast, against observed")


def pit_histogram(heights: Sequence[float]) -> str:
    """Draw relative frequencies with a line at 1, which all bars reach if forecasts are calibrated."""
    tallest = max(2.0, *heights)
    width = _INNER / len(heights)
    bars = "".join(
        f'<rect x="{_MARGIN + i * width:.1f}" y="{_SIZE - _MARGIN - _INNER * height / tallest:.1f}" '
        f'width="{width - 1:.1f}" height="{_INNER * height / tallest:.1f}"/>'
        for i, height in enumerate(heights)
    )
    line_y = _SIZE - _MARGIN - _INNER / tallest
    line = f'<line x1="{_MARGIN}" x2="{_SIZE - _MARGIN}" y1="{line_y:.1f}" y2="{line_y:.1f}" class="even"/>'
    return _framed_svg(bars + line, "0", "1", "probability integral transform")


def _framed_svg(content: str, left: str, right: str, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}" role="img" '
        f'aria-label="{title}">'
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_INNER}" height="{_INNER}" class="frame"/>{content}'
        f'<text x="{_MARGIN}" y="{_SIZE - 8}">{left}</text>'
        f'<text x="{_SIZE - _MARGIN}" y="{_SIZE - 8}" text-anchor="end">{right}</text>'
        f'<text x="{_SIZE / 2}" y="16" text-anchor="middle">{title}</text></svg>'
    )
