"""What people see: tables and sentences for a terminal, JSON for programs."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from services.predict_api.keys import Key

TOLD = ("status", "reason", "grade", "games", "failures", "errors", "warnings", "deleted", "days", "deployed")
T = TypeVar("T")
console = Console(highlight=False)

COUNTED = {
    "finished_games": "games",
    "plate_appearances": "plate appearances",
    "statcast_pitches": "pitches",
    "player_stats_historical": "player lines",
}


def show(value: T, draw: Callable[[T], None], as_json: bool) -> None:
    """Print a value as JSON, or draw it."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    else:
        draw(value)


def say(text: str) -> None:
    """Print a line that programs may read too."""
    sys.stdout.write(text + "\n")


def keys(rows: Sequence[Key]) -> None:
    """Draw API keys by name."""
    table = _table("Name", "A minute", "An hour", "Valid", title="API keys")
    for key in rows:
        valid = "revoked" if key.is_revoked else "yes"
        table.add_row(key.name, f"{key.per_minute:,}", f"{key.per_hour:,}", valid)
    console.print(table)


@contextmanager
def progress(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function (what, done, of) that moves a progress bar on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def run_summary(summary: Mapping[str, Any]) -> None:
    """Draw what a run did: collected, grades, leak proof, models, two forecasts, seconds."""
    console.print(f"\n[bold]Hank's Tank[/] · {summary['world']}")
    for word, told in _facts(summary).items():
        console.print(f"{word:<12}{told}")
    if summary["dead_letters"]:
        console.print("[red]Some deliveries could not succeed: see `hankstank dead-letters list`[/]")
    models(summary["models"])
    game(summary["game"])
    player(summary["player"])
    console.print("\nNext: `hankstank slate DATE`, `hankstank serve`, or `hankstank run` to live on")


def _facts(summary: Mapping[str, Any]) -> dict[str, str]:
    counts, proof, seconds = summary["collected"], summary["leak_proof"], summary["seconds"]
    rooms = " · ".join(f"{room} {spent:.1f}" for room, spent in seconds.items() if room != "total")
    leaks = f"{proof['rows_sampled']} rows made anew without the future, {proof['mismatches']} differ"
    return {
        "Days": _days(summary),
        "Collected": " · ".join(f"{counts.get(table, 0):,} {word}" for table, word in COUNTED.items()),
        "Grades": ", ".join(f"{grade} × {n}" for grade, n in sorted(summary["grades"].items())) or "none",
        "Leak proof": leaks,
        "Seconds": f"{seconds['total']:.1f} in all: {rooms}",
        "Memory": f"{summary['peak_memory_mb']} MB at its highest",
    }


def models(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw models against their naive baselines on days held out."""
    if not rows:
        console.print("\nNo model is in production: `hankstank status` says why")
        return
    headers = ("Model", "Version", "Held out", "Log loss", "Naive", "Better by")
    table = _table(*headers, title="\nModels in production against naive, on days held out")
    for row in rows:
        gain = f"{row['gain']:+.4f} ± {row['gain_se']:.4f}"
        held_out = f"{row['rows']:,.0f} rows"
        scores = (f"{row['log_loss']:.4f}", f"{row['naive_log_loss']:.4f}", gain)
        table.add_row(_words(row["target"]), row["version"], held_out, *scores)
    console.print(table)


def game(answer: Mapping[str, Any]) -> None:
    """Draw one game's forecast."""
    chances = answer["predictions"]
    home, away = answer["home_team"], answer["away_team"]
    console.print(f"\n[bold]{away} at {home}, {answer['game_date']}[/]  (as of {answer['as_of']})")
    win, loss = chances["home_win_probability"], chances["away_win_probability"]
    console.print(f"  {home} {win:.1%} {_bar(win)} {loss:.1%} {away}")
    if score := chances.get("predicted_score"):
        console.print(f"  expected runs {home} {score['home']:.2f}, {away} {score['away']:.2f}")
    if starters := answer.get("starting_pitchers"):
        names = [starters[side]["name"] or "not known" for side in ("away", "home")]
        console.print(f"  starters {names[0]} ({away}), {names[1]} ({home})")
    _wary(answer)


def player(answer: Mapping[str, Any]) -> None:
    """Draw one player's forecasts."""
    against = f"({answer['team']}) against {answer['opponent']}, {answer['game_date']}"
    console.print(f"\n[bold]{answer['name']}[/] {against}")
    for stat, told in answer["predictions"].items():
        low, high = told["interval_80"]
        console.print(f"  {_words(stat)}: {told['mean']:.2f} expected, four times in five {low} to {high}")
        console.print(
            "  " + " ".join(f"{n}:{p:.0%}" for n, p in enumerate(told["distribution"]) if p >= 0.005)
        )
        if line := told.get("line"):
            push = f", push {line['push']:.1%}" if line["push"] > 0.0005 else ""
            console.print(f"  over {line['line']}: {line['over']:.1%}, under: {line['under']:.1%}{push}")
    _wary(answer)


def slate(games: Sequence[Mapping[str, Any]]) -> None:
    """Draw a day's games."""
    if not games:
        console.print("No game is scheduled that day.")
        return
    headers = ("Game", "Home win", "", "Runs", "Starters", "Wary of")
    table = _table(*headers, title=f"Games of {games[0]['game_date']}")
    for one in games:
        chance, score = one["predictions"]["home_win_probability"], one["predictions"]["predicted_score"]
        starters = " – ".join(one["starting_pitchers"][side]["name"] or "?" for side in ("away", "home"))
        runs = f"{score['away']:.1f}–{score['home']:.1f}"
        number = f" ({one['game_number']})" if one["game_number"] > 1 else ""
        clubs = f"{one['away_team']} at {one['home_team']}{number}"
        table.add_row(clubs, f"{chance:.1%}", _bar(chance, 12), runs, starters, ", ".join(one["flags"]))
    console.print(table)


def status(told: Mapping[str, Any]) -> None:
    """Draw what is here and whether something waits or failed."""
    world, release = told["world"], told["release"]
    console.print(f"World        {world['label']}, {world['now'] or 'now'}")
    if release:
        console.print(f"Release      {release['number']:06d}: {release['reason']}")
    for room, said in told["rooms"].items():
        console.print(f"{room:<12} {_sentence(said) if said else 'has not worked yet'}")
        for line in _of_features(said or {}):
            console.print(f"{'':<12} {line}", markup=False)
    console.print(f"Waiting      {_waiting(told['waiting'])}")
    console.print(f"Dead letters {told['dead_letters']}")


def dead_letters(letters: Sequence[Mapping[str, Any]]) -> None:
    """Draw the dead letters."""
    if not letters:
        console.print("No dead letters.")
        return
    table = _table("No.", "Topic", "Run", "Parked", "Replayed", "Reason")
    for one in letters:
        replayed = f"{one['replayed_at']:%Y-%m-%d %H:%M}" if one["replayed_at"] else ""
        parked = f"{one['parked_at']:%Y-%m-%d %H:%M}"
        table.add_row(str(one["id"]), one["topic"], one["run_id"], parked, replayed, one["reason"])
    console.print(table)


def reigns(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw who was production when."""
    table = _table("Version", "Since", "Until", "Release", "Reason")
    for row in rows:
        table.add_row(
            row["version"], str(row["since"]), str(row["until"] or "now"), row["release"], row["reason"]
        )
    console.print(table)


def features(entries: Sequence[Mapping[str, Any]]) -> None:
    """Draw the catalogue of features."""
    table = _table("Feature", "Meaning", "Unit", "Window", "Made from")
    for one in entries:
        table.add_row(one["name"], one["meaning"], one["unit"], one["window"], one["inputs"])
    console.print(table)


def evaluation(report: Mapping[str, Any]) -> None:
    """Draw each target beside naive; the report has the rest."""
    table = _table("Target", "Line-ups", "Rows", "Log loss", "MAE", "Against naive")
    for target, told in report["targets"].items():
        gain = told["rivals"]["naive"]["ours_minus_theirs"]["log_loss"]
        paired = f"{gain['mean']:+.5f} ± {gain['se']:.5f}"
        for variant, one in told["variants"].items():
            scores = f"{one['log_loss']:.4f}", f"{one['absolute']:.3f}"
            table.add_row(target, variant, str(one["rows"]), *scores, paired)
            paired = ""
    console.print(table)
    console.print(f"Took {report['seconds_in_all']:.0f} s and {report['peak_memory_mb']} MB at most")


def tick_answer(answer: Mapping[str, Any]) -> None:
    """Draw what a tick did."""
    reason = f" ({answer['reason']})" if answer.get("reason") else ""
    console.print(f"{answer['status']}{reason}: {len(answer.get('dates', []))} days, run {answer['run_id']}")
    console.print("Announced    " + (" → ".join(answer["events"]) or "nothing"))


def fields(value: Mapping[str, Any]) -> None:
    """Draw names and values, one a line."""
    for name, one in value.items():
        console.print(f"{_words(name):<14} {one}", markup=False)


def _days(summary: Mapping[str, Any]) -> str:
    live = summary["live_days"]
    lived = f"lived day by day {live[0]} to {live[-1]}" if live else "no live day"
    if not summary["backfill"]:
        return lived
    first, last = summary["backfill"]
    return f"backfilled {first} to {last}, then {lived}"


def _table(*headers: str, title: str | None = None) -> Table:
    table = Table(box=None, title=title, title_justify="left", header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header)
    return table


def _bar(chance: float, width: int = 24) -> str:
    filled = round(chance * width)
    return "█" * filled + "░" * (width - filled)


def _wary(answer: Mapping[str, Any]) -> None:
    if answer["flags"]:
        console.print(f"  wary of: {', '.join(answer['flags'])}")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _waiting(deliveries: Mapping[str, int] | None) -> str:
    if deliveries is None:
        return "see the dashboard"
    return ", ".join(f"{name} {n}" for name, n in deliveries.items()) or "nothing"


def _of_features(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the features room says of its families, and of a build that failed."""
    families = said.get("families") or {}
    if families:
        worst = max(families, key=lambda name: families[name]["null_rate"])
        share = 1 - families[worst]["null_rate"]
        least = "all complete" if share == 1 else f"{worst} the least complete: {share:.1%}"
        yield f"{len(families)} families, {least}"
    late = [f"{name} by {one['days_late']} days" for name, one in families.items() if one["days_late"]]
    if late:
        yield f"late: {', '.join(late)}"
    if missing := said.get("missing"):
        yield "missing: " + ", ".join(f"{_words(table)} since {day}" for table, day in missing.items())
    if failed := said.get("failed"):
        yield f"failed at {failed['at']}, the last good snapshot stays: {failed['reason']}"


def _sentence(said: Mapping[str, Any]) -> str:
    told = [f"{_words(name)} {said[name]}" for name in TOLD if isinstance(said.get(name), (str, int, float))]
    return f"{said.get('at') or said.get('finished_at')}, run {said['run_id']}: {', '.join(told) or 'done'}"
