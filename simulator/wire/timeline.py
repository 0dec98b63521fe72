"""When things happened: plays spaced evenly over a game, and the history of a game's states."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from simulator.game_record import Appearance, GameRecord

DEFAULT_GAME_MINUTES = 180
LINE_UPS_BEFORE = timedelta(hours=4)
WARMUP_BEFORE = timedelta(minutes=30)
CALLED_OFF = frozenset({"Postponed", "Cancelled"})


class TimeSpan(NamedTuple):
    """Start and end, UTC."""

    start: datetime
    end: datetime


class StateChange(NamedTuple):
    """The start of a state: its name, the official date then, and the instant (None: from the beginning)."""

    state: str
    official_date: date
    at: datetime | None


def game_duration(game: GameRecord) -> timedelta:
    """Return how long the game took; three hours if not recorded."""
    return timedelta(minutes=game.duration_minutes or DEFAULT_GAME_MINUTES)


def is_suspended(game: GameRecord) -> bool:
    """Return whether the game was finished on a later date."""
    return game.completed_date is not None and game.completed_date > game.official_date


def was_moved(game: GameRecord) -> bool:
    """Return whether the game was postponed from an earlier date to its official date."""
    return game.original_date is not None and game.original_date != game.official_date


def resumed_at(game: GameRecord) -> datetime:
    """Return when a suspended game was resumed: at the hour of its start, on its completion date."""
    return game.start + ((game.completed_date or game.official_date) - game.official_date)


def first_scheduled(game: GameRecord) -> datetime:
    """Return the start first announced: the same hour on the original date."""
    return game.start - (game.official_date - (game.original_date or game.official_date))


def last_out(game: GameRecord) -> datetime:
    """Return when the game ended."""
    return (
        resumed_at(game) + game_duration(game) / 2 if is_suspended(game) else game.start + game_duration(game)
    )


def suspended_at(game: GameRecord) -> datetime:
    """Return when a suspended game was interrupted: halfway."""
    return game.start + game_duration(game) / 2


def play_spans(game: GameRecord) -> Sequence[TimeSpan]:
    """Return the span of every play; a suspended game's second half is on its completion date."""
    if not game.plays:
        return []
    step = game_duration(game) / len(game.plays)
    spans = [TimeSpan(game.start + step * n, game.start + step * (n + 1)) for n in range(len(game.plays))]
    if not is_suspended(game):
        return spans
    played = suspended_after(game)
    pause = resumed_at(game) - spans[played].start
    return spans[:played] + [TimeSpan(span.start + pause, span.end + pause) for span in spans[played:]]


def suspended_after(game: GameRecord) -> int:
    """Return how many of a suspended game's plays were on its first day: half."""
    return len(game.plays) // 2


def state_history(game: GameRecord) -> list[StateChange]:
    """Return the states of a game in order of time."""
    on, start = game.official_date, game.start
    if game.state in CALLED_OFF:
        return [StateChange("Scheduled", on, None), StateChange(game.state, on, start)]
    states = _scheduled_states(game)
    states += [
        StateChange("Pre-Game", on, start - LINE_UPS_BEFORE),
        StateChange("Warmup", on, start - WARMUP_BEFORE),
    ]
    states.append(StateChange("In Progress", on, start))
    if is_suspended(game):
        states.append(StateChange("Suspended", on, suspended_at(game)))
        states.append(StateChange("In Progress", on, resumed_at(game)))
    final = game.state if game.state in ("Final", "Completed Early") else "Final"
    return [*states, StateChange(final, on, last_out(game))]


def _scheduled_states(game: GameRecord) -> list[StateChange]:
    if not was_moved(game):
        return [StateChange("Scheduled", game.official_date, None)]
    first = game.original_date or game.official_date
    return [
        StateChange("Scheduled", first, None),
        StateChange("Scheduled", game.official_date, first_scheduled(game)),
    ]


def state_at(game: GameRecord, now: datetime) -> StateChange:
    """Return the state at an instant."""
    return [change for change in state_history(game) if change.at is None or change.at <= now][-1]


def has_changed_since(game: GameRecord, since: datetime, now: datetime) -> bool:
    """Return whether a state began after `since` and not after `now`."""
    return any(change.at is not None and since < change.at <= now for change in state_history(game))


def as_of(game: GameRecord, now: datetime) -> GameRecord:
    """Return the game as known at an instant, without later plays, line-ups and results.

    A game in progress keeps the starters and everybody who has batted or pitched. Its earned runs are those
    scored so far; fielders' totals are zero until the end.
    """
    state = state_at(game, now).state
    if state in ("Final", "Completed Early"):
        return game
    on = state_at(game, now).official_date
    unknown = replace(game, state=state, official_date=on, winner=None, loser=None, save=None)
    if state in ("In Progress", "Suspended"):
        return _so_far(game, unknown, now)
    if state in ("Pre-Game", "Warmup"):
        return replace(
            unknown,
            plays=(),
            appearances=[_reset_appearance(line) for line in game.appearances if _is_starter(line)],
        )
    return replace(unknown, plays=(), appearances=(), officials={}, weather=None)


def _so_far(game: GameRecord, unknown: GameRecord, now: datetime) -> GameRecord:
    plays = [play for play, span in zip(game.plays, play_spans(game), strict=True) if span.end <= now]
    seen = {player for play in plays for player in (play.batter, play.pitcher)}
    earned: dict[int, int] = {}
    for play in plays:
        for runner in play.runners:
            if runner.end == "score" and runner.earned:
                charged = runner.responsible_pitcher or play.pitcher
                earned[charged] = earned.get(charged, 0) + 1
    known = [line for line in game.appearances if _is_starter(line) or line.player in seen]
    appearances = [
        replace(line, earned_runs=earned.get(line.player, 0), putouts=0, assists=0, errors=0)
        for line in known
    ]
    return replace(unknown, plays=plays, appearances=appearances)


def _is_starter(line: Appearance) -> bool:
    return line.is_starting_pitcher or (line.batting_order or "").endswith("00")


def _reset_appearance(line: Appearance) -> Appearance:
    return replace(line, positions=line.positions[:1], earned_runs=0, putouts=0, assists=0, errors=0)
