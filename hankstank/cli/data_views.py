"""Console screens about the stores: status, tables, exports, verification, pruning, failed loads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from hankstank.ops.forecast_days import describe_days
from hankstank.terminal import draw_rows, print_text
from services.predict_api.serving.freshness import service_summaries
from shared.reporting.page import STATES
from shared.storage.daily_outputs import OUTPUTS

_NO_RELEASE = {
    True: "no release yet: the next live day makes one, or `hankstank backfill` with --train",
    False: "no games yet: `hankstank run` collects some",
}


def draw_status(report: Mapping[str, Any]) -> None:
    """Draw the state first, then the details."""
    style = {"broken": "red", "needs attention": "yellow"}.get(report["state"], "green")
    since = f" since {report['since']}" if report["since"] else ""
    state = "nothing released" if _is_unreleased(report) else report["state"]
    print_text(f"{state.capitalize()}{since}", style=f"bold {style}")
    for problem in report["problems"]:
        when = f" (since {problem['since']})" if problem["since"] else ""
        print_text(f"  {problem['what']}{when}. See {problem['see']}")
    for name, line in _status_lines(report):
        print_text(f"{name:<14} {line}")
    if report["outputs"]:
        _draw_outputs(report["outputs"])


def _draw_outputs(outputs: Mapping[str, Any]) -> None:
    """Draw a grid of days and outputs, a symbol each, then the objectives."""
    days = outputs["days"]
    print_text(f"\nWhat each day must have, {days[0]['day']} to {days[-1]['day']}:")
    print_text(f"{'':<10} {' '.join(one['day'][-2:] for one in days)}")
    for name in OUTPUTS:
        symbols = (STATES[one["outputs"][name]["state"]][0] for one in days)
        print_text(f"{name:<10} {' '.join(f'{symbol:>2}' for symbol in symbols)}")
    print_text(", ".join(f"{symbol} {meaning}" for symbol, meaning in STATES.values()))
    for one in days:
        lacking = {
            name: count for name, count in one["outputs"].items() if count["state"] in ("missing", "partial")
        }
        if lacking:
            counts = (f"{name} {count['actual']} of {count['expected']}" for name, count in lacking.items())
            print_text(f"  {one['day']}: {', '.join(counts)}")
    print_text("\nObjectives:")
    for one in outputs["objectives"]:
        unit = f" {one['unit']}" if one["unit"] else ""
        value = one["reason"] if one["value"] is None else f"{one['value']:.3g}{unit}"
        state = one["state"].replace("_", " ")
        print_text(f"  {one['title']:<24} {state:<13} {value} ({one['comparison']} {one['limit']:g}{unit})")


def _is_unreleased(report: Mapping[str, Any]) -> bool:
    """Return whether games are stored that no release serves, as after a backfill."""
    return bool(report["state"] == "empty" and report["days"] and report["days"]["days"])


def _status_lines(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    world, days, release = report["world"], report["days"], report["release"]
    yield "Source", f"{world['label']}, {world['now'] or 'now'}"
    if days and days["days"]:
        yield "Games loaded", f"{days['days']} days, {days['first']} to {days['last']}"
    yield "Data through", str(report["as_of"] or _NO_RELEASE[_is_unreleased(report)])
    yield "Missing", "; ".join(report["missing"]) or "nothing"
    if release:
        yield "Release", f"{release['number']:06d}: {release['reason']}"
    for service, when, gist in service_summaries(report["services"]):
        yield service, f"{when}: {gist or 'done'}"
    for line in _feature_group_lines(report["services"]["features"] or {}):
        yield "Feature groups", line
    idle = [service for service, service_status in report["services"].items() if not service_status]
    if idle:
        yield "Not run yet", ", ".join(idle)
    yield "In queue", _waiting_text(report)
    yield "Dead letters", str(report["dead_letters"])
    if opened := report["alerts"]:
        more = f", and {len(opened) - 1} more" if len(opened) > 1 else ""
        yield "Alerts", f"{opened[0]['title']}{more}: `hankstank alerts`"
    if worse := report["worse_forecasts"]:
        yield "Forecasts", "; ".join(worse)
    if report["failed_loads"]:
        yield "Failed loads", str(report["failed_loads"])


def _feature_group_lines(features_status: Mapping[str, Any]) -> Iterator[str]:
    """Yield how complete and how late the feature groups are, and which are left out."""
    families = features_status.get("families") or {}
    if families:
        worst = max(families, key=lambda name: families[name]["null_rate"])
        share = 1 - families[worst]["null_rate"]
        least = "all complete" if share == 1 else f"least complete: {worst}, {share:.1%}"
        yield f"{len(families)}, {least}"
    late = [f"{name} by {one['days_late']} days" for name, one in families.items() if one["days_late"]]
    if late:
        yield f"late: {', '.join(late)}"
    if without := features_status.get("missing_families"):
        yield f"left out: {', '.join(without)}"


def _waiting_text(report: Mapping[str, Any]) -> str:
    if report["waiting"] is None:
        return (
            "unknown: the queue is damaged, run `hankstank rebuild`"
            if report["is_local"]
            else "see the dashboard"
        )
    waiting = ", ".join(f"{name} {n}" for name, n in report["waiting"].items())
    since = f" (since {str(report['waiting_since'])[:16]}; the next run delivers it)"
    return f"{waiting}{since}" if waiting else "nothing"


def draw_alerts(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw alerts with their details."""
    if not rows:
        print_text("No open alerts.")
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
    print_text("\nNext: `hankstank alerts --close NUMBER` once the cause is fixed")


def draw_tables(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the tables with their rows and days."""
    cells = [(one["table"], f"{one['rows']:,}", _day_range(one), one["description"]) for one in rows]
    draw_rows(("Table", "Rows", "Days", "What it holds"), cells)
    print_text("\nNext: `hankstank tables TABLE` for its columns, `hankstank query`, `hankstank export`")


def draw_columns(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw a table's columns."""
    cells = [(one["column"], one["type"], one["unit"], _column_meaning(one)) for one in rows]
    draw_rows(("Column", "Type", "Unit", "Meaning"), cells)


def _column_meaning(one: Mapping[str, Any]) -> str:
    return f"{one['description']}. Note: {one['pitfall']}" if one["pitfall"] else one["description"]


def _day_range(one: Mapping[str, Any]) -> str:
    return f"{one['first']} to {one['last']}" if one["first"] else ""


def draw_export(report: Mapping[str, Any]) -> None:
    """Draw which file was written."""
    size = f"{report['bytes'] / 1000:,.0f} kB"
    print_text(f"{report['file']}: {report['rows']:,} rows of {report['table']}, {size}")


def draw_verification(report: Mapping[str, Any]) -> None:
    """Draw what was checked and what is wrong."""
    checked = ", ".join(f"{count:,} {what}" for what, count in report["checked"].items())
    unforecast = report["games_without_forecasts"]
    if unforecast:
        games = sum(one["without"] for one in unforecast.values())
        days = describe_days(map(date.fromisoformat, unforecast))
        print_text(f"{games} games have no forecast made before they began, on {days}", style="yellow")
    if report["ok"]:
        print_text(f"OK: {checked}")
        return
    found = [(one["check"], one["where"], one["wrong"]) for one in report["findings"]]
    draw_rows(("Check", "Where", "What is wrong"), found)
    findings = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    print_text(f"\n{findings} in {checked}", style="red")


def draw_pruning(report: Mapping[str, Any]) -> None:
    """Draw what was or would be deleted."""
    if not report["objects"]:
        print_text(f"Nothing to prune: {report['kept_megabytes']} MB of raw responses are kept")
        return
    verb = "Deleted" if report["deleted"] else "Would delete"
    what = f"{report['objects']:,} raw responses of days before {report['before']}, {report['megabytes']} MB"
    kept = f"{report['kept_megabytes']} MB are kept, {report['older_but_needed']} older ones for lineage"
    print_text(f"{verb} {what}; {kept}")
    if not report["deleted"]:
        print_text("Nothing was deleted: add --delete to do it")


def draw_failed_loads(loads: Sequence[Mapping[str, Any]]) -> None:
    """Draw the failed loads."""
    cells = [
        (one["load"], _date_span(one["dates"]), f"{one['rows']:,}", "; ".join(one["reasons"]))
        for one in loads
    ]
    draw_rows(("Load", "Days", "Rows", "Why"), cells, empty="No failed loads.")


def _date_span(dates: Sequence[Any]) -> str:
    return " to ".join(dict.fromkeys(str(one) for one in (*dates[:1], *dates[-1:])))
