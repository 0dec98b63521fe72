"""Draws charts as SVG without script or library, with a text alternative."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

CHART_HEIGHT = 120.0  # of a column chart, in its own units
COLUMN_WIDTH = 24.0
MIN_DRAWN = 0.004  # a chance below this is not drawn at either end
MIN_LABELLED = 0.035  # a chance from here on carries its number


def column_chart(
    chances: Sequence[float], *, lowest: int = 0, line: float | None = None, about: str, kind: str = "ink"
) -> Markup:
    """Return columns of chances of `lowest`, `lowest` + 1 …; those over `line` stand out.

    The last column also holds what is beyond it; ends too small to see are left out.
    """
    first, last = _visible_range(chances)
    shown = list(enumerate(chances))[first : last + 1]
    highest = max(chance for _, chance in shown)
    width = COLUMN_WIDTH * len(shown)
    called = abs if kind == "margin" else int  # by how many either club wins
    marks = "".join(
        _probability_column(
            place,
            lowest + count,
            chance,
            highest,
            _column_class(lowest + count, line, kind),
            called(lowest + count),
        )
        for place, (count, chance) in enumerate(shown)
    )
    rule = _betting_line(line, lowest + first, len(shown)) if line is not None else ""
    return _svg_element(f"0 -14 {width:g} {CHART_HEIGHT + 34:g}", f"{marks}{rule}", about, "columns")


def share_bar(percent: float, left: str, right: str, about: str) -> Markup:
    """Return a bar shared by two colours, `left` has its percentage of it."""
    parts = (
        f'<rect x="0" y="0" width="{percent - 0.3:.2f}" height="4" fill="{left}"/>'
        f'<rect x="{percent + 0.3:.2f}" y="0" width="{99.7 - percent:.2f}" height="4" fill="{right}"/>'
    )
    return _svg_element("0 0 100 4", parts, about, "share", ' preserveAspectRatio="none"')


def diverging_bar(effect: float, largest: float, about: str) -> Markup:
    """Return a bar that leans left or right of the middle by a share of the largest effect."""
    size = 50.0 * abs(effect) / max(largest, 1e-9)
    start = 50.0 - size if effect < 0 else 50.0
    kind = "down" if effect < 0 else "up"
    bar = f'<rect class="{kind}" x="{start:.2f}" y="1" width="{size:.2f}" height="6"/>'
    middle = '<rect class="axis" x="49.8" y="0" width="0.4" height="8"/>'
    return _svg_element("0 0 100 8", bar + middle, about, "leaning", ' preserveAspectRatio="none"')


def gain_chart(rows: Sequence[tuple[str, float, float]], about: str) -> Markup:
    """Return rows of a gain with its standard error around zero: (name, gain, error)."""
    reach = max(abs(gain) + 2 * error for _, gain, error in rows) or 1.0
    marks = "".join(
        _gain_row(place, gain / reach, error / reach) for place, (_, gain, error) in enumerate(rows)
    )
    high = 20 * len(rows)
    zero = f'<rect class="axis" x="99.75" y="0" width="0.5" height="{high}"/>'
    return _svg_element(f"0 0 200 {high}", zero + marks, about, "against", f' height="{high}"')


def reliability_diagram(tenths: Sequence[tuple[float, float, float]], about: str) -> Markup:
    """Return a reliability diagram: (promised, happened, standard error), on the line where both agree."""
    low = max(0.0, min(min(promised, happened - 2 * error) for promised, happened, error in tenths))
    high = min(1.0, max(max(promised, happened + 2 * error) for promised, happened, error in tenths))
    scale = 180.0 / max(high - low, 1e-9)

    def x_position(value: float) -> str:
        return f"{28 + scale * (value - low):.1f}"

    def y_position(value: float) -> str:
        return f"{190 - scale * (value - low):.1f}"

    marks = "".join(
        f'<g class="tenth"><title>promised {promised:.3f}, happened {happened:.3f} ± {error:.3f}</title>'
        f'<line class="whisker" x1="{x_position(promised)}" x2="{x_position(promised)}" '
        f'y1="{y_position(max(low, happened - 2 * error))}" '
        f'y2="{y_position(min(high, happened + 2 * error))}"/>'
        f'<circle cx="{x_position(promised)}" cy="{y_position(happened)}" r="3.5"/></g>'
        for promised, happened, error in tenths
    )
    agree = '<line class="agree" x1="28" y1="190" x2="208" y2="10"/>'
    words = "".join(
        f'<text class="x" x="{x_position(value)}" y="204">{_format_tick(value)}</text>'
        f'<text class="y" x="24" y="{float(y_position(value)) + 3:.1f}">{_format_tick(value)}</text>'
        for value in _axis_ticks(low, high)
    )
    return _svg_element("0 0 220 210", agree + marks + words, about, "diagonal")


def recent_games_chart(games: Sequence[tuple[str, int, float | None]], ahead: float, about: str) -> Markup:
    """Return a chart of a player's latest games, (day, actual, expected), and the next game's expectation."""
    highest = max([1.0, ahead, *(max(did, expected or 0.0) for _, did, expected in games)])
    marks = "".join(_game_column(place, *game, highest) for place, game in enumerate(games))
    place = len(games)
    top = CHART_HEIGHT - CHART_HEIGHT * ahead / highest
    x = COLUMN_WIDTH * place
    following = (
        f'<g class="next"><title>next: {ahead:.2f} expected</title>'
        f'<rect x="{x + 2:g}" y="{top:.1f}" width="{COLUMN_WIDTH - 4:g}" '
        f'height="{CHART_HEIGHT - top:.1f}" rx="2"/>'
        f'<text class="count" x="{x + COLUMN_WIDTH / 2:g}" y="{CHART_HEIGHT + 15:g}">next</text></g>'
    )
    return _svg_element(
        f"0 -14 {x + COLUMN_WIDTH:g} {CHART_HEIGHT + 34:g}", marks + following, about, "columns spells"
    )


def _game_column(place: int, day: str, did: int, expected_count: float | None, highest: float) -> str:
    high, x = max(CHART_HEIGHT * did / highest, 0.8), COLUMN_WIDTH * place
    top, middle = CHART_HEIGHT - high, x + COLUMN_WIDTH / 2
    expected = "" if expected_count is None else f", {expected_count:.2f} expected"
    level = (
        ""
        if expected_count is None
        else _expected_line(x, CHART_HEIGHT - CHART_HEIGHT * expected_count / highest)
    )
    return (
        f'<g class="did"><title>{escape(day)}: {did}{expected}</title>'
        f'<rect x="{x + 4:g}" y="{top:.1f}" width="{COLUMN_WIDTH - 8:g}" height="{high:.1f}" rx="2"/>{level}'
        f'<text class="chance" x="{middle:g}" y="{top - 4:.1f}">{did}</text>'
        f'<text class="count" x="{middle:g}" y="{CHART_HEIGHT + 15:g}">{escape(day)}</text></g>'
    )


def _expected_line(x: float, y: float) -> str:
    return f'<line class="level" x1="{x + 1:g}" x2="{x + COLUMN_WIDTH - 1:g}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _axis_ticks(low: float, high: float) -> list[float]:
    """Return the tenths between two chances; every second one where they are many."""
    tenths = [tenth for tenth in range(11) if low <= tenth / 10 <= high]
    return [tenth / 10 for tenth in tenths if len(tenths) < 6 or tenth % 2 == 0]


def _format_tick(value: float) -> str:
    return f"{value:.1f}".removeprefix("0")


def _gain_row(place: int, gain: float, error: float) -> str:
    middle, y = 100 + 96 * gain, 20 * place + 10
    kind = "up" if gain > 0 else "down"
    low, high = 100 + 96 * (gain - 2 * error), 100 + 96 * (gain + 2 * error)
    return (
        f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="{kind}" cx="{middle:.1f}" cy="{y}" r="3"/>'
    )


def _probability_column(place: int, count: int, chance: float, highest: float, kind: str, called: int) -> str:
    high = max(CHART_HEIGHT * chance / highest, 0.8)
    x, top = COLUMN_WIDTH * place, CHART_HEIGHT - high
    middle = x + COLUMN_WIDTH / 2
    label = f"{100 * chance:.0f}" if chance >= MIN_LABELLED else ""
    return (
        f'<g class="{kind}" data-count="{count}"><title>{called}: {100 * chance:.1f} %</title>'
        f'<rect x="{x + 2:g}" y="{top:.1f}" width="{COLUMN_WIDTH - 4:g}" height="{high:.1f}" rx="2"/>'
        f'<text class="chance" x="{middle:g}" y="{top - 4:.1f}">{label}</text>'
        f'<text class="count" x="{middle:g}" y="{CHART_HEIGHT + 15:g}">{called}</text></g>'
    )


def _betting_line(line: float, first: int, shown: int) -> str:
    x = min(max((line - first + 0.5) * COLUMN_WIDTH, 0.0), COLUMN_WIDTH * shown)
    return f'<line class="rule" x1="{x:g}" x2="{x:g}" y1="-8" y2="{CHART_HEIGHT:g}" data-first="{first}"/>'


def _column_class(count: int, line: float | None, kind: str) -> str:
    if kind == "margin":
        return "home" if count > 0 else "away"
    if line is None:
        return kind
    return "over" if count > line else "under" if count < line else "push"


def _visible_range(chances: Sequence[float]) -> tuple[int, int]:
    seen = [place for place, chance in enumerate(chances) if chance >= MIN_DRAWN]
    return (seen[0], seen[-1]) if seen else (0, len(chances) - 1)


def _svg_element(box: str, marks: str, about: str, kind: str, more: str = "") -> Markup:
    label = escape(about, quote=True)
    return Markup(  # noqa: S704 - numbers and escaped text only
        f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{label}"{more}>{marks}</svg>'
    )
