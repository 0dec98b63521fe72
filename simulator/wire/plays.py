"""The feed's play by play: result, match-up, runners and events of every play."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from simulator.game_record import GameRecord, Play, RunnerMovement, Substitution
from simulator.wire import codes
from simulator.wire.bases import ON_BASE, BaseSituation, RunnersByBase, list_movements
from simulator.wire.pitch_matchups import batter_and_pitcher_sides, final_matchup, list_substitutions
from simulator.wire.play_events import PlayEvents, final_count, render_count
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.timeline import TimeSpan

_NEXT_BASE = {None: "1B", "1B": "2B", "2B": "3B", "3B": "4B"}
_POST = dict(zip(ON_BASE, ("postOnFirst", "postOnSecond", "postOnThird"), strict=True))
_FORCING = frozenset({"walk", "intent_walk", "hit_by_pitch", "catcher_interf", *codes.HITS})
_FORCE_OUTS = frozenset({"force_out", "grounded_into_double_play", "fielders_choice"})
_NAMED_REASONS = ("stolen_base", "caught_stealing", "pickoff", "defensive_indiff")


class _PlayContext(NamedTuple):
    """A play with its number, the bases around it, its time span and its substitutions."""

    number: int
    play: Play
    bases: BaseSituation
    span: TimeSpan
    changes: Sequence[Substitution]


def render_plays(
    game: GameRecord, spans: Sequence[TimeSpan], bases: Sequence[BaseSituation], reference: ReferenceData
) -> Body:
    """Return the feed's `plays`: all plays, the last one again, and indexes of scoring plays and innings.

    `spans` are the plays' times, `bases` the runners before and after them.
    """
    contexts = map(
        _PlayContext, range(len(game.plays)), game.plays, bases, spans, list_substitutions(game.plays)
    )
    rendered = [_render_play(context, game.game_pk, reference) for context in contexts]
    body: Body = {"allPlays": rendered}
    if rendered:
        body["currentPlay"] = rendered[-1]
    scoring = [index for index, play in enumerate(game.plays) if _is_scoring_play(play)]
    return body | {"scoringPlays": scoring, "playsByInning": list(_by_inning(game.plays))}


def _is_scoring_play(play: Play) -> bool:
    return any(runner.end == "score" for runner in play.runners)


def _by_inning(plays: Sequence[Play]) -> Iterator[Body]:
    for inning in range(1, max((play.inning for play in plays), default=0) + 1):
        halves = [(index, play.is_top) for index, play in enumerate(plays) if play.inning == inning]
        yield {
            "startIndex": halves[0][0],
            "endIndex": halves[-1][0],
            "top": [index for index, is_top in halves if is_top],
            "bottom": [index for index, is_top in halves if not is_top],
            "hits": {"away": [], "home": []},
        }


def _render_play(context: _PlayContext, game_pk: int, reference: ReferenceData) -> Body:
    play = context.play
    events = PlayEvents(
        play, context.changes, context.span, f"{game_pk:08x}-{context.number:04x}-4000-8000-", reference
    )
    return {
        "result": _render_result(play),
        "about": _render_about(context),
        "count": render_count(final_count(play.pitches), play.outs_after),
        "matchup": _render_matchup(play, context.bases, reference),
        "pitchIndex": events.pitch_index,
        "actionIndex": events.action_index,
        "runnerIndex": list(range(len(list_movements(play)))),
        "runners": _render_runners(play, events, reference),
        "playEvents": events.events,
        "playEndTime": _format_timestamp(context.span.end),
        "atBatIndex": context.number,
    }


def _render_result(play: Play) -> Body:
    return {
        "type": "atBat",
        "event": codes.play_name(play),
        "eventType": play.event_type,
        "description": play.description,
        "rbi": play.rbi,
        "awayScore": play.away_score,
        "homeScore": play.home_score,
        "isOut": any(runner.is_out for runner in play.runners),
    }


def _render_about(context: _PlayContext) -> Body:
    play = context.play
    return {
        "atBatIndex": context.number,
        "halfInning": "top" if play.is_top else "bottom",
        "isTopInning": play.is_top,
        "inning": play.inning,
        "startTime": _format_timestamp(context.span.start),
        "endTime": _format_timestamp(context.span.end),
        "isComplete": True,
        "isScoringPlay": _is_scoring_play(play),
        "hasReview": False,
        "hasOut": play.outs_after > play.outs_before,
        "captivatingIndex": 0,
    }


def _format_timestamp(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _render_matchup(play: Play, bases: BaseSituation, reference: ReferenceData) -> Body:
    on_base = bases.after if play.outs_after < 3 else {}
    matchup = final_matchup(play)
    bat_side, pitch_hand = batter_and_pitcher_sides(matchup, play, reference)
    return {
        "batter": reference.person_ref(matchup.batter),
        "batSide": codes.SIDES[bat_side],
        "pitcher": reference.person_ref(matchup.pitcher),
        "pitchHand": codes.SIDES[pitch_hand],
        **{_POST[base]: reference.person_ref(runner) for base, runner in on_base.items()},
        "batterHotColdZones": [],
        "pitcherHotColdZones": [],
        "splits": {
            "batter": f"vs_{pitch_hand}HP",
            "pitcher": f"vs_{bat_side}HB",
            "menOnBase": _runners_on_base(on_base),
        },
    }


def _runners_on_base(on_base: RunnersByBase) -> str:
    if len(on_base) == 3:
        return "Loaded"
    if "2B" in on_base or "3B" in on_base:
        return "RISP"
    return "Men_On" if on_base else "Empty"


def _render_runners(play: Play, events: PlayEvents, reference: ReferenceData) -> list[Body]:
    """Return movements with their details; `credits` stay empty, as game records have none by play."""
    bodies, outs = [], play.outs_before
    for runner in list_movements(play):
        outs += runner.is_out
        details = _runner_details(runner, play, reference) | {"playIndex": events.index_of(runner)}
        bodies.append({"movement": _render_movement(runner, play, outs), "details": details, "credits": []})
    return bodies


def _render_movement(runner: RunnerMovement, play: Play, outs: int) -> Body:
    return {
        "originBase": next(leg.start for leg in list_movements(play) if leg.runner == runner.runner),
        "start": runner.start,
        "end": None if runner.is_out else runner.end,
        "outBase": _out_base(runner) if runner.is_out else None,
        "isOut": runner.is_out,
        "outNumber": outs if runner.is_out else None,
    }


def _out_base(runner: RunnerMovement) -> str:
    picked_off = (runner.event_type or "").startswith("pickoff")
    return runner.start if picked_off and runner.start else _NEXT_BASE[runner.start]


def _runner_details(runner: RunnerMovement, play: Play, reference: ReferenceData) -> Body:
    event = runner.event_type or play.event_type
    scored = runner.end == "score"
    charged = runner.responsible_pitcher or play.pitcher
    return {
        "event": codes.event_name(event, play.trajectory),
        "eventType": event,
        "movementReason": _movement_reason(runner, play),
        "runner": reference.person_ref(runner.runner),
        "responsiblePitcher": {"id": charged, "link": f"/api/v1/people/{charged}"} if scored else None,
        "isScoringEvent": scored,
        "rbi": runner.rbi,
        "earned": scored and runner.earned,
        "teamUnearned": False,
    }


def _movement_reason(runner: RunnerMovement, play: Play) -> str | None:
    event = runner.event_type or ""
    if event.startswith(_NAMED_REASONS):
        return f"r_{event}"
    if runner.start is None:
        return None
    if runner.is_out:
        return "r_force_out" if play.event_type in _FORCE_OUTS else "r_runner_out"
    return "r_adv_force" if play.event_type in _FORCING and not event else "r_adv_play"
