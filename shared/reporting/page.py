"""The morning report as HTML: a whole document for e-mail and files, and its body for the API's pages."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.reporting import text, words
from shared.storage.daily_reports import DailyReport

_FOLDER = Path(__file__).parent
# A symbol for each state of an output, and its meaning.
STATES = {
    "complete": ("✓", "complete"),
    "partial": ("◐", "partial"),
    "missing": ("✗", "missing"),
    "not_due": ("·", "not due yet"),
    "none_expected": ("–", "none expected"),
}
_FORMATS = (
    words.format_day,
    words.format_days,
    words.format_clock,
    words.format_loss,
    words.format_percent,
    words.format_bytes,
    words.count,
    text.describe_outlook,
    text.describe_score,
    text.describe_collection,
)


def render_document(report: DailyReport) -> str:
    """Return the report as one HTML document: no script, and nothing that is loaded from elsewhere."""
    return _environment().get_template("document.html.j2").render(report=report)


def render_body(report: DailyReport) -> str:
    """Return the report as an element for a page that links `read_style`."""
    return _environment().get_template("body.html.j2").render(report=report)


def read_style() -> str:
    """Return the style sheet of both."""
    return (_FOLDER / "report.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {one.__name__: one for one in _FORMATS} | {"states": STATES}
    return environment
