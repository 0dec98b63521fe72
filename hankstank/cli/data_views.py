"""What people see of the stores: how they stand, what they hold, what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from hankstank.cli.terminal import draw_rows, out
from hankstank.ops.forecast_days import described
from services.predict_api.serving.freshness import room_words


def status(told: Mapping[str, Any]) -> None:
    """Draw how things stand: the answer first, then what is here."""
    style = {"broken": "red", "needs attention": "yellow"}.get(told["state"], "green")
    since = f" since {told['since']}" if told["since"] else ""
    out().print(f"{told['state'].capitalize()}{since}", style=f"bold {style}")
    for trouble in told["troubles"]:
        when = f" (since {trouble['since']})" if trouble["since"] else ""
        out().print(f"  {trouble['what']}{when}. See {trouble['look']}", markup=False)
    for name, line in _lines(told):
        out().print(f"{name:<12} {line}", markup=False)


def _lines(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    world, days, release = told["world"], told["days"], told["release"]
    yield "World", f"{world['label']}, {world['now'] or 'now'}"
    if days and days["days"]:
        yield "Here", f"games of {days['days']} days, {days['first']} to {days['last']}"
    yield "Known until", str(told["as_of"] or "no game is known yet: `hankstank run` collects some")
    yield "Missing", "; ".join(told["missing"]) or "nothing"
    if release:
        yield "Release", f"{release['number']:06d}: {release['reason']}"
    for room, when, gist in room_words(told["rooms"]):
        yield room, f"{when}: {gist or 'done'}"
    for line in _families(told["rooms"]["features"] or {}):
        yield "Families", line
    idle = [room for room, said in told["rooms"].items() if not said]
    if idle:
        yield "Not yet", f"{', '.join(idle)} had no work so far"
    yield "Waiting", _waiting(told)
    yield "Dead letters", str(told["dead_letters"])
    if opened := told["alerts"]:
        more = f", and {len(opened) - 1} more" if len(opened) > 1 else ""
        yield "Alerts", f"{opened[0]['title']}{more}: `hankstank alerts`"
    if told["parked_loads"]:
        yield "Parked loads", str(told["parked_loads"])


def _families(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the features room says of its families: how complete, how late, what is left out."""
    families = said.get("families") or {}
    if families:
        worst = max(families, key=lambda name: families[name]["null_rate"])
        share = 1 - families[worst]["null_rate"]
        least = "all complete" if share == 1 else f"{worst} the least complete: {share:.1%}"
        yield f"{len(families)}, {least}"
    late = [f"{name} by {one['days_late']} days" for name, one in families.items() if one["days_late"]]
    if late:
        yield f"late: {', '.join(late)}"
    if without := said.get("missing_families"):
        yield f"left out: {', '.join(without)}"


def _waiting(told: Mapping[str, Any]) -> str:
    if told["waiting"] is None:
        return (
            "unknown: the queue is damaged, `hankstank rebuild`" if told["is_local"] else "see the dashboard"
        )
    waiting = ", ".join(f"{name} {n}" for name, n in told["waiting"].items())
    since = f" (since {str(told['waiting_since'])[:16]}; the next run delivers it)"
    return f"{waiting}{since}" if waiting else "nothing"


def alerts(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw alerts with everything they say."""
    if not rows:
        out().print("No open alerts.")
        return
    drawn = [
        (
            str(one["number"]),
            one["at"][:16].replace("T", " "),
            one["severity"] + (", closed" if one["closed_at"] else ""),
            one["title"],
            "; ".join(f"{name}: {value}" for name, value in one["detail"].items()),
        )
        for one in rows
    ]
    draw_rows(("No.", "At (UTC)", "Severity", "What", "Detail"), drawn)
    out().print("\nNext: `hankstank alerts --close NUMBER` once you have seen to it")


def tables(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the tables with their rows and days."""
    told = [(one["table"], f"{one['rows']:,}", _days(one), one["description"]) for one in rows]
    draw_rows(("Table", "Rows", "Days", "What it holds"), told)
    out().print("\nNext: `hankstank tables TABLE` for its columns, `hankstank query`, `hankstank export`")


def columns(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw a table's columns."""
    told = [(one["column"], one["type"], one["unit"], _meaning(one)) for one in rows]
    draw_rows(("Column", "Type", "Unit", "Meaning"), told)


def _meaning(one: Mapping[str, Any]) -> str:
    return f"{one['description']}. Mind: {one['pitfall']}" if one["pitfall"] else one["description"]


def _days(one: Mapping[str, Any]) -> str:
    return f"{one['first']} to {one['last']}" if one["first"] else ""


def exported(told: Mapping[str, Any]) -> None:
    """Say what was written."""
    size = f"{told['bytes'] / 1000:,.0f} kB"
    out().print(f"{told['file']}: {told['rows']:,} rows of {told['table']}, {size}", markup=False)


def verified(told: Mapping[str, Any]) -> None:
    """Draw what was looked at and what is wrong."""
    looked_at = ", ".join(f"{count:,} {what}" for what, count in told["looked_at"].items())
    unforecast = told["games_without_forecasts"]
    if unforecast:
        games = sum(one["without"] for one in unforecast.values())
        days = described(map(date.fromisoformat, unforecast))
        out().print(
            f"{games} games were played without a forecast made before them, on {days}", style="yellow"
        )
    if told["whole"]:
        out().print(f"Whole: {looked_at}")
        return
    found = [(one["check"], one["where"], one["wrong"]) for one in told["findings"]]
    draw_rows(("Check", "Where", "What is wrong"), found)
    findings = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    out().print(f"\n{findings} in {looked_at}", style="red")


def pruned(told: Mapping[str, Any]) -> None:
    """Say what went or would go."""
    if not told["objects"]:
        out().print(f"Nothing to prune: {told['kept_megabytes']} MB of raw bodies stay")
        return
    word = "Deleted" if told["deleted"] else "Would delete"
    what = f"{told['objects']:,} raw bodies of days before {told['before']}, {told['megabytes']} MB"
    kept = f"{told['kept_megabytes']} MB stay, {told['older_but_needed']} older bodies for their lineage"
    out().print(f"{word} {what}; {kept}")
    if not told["deleted"]:
        out().print("Nothing was deleted: the same with --delete does it")


def parked(loads: Sequence[Mapping[str, Any]]) -> None:
    """Draw the parked loads."""
    if not loads:
        out().print("No load is parked.")
        return
    told = [
        (one["load"], _span(one["dates"]), f"{one['rows']:,}", "; ".join(one["reasons"])) for one in loads
    ]
    draw_rows(("Load", "Days", "Rows", "Why"), told)


def _span(dates: Sequence[Any]) -> str:
    return " to ".join(dict.fromkeys(str(one) for one in (*dates[:1], *dates[-1:])))
