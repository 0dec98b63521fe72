"""Console screens about runs, models, forecasts, dead letters, keys and evaluations."""

from collections.abc import Mapping, Sequence
from typing import Any

from hankstank.terminal import draw_rows, print_text, stdout_console
from services.predict_api.web.api_keys import ApiKey

COUNTED = {
    "finished_games": "games",
    "plate_appearances": "plate appearances",
    "statcast_pitches": "pitches",
    "player_stats_historical": "player lines",
}


def draw_keys(rows: Sequence[ApiKey]) -> None:
    """Draw API keys by name."""
    empty = "No keys: `hankstank keys create NAME` makes one. Without keys only this machine is served."
    cells = [
        (key.name, f"{key.per_minute:,}", f"{key.per_hour:,}", "revoked" if key.is_revoked else "yes")
        for key in rows
    ]
    draw_rows(("Name", "A minute", "An hour", "Valid"), cells, title="API keys", empty=empty)


def draw_targets(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the targets of notifications, masked."""
    empty = "No targets: nobody gets notifications. Set HANKSTANK_NOTIFY: see docs/console.md"
    cells = [(str(one["number"]), one["kind"], one["target"]) for one in rows]
    draw_rows(("No.", "Kind", "Target"), cells, empty=empty)


def draw_test_results(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw what happened to a test message at each target."""
    cells = [
        (
            str(one["number"]),
            one["kind"],
            one["target"],
            "sent" if one["sent"] else f"not sent: {one['reason']}",
            f"{one['seconds']:.1f}",
        )
        for one in rows
    ]
    draw_rows(("No.", "Kind", "Target", "Result", "Seconds"), cells)


def draw_run_summary(summary: Mapping[str, Any]) -> None:
    """Draw the result of a run: collected rows, grades, check, models, two forecasts, seconds."""
    stdout_console().print(f"\n[bold]Hank's Tank[/] · {summary['world']}")
    for label, text in _summary_facts(summary).items():
        print_text(f"{label:<22}{text}")
    if summary["dead_letters"]:
        stdout_console().print("[red]Some deliveries failed for good: see `hankstank dead-letters list`[/]")
    draw_models(summary["models"])
    draw_game(summary["game"])
    draw_player(summary["player"])
    print_text("\nNext: `hankstank slate DATE`, `hankstank serve`, or `hankstank run` to continue")


def _summary_facts(summary: Mapping[str, Any]) -> dict[str, str]:
    counts, check, seconds = summary["collected"], summary["leak_proof"], summary["seconds"]
    services = " · ".join(f"{name} {spent:.1f}" for name, spent in seconds.items() if name != "total")
    rows = f"{check['rows_sampled']} rows recomputed without later data, {check['mismatches']} differ"
    return {
        "Days": _days_text(summary),
        "Collected": " · ".join(f"{counts.get(table, 0):,} {word}" for table, word in COUNTED.items()),
        "Grades": ", ".join(f"{grade} × {n}" for grade, n in sorted(summary["grades"].items())) or "none",
        "Point-in-time check": rows,
        "Seconds": f"{seconds['total']:.1f} in total: {services}",
        "Memory": f"{summary['peak_memory_mb']} MB at most",
    }


def draw_models(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw models beside their naive baselines on held-out days."""
    headers = ("Model", "Version", "Held out", "Log loss", "Naive", "Gain")
    title = "\nModels in production and their naive baselines, on held-out days"
    cells = [
        (
            display_name(row["target"]),
            row["version"],
            f"{row['rows']:,.0f} rows",
            f"{row['log_loss']:.4f}",
            f"{row['naive_log_loss']:.4f}",
            f"{row['gain']:+.4f} ± {row['gain_se']:.4f}",
        )
        for row in rows
    ]
    draw_rows(headers, cells, title, empty="\nNo model is in production: `hankstank status` says why")


def draw_game(response: Mapping[str, Any]) -> None:
    """Draw one game's forecast."""
    chances = response["predictions"]
    home, away = response["home_team"], response["away_team"]
    stdout_console().print(
        f"\n[bold]{away} at {home}, {response['game_date']}[/]  (as of {response['as_of']})"
    )
    win, loss = chances["home_win_probability"], chances["away_win_probability"]
    print_text(f"  {home} {win:.1%} {_probability_bar(win)} {loss:.1%} {away}")
    if score := chances.get("predicted_score"):
        print_text(f"  expected runs {home} {score['home']:.2f}, {away} {score['away']:.2f}")
    if response.get("starting_pitchers"):
        names = [_starter_name(response, side, "unknown") for side in ("away", "home")]
        print_text(f"  starters {names[0]} ({away}), {names[1]} ({home})")
    _print_caveats(response)


def draw_player(response: Mapping[str, Any]) -> None:
    """Draw one player's forecasts."""
    team = f" ({response['team']})" if response.get("team") else ""
    against = f" against {response['opponent']}" if response.get("opponent") else ""
    stdout_console().print(f"\n[bold]{response['name']}[/]{team}{against}, {response['game_date']}")
    for stat, forecast in response["predictions"].items():
        low, high = forecast["interval_80"]
        print_text(f"  {display_name(stat)}: {forecast['mean']:.2f} expected, 80% interval {low} to {high}")
        chances = (f"{n}:{p:.0%}" for n, p in enumerate(forecast["distribution"]) if p >= 0.005)
        print_text("  " + " ".join(chances))
        if line := forecast.get("line"):
            push = f", push {line['push']:.1%}" if line["push"] > 0.0005 else ""
            print_text(f"  over {line['line']}: {line['over']:.1%}, under: {line['under']:.1%}{push}")
    for stat, why in (response.get("unavailable") or {}).items():
        print_text(f"  {display_name(stat)}: {why}")
    _print_caveats(response)


def draw_slate(response: Mapping[str, Any]) -> None:
    """Draw a day's games, or why there are none."""
    if not response["games"]:
        print_text(response["message"])
        return
    headers = ("Game", "Home win", "", "Runs", "Starters", "Caveats")
    rows = []
    for one in response["games"]:
        chance = one["predictions"]["home_win_probability"]
        number = f" ({one['game_number']})" if one["game_number"] > 1 else ""
        clubs = f"{one['away_team']} at {one['home_team']}{number}"
        starters = f"{_starter_name(one, 'away', '?')} – {_starter_name(one, 'home', '?')}"
        bar = _probability_bar(chance, 12)
        rows.append((clubs, f"{chance:.1%}", bar, _expected_runs(one), starters, _flag_labels(one)))
    draw_rows(headers, rows, title=f"Games of {response['game_date']} · {response['world']}")
    if response["called_off"]:
        print_text(f"Called off: {', '.join(response['called_off'])}")


def _expected_runs(game: Mapping[str, Any]) -> str:
    """Return the expected runs, visitors first; a dash if a stored forecast lacks them."""
    score = game["predictions"].get("predicted_score")
    return f"{score['away']:.1f}–{score['home']:.1f}" if score else "–"


def _starter_name(game: Mapping[str, Any], side: str, unknown: str) -> str:
    """Return a starter's name; `unknown` if none is announced or stored."""
    starter = (game.get("starting_pitchers") or {}).get(side) or {}
    return str(starter.get("name") or unknown)


def draw_dead_letters(letters: Sequence[Mapping[str, Any]]) -> None:
    """Draw the dead letters."""
    rows = []
    for one in letters:
        replayed = f"{one['replayed_at']:%Y-%m-%d %H:%M}" if one["replayed_at"] else ""
        failed_at = f"{one['parked_at']:%Y-%m-%d %H:%M}"
        rows.append((str(one["id"]), one["topic"], one["run_id"], failed_at, replayed, one["reason"]))
    draw_rows(("No.", "Topic", "Run", "Failed", "Replayed", "Reason"), rows, empty="No dead letters.")


def draw_model_history(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw which version was in production when."""
    cells = [
        (row["version"], str(row["since"]), str(row["until"] or "now"), row["release"], row["reason"])
        for row in rows
    ]
    draw_rows(("Version", "Since", "Until", "Release", "Reason"), cells)


def draw_features(entries: Sequence[Mapping[str, Any]]) -> None:
    """Draw the catalogue of features."""
    cells = [tuple(one[part] for part in ("name", "meaning", "unit", "window", "inputs")) for one in entries]
    draw_rows(("Feature", "Meaning", "Unit", "Window", "Inputs"), cells)


def draw_evaluation(report: Mapping[str, Any]) -> None:
    """Draw each target beside its naive baseline; the report has the rest."""
    rows = []
    for target, target_report in report["targets"].items():
        gain = target_report["rivals"]["naive"]["ours_minus_theirs"]["log_loss"]
        paired = f"{gain['mean']:+.5f} ± {gain['se']:.5f}"
        at_mean = target_report["absolute_error_is_scored_at"] == "mean"
        missed = "absolute" if at_mean else "absolute_median"
        for variant, one in target_report["variants"].items():
            scores = f"{one['log_loss']:.4f}", f"{one[missed]:.3f}"
            rows.append((target, variant, str(one["rows"]), *scores, paired))
            paired = ""
    draw_rows(("Target", "Line-ups", "Rows", "Log loss", "MAE", "Minus naive"), rows)
    for line in report["odds_not_read"]:
        print_text(line)
    print_text(f"Took {report['seconds_in_all']:.0f} s and {report['peak_memory_mb']} MB at most")


def draw_truth(report: Mapping[str, Any]) -> None:
    """Draw each forecaster's divergence from the true probabilities (nats a game), by league and overall."""
    leagues = {f"seed {seed}": one for seed, one in report["seeds"].items()} | {"all": report["all"]}
    rows = [
        ("" if n else league, name, _mean_text(one), _log_loss_text(league_report, name))
        for league, league_report in leagues.items()
        for n, (name, one) in enumerate(league_report["divergence"].items())
    ]
    draw_rows(("League", "Forecast", "Divergence", "Log loss"), rows)
    ours, laws, replayed = (report["all"][name] for name in ("ours_to_elo", "laws_to_elo", "games_replayed"))
    shares = " and ".join(f"{one['ratio']:.3f} ± {one['se']:.3f}" for one in (ours, laws))
    print_text(
        f"Divergence of ours and of the oracle relative to Elo's: {shares}, {replayed} games simulated again"
    )


def _log_loss_text(league_report: Mapping[str, Any], name: str) -> str:
    """Return the log loss of all games; empty for a forecaster of the replayed games only."""
    return f"{league_report['log_loss'][name]['mean']:.4f}" if name in league_report["log_loss"] else ""


def _mean_text(mean: Mapping[str, float]) -> str:
    return f"{mean['mean']:.5f} ± {mean['se']:.5f}"


def draw_collection(response: Mapping[str, Any]) -> None:
    """Draw the result of a collection."""
    reason = f" ({response['reason']})" if response.get("reason") else ""
    print_text(
        f"{response['status']}{reason}: {len(response.get('dates', []))} days, run {response['run_id']}"
    )
    print_text("Events       " + (" → ".join(response["events"]) or "nothing"))
    if response.get("lane") == "backfill":
        print_text("Old days: they are stored apart, and nothing is trained or released.")


def draw_fields(value: Mapping[str, Any]) -> None:
    """Draw names and values, one a line."""
    for name, one in value.items():
        shown = ("; ".join(map(str, one)) or "nothing") if isinstance(one, list | tuple) else one
        print_text(f"{display_name(name):<14} {shown}")


def _days_text(summary: Mapping[str, Any]) -> str:
    live = summary["live_days"]
    live_text = f"day by day {live[0]} to {live[-1]}" if live else "no live days"
    if not summary["backfill"]:
        return live_text
    first, last = summary["backfill"]
    return f"backfilled {first} to {last}, then {live_text}"


def _probability_bar(chance: float, width: int = 24) -> str:
    filled = round(chance * width)
    return "█" * filled + "░" * (width - filled)


def _print_caveats(response: Mapping[str, Any]) -> None:
    if response["flags"]:
        print_text(f"  caveats: {_flag_labels(response)}")
    for caveat in response.get("caveats") or ():
        print_text(f"  {caveat}")


def _flag_labels(response: Mapping[str, Any]) -> str:
    return ", ".join(flag["label"] for flag in response["flags"])


def display_name(name: str) -> str:
    """Return a name with spaces for underscores."""
    return name.replace("_", " ")
