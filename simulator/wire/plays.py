"""Play by play as the wire writes it: result, match-up, runners and events of every play."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from simulator.game_record import Change, Game, Play, Runner
from simulator.wire import codes
from simulator.wire.bases import ON_BASE, Bases, Situation, moving
from simulator.wire.pitch_matchups import arrivals, ended, sides
from simulator.wire.play_events import PlayEvents, final_count, written
from simulator.wire.reference_data import Almanac, Body
from simulator.wire.timeline import Span

_NEXT_BASE = {None: "1B", "1B": "2B", "2B": "3B", "3B": "4B"}
_POST = dict(zip(ON_BASE, ("postOnFirst", "postOnSecond", "postOnThird"), strict=True))
_FORCING = frozenset({"walk", "intent_walk", "hit_by_pitch", "catcher_interf", *codes.HITS})
_FORCE_OUTS = frozenset({"force_out", "grounded_into_double_play", "fielders_choice"})
_NAMED_REASONS = ("stolen_base", "caught_stealing", "pickoff", "defensive_indiff")


class _Told(NamedTuple):
    """A play with its number, the runners around it, its time, and who came in."""

    number: int
    play: Play
    bases: Situation
    span: Span
    changes: Sequence[Change]


def plays(game: Game, spans: Sequence[Span], bases: Sequence[Situation], almanac: Almanac) -> Body:
    """Return the feed's `plays`: every play, the last again, and the indexes of scoring plays and innings.

    `spans` says when each play began and ended, `bases` who was on base around it.
    """
    told = map(_Told, range(len(game.plays)), game.plays, bases, spans, arrivals(game.plays))
    rendered = [_play(one, game.game_pk, almanac) for one in told]
    body: Body = {"allPlays": rendered}
    if rendered:
        body["currentPlay"] = rendered[-1]
    scoring = [index for index, play in enumerate(game.plays) if _scores(play)]
    return body | {"scoringPlays": scoring, "playsByInning": list(_by_inning(game.plays))}


def _scores(play: Play) -> bool:
    return any(runner.end == "score" for runner in play.runners)


def _by_inning(played: Sequence[Play]) -> Iterator[Body]:
    for inning in range(1, max((play.inning for play in played), default=0) + 1):
        turns = [(index, play.is_top) for index, play in enumerate(played) if play.inning == inning]
        yield {
            "startIndex": turns[0][0],
            "endIndex": turns[-1][0],
            "top": [index for index, is_top in turns if is_top],
            "bottom": [index for index, is_top in turns if not is_top],
            "hits": {"away": [], "home": []},
        }


def _play(told: _Told, game_pk: int, almanac: Almanac) -> Body:
    play = told.play
    events = PlayEvents(play, told.changes, told.span, f"{game_pk:08x}-{told.number:04x}-4000-8000-", almanac)
    return {
        "result": _result(play),
        "about": _about(told),
        "count": written(final_count(play.pitches), play.outs_after),
        "matchup": _matchup(play, told.bases, almanac),
        "pitchIndex": events.pitch_index,
        "actionIndex": events.action_index,
        "runnerIndex": list(range(len(moving(play)))),
        "runners": _runners(play, events, almanac),
        "playEvents": events.events,
        "playEndTime": _stamp(told.span.end),
        "atBatIndex": told.number,
    }


def _result(play: Play) -> Body:
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


def _about(told: _Told) -> Body:
    play = told.play
    return {
        "atBatIndex": told.number,
        "halfInning": "top" if play.is_top else "bottom",
        "isTopInning": play.is_top,
        "inning": play.inning,
        "startTime": _stamp(told.span.start),
        "endTime": _stamp(told.span.end),
        "isComplete": True,
        "isScoringPlay": _scores(play),
        "hasReview": False,
        "hasOut": play.outs_after > play.outs_before,
        "captivatingIndex": 0,
    }


def _stamp(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _matchup(play: Play, bases: Situation, almanac: Almanac) -> Body:
    standing = bases.after if play.outs_after < 3 else {}
    duel = ended(play)
    bat_side, pitch_hand = sides(duel, play, almanac)
    return {
        "batter": almanac.person(duel.batter),
        "batSide": codes.SIDES[bat_side],
        "pitcher": almanac.person(duel.pitcher),
        "pitchHand": codes.SIDES[pitch_hand],
        **{_POST[base]: almanac.person(who) for base, who in standing.items()},
        "batterHotColdZones": [],
        "pitcherHotColdZones": [],
        "splits": {
            "batter": f"vs_{pitch_hand}HP",
            "pitcher": f"vs_{bat_side}HB",
            "menOnBase": _men_on_base(standing),
        },
    }


def _men_on_base(standing: Bases) -> str:
    if len(standing) == 3:
        return "Loaded"
    if "2B" in standing or "3B" in standing:
        return "RISP"
    return "Men_On" if standing else "Empty"


def _runners(play: Play, events: PlayEvents, almanac: Almanac) -> list[Body]:
    """Movements with their details; fielders' credits are not in the scorebook, so none are told."""
    bodies, outs = [], play.outs_before
    for runner in moving(play):
        outs += runner.is_out
        details = _details(runner, play, almanac) | {"playIndex": events.index_of(runner)}
        bodies.append({"movement": _movement(runner, play, outs), "details": details, "credits": []})
    return bodies


def _movement(runner: Runner, play: Play, outs: int) -> Body:
    return {
        "originBase": next(one.start for one in moving(play) if one.runner == runner.runner),
        "start": runner.start,
        "end": None if runner.is_out else runner.end,
        "outBase": _out_base(runner) if runner.is_out else None,
        "isOut": runner.is_out,
        "outNumber": outs if runner.is_out else None,
    }


def _out_base(runner: Runner) -> str:
    picked_off = (runner.event_type or "").startswith("pickoff")
    return runner.start if picked_off and runner.start else _NEXT_BASE[runner.start]


def _details(runner: Runner, play: Play, almanac: Almanac) -> Body:
    event = runner.event_type or play.event_type
    scored = runner.end == "score"
    charged = runner.responsible_pitcher or play.pitcher
    return {
        "event": codes.event_name(event, play.trajectory),
        "eventType": event,
        "movementReason": _reason(runner, play),
        "runner": almanac.person(runner.runner),
        "responsiblePitcher": {"id": charged, "link": f"/api/v1/people/{charged}"} if scored else None,
        "isScoringEvent": scored,
        "rbi": runner.rbi,
        "earned": scored and runner.earned,
        "teamUnearned": False,
    }


def _reason(runner: Runner, play: Play) -> str | None:
    event = runner.event_type or ""
    if event.startswith(_NAMED_REASONS):
        return f"r_{event}"
    if runner.start is None:
        return None
    if runner.is_out:
        return "r_force_out" if play.event_type in _FORCE_OUTS else "r_runner_out"
    return "r_adv_force" if play.event_type in _FORCING and not event else "r_adv_play"
