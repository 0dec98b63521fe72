"""When things happened: plays spread evenly over a game, and the history of a game's states."""

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
    """From when to when, UTC."""

    start: datetime
    end: datetime


class StateChange(NamedTuple):
    """A state that begins: its name, the date the game then stands on, when it begins (None: always so)."""

    state: str
    official_date: date
    at: datetime | None


def game_duration(game: GameRecord) -> timedelta:
    """Return how long the game took; three hours where nobody wrote it down."""
    return timedelta(minutes=game.duration_minutes or DEFAULT_GAME_MINUTES)


def is_suspended(game: GameRecord) -> bool:
    """Say whether the game was finished on a later date."""
    return game.completed_date is not None and game.completed_date > game.official_date


def was_moved(game: GameRecord) -> bool:
    """Say whether the game was postponed to its official date from an earlier one."""
    return game.original_date is not None and game.original_date != game.official_date


def resumed_at(game: GameRecord) -> datetime:
    """Return when a suspended game went on: the hour of its start, on the day it was completed."""
    return game.start + ((game.completed_date or game.official_date) - game.official_date)


def first_scheduled(game: GameRecord) -> datetime:
    """Return the start first announced: the same hour on the original date."""
    return game.start - (game.official_date - (game.original_date or game.official_date))


def last_out(game: GameRecord) -> datetime:
    """Return when the game was over."""
    return (
        resumed_at(game) + game_duration(game) / 2 if is_suspended(game) else game.start + game_duration(game)
    )


def suspended_at(game: GameRecord) -> datetime:
    """Return when play stopped in a suspended game: half-way."""
    return game.start + game_duration(game) / 2


def play_spans(game: GameRecord) -> Sequence[TimeSpan]:
    """Return the span of every play; the second half of a suspended game lies on its completion day."""
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
    """Return how many plays a suspended game saw on its first day: half of them."""
    return len(game.plays) // 2


def state_history(game: GameRecord) -> list[StateChange]:
    """Return the states of a game in the order they began."""
    on, start = game.official_date, game.start
    if game.state in CALLED_OFF:
        return [StateChange("Scheduled", on, None), StateChange(game.state, on, start)]
    moments = _scheduled_states(game)
    moments += [
        StateChange("Pre-Game", on, start - LINE_UPS_BEFORE),
        StateChange("Warmup", on, start - WARMUP_BEFORE),
    ]
    moments.append(StateChange("In Progress", on, start))
    if is_suspended(game):
        moments.append(StateChange("Suspended", on, suspended_at(game)))
        moments.append(StateChange("In Progress", on, resumed_at(game)))
    over = game.state if game.state in ("Final", "Completed Early") else "Final"
    return [*moments, StateChange(over, on, last_out(game))]


def _scheduled_states(game: GameRecord) -> list[StateChange]:
    if not was_moved(game):
        return [StateChange("Scheduled", game.official_date, None)]
    first = game.original_date or game.official_date
    return [
        StateChange("Scheduled", first, None),
        StateChange("Scheduled", game.official_date, first_scheduled(game)),
    ]


def state_at(game: GameRecord, now: datetime) -> StateChange:
    """Return the state that stands at an instant."""
    return [one for one in state_history(game) if one.at is None or one.at <= now][-1]


def has_changed_since(game: GameRecord, since: datetime, now: datetime) -> bool:
    """Say whether a state began after `since` and not after `now`."""
    return any(one.at is not None and since < one.at <= now for one in state_history(game))


def as_of(game: GameRecord, now: datetime) -> GameRecord:
    """Return what could be known at an instant: later plays, line-ups and results taken away.

    A game under way keeps the starters and whoever has batted or pitched; its earned runs are the runs so
    far that were earned, and fielders' totals are not known before the end.
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
            appearances=[_reset_appearance(one) for one in game.appearances if _is_starter(one)],
        )
    return replace(unknown, plays=(), appearances=(), officials={}, weather=None)


def _so_far(game: GameRecord, unknown: GameRecord, now: datetime) -> GameRecord:
    plays = [play for play, span in zip(game.plays, play_spans(game), strict=True) if span.end <= now]
    seen = {who for play in plays for who in (play.batter, play.pitcher)}
    earned: dict[int, int] = {}
    for play in plays:
        for runner in play.runners:
            if runner.end == "score" and runner.earned:
                charged = runner.responsible_pitcher or play.pitcher
                earned[charged] = earned.get(charged, 0) + 1
    known = [one for one in game.appearances if _is_starter(one) or one.player in seen]
    appearances = [
        replace(one, earned_runs=earned.get(one.player, 0), putouts=0, assists=0, errors=0) for one in known
    ]
    return replace(unknown, plays=plays, appearances=appearances)


def _is_starter(one: Appearance) -> bool:
    return one.is_starting_pitcher or (one.batting_order or "").endswith("00")


def _reset_appearance(one: Appearance) -> Appearance:
    return replace(one, positions=one.positions[:1], earned_runs=0, putouts=0, assists=0, errors=0)
