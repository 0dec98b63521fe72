"""Charts as SVG, made here: no script, no library, and a sentence for those who do not see them."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

HIGH = 120.0  # of a column chart, in its own units
COLUMN = 24.0
LEAST = 0.004  # a chance below this is not drawn at either end
LABELLED = 0.035  # a chance from here on carries its number


def columns(
    chances: Sequence[float], *, lowest: int = 0, line: float | None = None, about: str, kind: str = "ink"
) -> Markup:
    """Return columns of chances of `lowest`, `lowest` + 1 …; those over `line` stand out.

    The last column also holds what is beyond it; ends too small to be seen are left out.
    """
    first, last = _seen(chances)
    shown = list(enumerate(chances))[first : last + 1]
    highest = max(chance for _, chance in shown)
    width = COLUMN * len(shown)
    called = abs if kind == "margin" else int  # by how many either club wins
    marks = "".join(
        _column(
            place, lowest + count, chance, highest, _kind(lowest + count, line, kind), called(lowest + count)
        )
        for place, (count, chance) in enumerate(shown)
    )
    rule = _rule(line, lowest + first, len(shown)) if line is not None else ""
    return _svg(f"0 -14 {width:g} {HIGH + 34:g}", f"{marks}{rule}", about, "columns")


def share(percent: float, left: str, right: str, about: str) -> Markup:
    """Return a bar shared by two colours, `left` having so many of a hundred parts."""
    parts = (
        f'<rect x="0" y="0" width="{percent - 0.3:.2f}" height="4" fill="{left}"/>'
        f'<rect x="{percent + 0.3:.2f}" y="0" width="{99.7 - percent:.2f}" height="4" fill="{right}"/>'
    )
    return _svg("0 0 100 4", parts, about, "share", ' preserveAspectRatio="none"')


def leaning(effect: float, largest: float, about: str) -> Markup:
    """Return a bar that leans left or right of the middle by a share of the largest effect."""
    size = 50.0 * abs(effect) / max(largest, 1e-9)
    start = 50.0 - size if effect < 0 else 50.0
    kind = "down" if effect < 0 else "up"
    bar = f'<rect class="{kind}" x="{start:.2f}" y="1" width="{size:.2f}" height="6"/>'
    middle = '<rect class="axis" x="49.8" y="0" width="0.4" height="8"/>'
    return _svg("0 0 100 8", bar + middle, about, "leaning", ' preserveAspectRatio="none"')


def against(rows: Sequence[tuple[str, float, float]], about: str) -> Markup:
    """Return rows of a gain with its standard error around zero: (name, gain, error)."""
    reach = max(abs(gain) + 2 * error for _, gain, error in rows) or 1.0
    marks = "".join(
        _whisker(place, gain / reach, error / reach) for place, (_, gain, error) in enumerate(rows)
    )
    high = 20 * len(rows)
    zero = f'<rect class="axis" x="99.75" y="0" width="0.5" height="{high}"/>'
    return _svg(f"0 0 200 {high}", zero + marks, about, "against", f' height="{high}"')


def diagonal(tenths: Sequence[tuple[float, float, float]], about: str) -> Markup:
    """Return a reliability diagram: (promised, happened, standard error), on the line where both agree."""
    low = max(0.0, min(min(promised, happened - 2 * error) for promised, happened, error in tenths))
    high = min(1.0, max(max(promised, happened + 2 * error) for promised, happened, error in tenths))
    scale = 180.0 / max(high - low, 1e-9)

    def x(value: float) -> str:
        return f"{28 + scale * (value - low):.1f}"

    def y(value: float) -> str:
        return f"{190 - scale * (value - low):.1f}"

    marks = "".join(
        f'<g class="tenth"><title>promised {promised:.3f}, happened {happened:.3f} ± {error:.3f}</title>'
        f'<line class="whisker" x1="{x(promised)}" x2="{x(promised)}" '
        f'y1="{y(max(low, happened - 2 * error))}" y2="{y(min(high, happened + 2 * error))}"/>'
        f'<circle cx="{x(promised)}" cy="{y(happened)}" r="3.5"/></g>'
        for promised, happened, error in tenths
    )
    agree = '<line class="agree" x1="28" y1="190" x2="208" y2="10"/>'
    words = "".join(
        f'<text class="x" x="{x(value)}" y="204">{_short(value)}</text>'
        f'<text class="y" x="24" y="{float(y(value)) + 3:.1f}">{_short(value)}</text>'
        for value in _round(low, high)
    )
    return _svg("0 0 220 210", agree + marks + words, about, "diagonal")


def spells(games: Sequence[tuple[str, int, float | None]], ahead: float, about: str) -> Markup:
    """Return a player's latest games, (day, what they did, what was expected), and what is expected next."""
    highest = max([1.0, ahead, *(max(did, told or 0.0) for _, did, told in games)])
    marks = "".join(_game(place, *game, highest) for place, game in enumerate(games))
    place = len(games)
    top = HIGH - HIGH * ahead / highest
    x = COLUMN * place
    following = (
        f'<g class="next"><title>next: {ahead:.2f} expected</title>'
        f'<rect x="{x + 2:g}" y="{top:.1f}" width="{COLUMN - 4:g}" height="{HIGH - top:.1f}" rx="2"/>'
        f'<text class="count" x="{x + COLUMN / 2:g}" y="{HIGH + 15:g}">next</text></g>'
    )
    return _svg(f"0 -14 {x + COLUMN:g} {HIGH + 34:g}", marks + following, about, "columns spells")


def _game(place: int, day: str, did: int, told: float | None, highest: float) -> str:
    high, x = max(HIGH * did / highest, 0.8), COLUMN * place
    top, middle = HIGH - high, x + COLUMN / 2
    expected = "" if told is None else f", {told:.2f} expected"
    level = "" if told is None else _level(x, HIGH - HIGH * told / highest)
    return (
        f'<g class="did"><title>{escape(day)}: {did}{expected}</title>'
        f'<rect x="{x + 4:g}" y="{top:.1f}" width="{COLUMN - 8:g}" height="{high:.1f}" rx="2"/>{level}'
        f'<text class="chance" x="{middle:g}" y="{top - 4:.1f}">{did}</text>'
        f'<text class="count" x="{middle:g}" y="{HIGH + 15:g}">{escape(day)}</text></g>'
    )


def _level(x: float, y: float) -> str:
    return f'<line class="level" x1="{x + 1:g}" x2="{x + COLUMN - 1:g}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _round(low: float, high: float) -> list[float]:
    """Return the tenths between two chances; every second one where they are many."""
    tenths = [tenth for tenth in range(11) if low <= tenth / 10 <= high]
    return [tenth / 10 for tenth in tenths if len(tenths) < 6 or tenth % 2 == 0]


def _short(value: float) -> str:
    return f"{value:.1f}".removeprefix("0")


def _whisker(place: int, gain: float, error: float) -> str:
    middle, y = 100 + 96 * gain, 20 * place + 10
    kind = "up" if gain > 0 else "down"
    low, high = 100 + 96 * (gain - 2 * error), 100 + 96 * (gain + 2 * error)
    return (
        f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="{kind}" cx="{middle:.1f}" cy="{y}" r="3"/>'
    )


def _column(place: int, count: int, chance: float, highest: float, kind: str, called: int) -> str:
    high = max(HIGH * chance / highest, 0.8)
    x, top = COLUMN * place, HIGH - high
    middle = x + COLUMN / 2
    told = f"{100 * chance:.0f}" if chance >= LABELLED else ""
    return (
        f'<g class="{kind}" data-count="{count}"><title>{called}: {100 * chance:.1f} %</title>'
        f'<rect x="{x + 2:g}" y="{top:.1f}" width="{COLUMN - 4:g}" height="{high:.1f}" rx="2"/>'
        f'<text class="chance" x="{middle:g}" y="{top - 4:.1f}">{told}</text>'
        f'<text class="count" x="{middle:g}" y="{HIGH + 15:g}">{called}</text></g>'
    )


def _rule(line: float, first: int, shown: int) -> str:
    x = min(max((line - first + 0.5) * COLUMN, 0.0), COLUMN * shown)
    return f'<line class="rule" x1="{x:g}" x2="{x:g}" y1="-8" y2="{HIGH:g}" data-first="{first}"/>'


def _kind(count: int, line: float | None, kind: str) -> str:
    if kind == "margin":
        return "home" if count > 0 else "away"
    if line is None:
        return kind
    return "over" if count > line else "under" if count < line else "push"


def _seen(chances: Sequence[float]) -> tuple[int, int]:
    seen = [place for place, chance in enumerate(chances) if chance >= LEAST]
    return (seen[0], seen[-1]) if seen else (0, len(chances) - 1)


def _svg(box: str, marks: str, about: str, kind: str, more: str = "") -> Markup:
    told = escape(about, quote=True)
    return Markup(  # noqa: S704 - numbers and escaped text only
        f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{told}"{more}>{marks}</svg>'
    )
