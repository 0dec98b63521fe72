"""The morning report as a short text, what matters first: for chats, and for e-mail without HTML."""

from collections.abc import Iterator

from shared.reporting.words import (
    count,
    format_bytes,
    format_clock,
    format_days,
    format_loss,
    format_percent,
    join_counts,
    list_some,
    shorten,
)
from shared.storage.daily_reports import Collection, DailyReport, DayScore, Outlook, RecordLine

LONGEST = 1500  # letters: with the line that names its source it fits into the shortest limit, 2,000
_LONGEST_LINE = 150
_MOST_LINES = 5  # of one sort


def report_title(report: DailyReport) -> str:
    """Return the title of the message."""
    state = "all well" if report.is_all_well else count(len(report.attention), "thing needs", "things need")
    return f"report of {report.day}: {state}{'' if report.is_all_well else ' you'}"


def render_text(report: DailyReport) -> str:
    """Return the report in at most 1,500 letters; the last lines are left out if it has more."""
    return shorten("\n".join(_lines(report)), LONGEST)


def _lines(report: DailyReport) -> Iterator[str]:
    yield report.headline
    for line in list_some(report.attention, _MOST_LINES) if len(report.attention) > 1 else ():
        yield f"• {shorten(line, _LONGEST_LINE)}"
    yield ""
    if report.outlook.games:
        yield f"Today: {describe_outlook(report.outlook)}."
    yield from (
        f"{format_days(one.game_date, one.game_date)}: {describe_score(one)}."
        for one in report.day_scores[-3:]
    )
    if report.surprise:
        yield f"Largest surprise: {report.surprise}."
    yield from (
        f"{_record_name(one)}: {describe_record(one)}." for one in report.record if one.hit_share is not None
    )
    yield f"Collected: {describe_collection(report.collection)}."
    yield from (
        f"Healed: {one.what} ({one.cause})." for one in report.healed[:_MOST_LINES] if one.outcome == "healed"
    )
    for change in report.model_changes[:_MOST_LINES]:
        yield f"New model: {change.title} {change.old or 'first'} → {change.new}."
    if report.stores:
        yield f"Disk: {format_bytes(sum(one.bytes for one in report.stores))}."
    yield from list_some(report.notes, _MOST_LINES)


def describe_outlook(outlook: Outlook) -> str:
    """Return what is expected today."""
    start = f" from {format_clock(outlook.first_start)}" if outlook.first_start else ""
    clubs = 2 * outlook.games
    known = f"{outlook.starters_announced} starters and {outlook.lineups_posted} line-ups of {clubs} known"
    return f"{count(outlook.games, 'game')}{start}, {known}"


def describe_score(score: DayScore) -> str:
    """Return how the forecasts of a day's winners did."""
    if not score.forecast:
        return f"{count(score.games, 'game')}, none with a forecast of who wins"
    losses = [
        ("log loss", score.log_loss),
        ("naive", score.naive_log_loss),
        ("market", score.market_log_loss),
    ]
    known = [f"{name} {format_loss(value)}" for name, value in losses if value is not None]
    return ", ".join([f"{score.favourites_won} of {count(score.forecast, 'favourite')} won", *known])


def describe_record(line: RecordLine) -> str:
    """Return the record of a window in one line."""
    parts = [f"{count(line.forecasts, 'forecast')}"]
    if line.hit_share is not None:
        parts.append(f"{format_percent(line.hit_share)} of favourites won")
    if line.mean_miss is not None:
        parts.append(f"mean miss {line.mean_miss:.2f}")
    if line.inside_share is not None:
        parts.append(f"{format_percent(line.inside_share)} inside the 80 % range")
    if line.log_loss is not None:
        parts.append(f"log loss {format_loss(line.log_loss)}")
    if line.naive_log_loss is not None:
        parts.append(f"naive {format_loss(line.naive_log_loss)}")
    return ", ".join(parts)


def describe_collection(collection: Collection) -> str:
    """Return what came in."""
    if not collection.batches:
        return "nothing"
    graded = join_counts(sorted(collection.grades.items()))
    parts = [
        count(collection.games, "game"),
        count(collection.rows, "row"),
        f"{count(collection.requests, 'request')}, {collection.failures} failed",
        f"{count(collection.batches, 'batch', 'batches')} graded {graded}",
    ]
    if collection.dead_letters:
        parts.append(count(len(collection.dead_letters), "dead letter"))
    return ", ".join(parts)


def _record_name(line: RecordLine) -> str:
    return f"{line.title}, {line.window}"
