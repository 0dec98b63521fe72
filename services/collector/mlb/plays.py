"""Converts the play-by-play to rows of plate_appearances and statcast_pitches."""

import logging
from collections.abc import Iterator

from services.collector.mlb.event_types import NOT_A_PLAY, classify_event, is_at_bat, is_plate_appearance
from services.collector.mlb.pitch_matchups import MatchupTracker, PitchMatchup
from services.collector.mlb.wire.box_score import BoxTeam
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.plays import HitData, Play, PlayEvent, Runner
from services.collector.rows import Row

log = logging.getLogger(__name__)

_BASES = {"1B": 1, "2B": 2, "3B": 4}
_BASE_BITS: dict[int | None, int] = {1: 1, 2: 2, 3: 4}
_RUNNER_PLACED = "runner_placed"
_NO_HIT = HitData()
_INCHES_PER_FOOT = 12.0
_NOT_THROWN = ("A", "V", "N")  # calls of automatic strikes, automatic balls, and no pitch


def play_rows(feed: Feed) -> tuple[list[Row], list[Row]]:
    """Return (plate appearances, pitches) of a finished game, in order."""
    clubs = feed.game_data.teams.away.id, feed.game_data.teams.home.id
    box = feed.live_data.boxscore.teams
    slots = _batting_order_slots(box.away), _batting_order_slots(box.home)
    tracker = MatchupTracker(feed)
    appearances: list[Row] = []
    pitches: list[Row] = []
    disagreeing = []
    for play, outs, bases, after in _base_out_states(feed.live_data.plays.all_plays):
        batting = 0 if play.about.is_top_inning else 1
        pa_outcome = _outcome_of_plate_appearance(play)
        plate_appearance = tracker.track_play(play, pa_outcome)
        if pa_outcome is not None:
            slot = slots[batting].get(plate_appearance.charged.batter_id)
            row = _plate_appearance_row(play, plate_appearance.charged, pa_outcome, outs, bases, slot)
            row["batting_team_id"], row["fielding_team_id"] = clubs[batting], clubs[1 - batting]
            appearances.append(row)
        pitches.extend(_pitch_rows(play, plate_appearance.pitches))
        if play.count.outs < 3 and after != _on_base_after(play):
            disagreeing.append(play.about.at_bat_index)
    if disagreeing:
        log.warning(
            "game %d: after plays %s runners and match-up disagree on who is on base: the runners are used",
            feed.game_data.game.pk,
            disagreeing,
        )
    return appearances, pitches


def count_thrown_pitches(pitches: list[Row]) -> int:
    """Return how many pitches were thrown: automatic calls do not count, though Savant lists them."""
    return sum(not (row["call_code"] or "").startswith(_NOT_THROWN) for row in pitches)


def _batting_order_slots(team: BoxTeam) -> dict[int, int]:
    return {p.person.id: int(p.batting_order) // 100 for p in team.players.values() if p.batting_order}


def _base_out_states(plays: list[Play]) -> Iterator[tuple[Play, int, int, int]]:
    """Yield each play with the outs and the occupied bases it began with, and the bases after it."""
    half, outs, bases = None, 0, 0
    for play in plays:
        if half != (half := (play.about.inning, play.about.is_top_inning)):
            outs, bases = 0, 0
        left, reached = _bases_left_and_reached(play.runners)
        bases |= left | _placed_runner_bases(
            play
        )  # a placed runner who stays is in no leg; one who moved is in a leg, maybe there alone
        after = bases & ~left | reached
        yield play, outs, bases, after
        outs, bases = play.count.outs, after


def _placed_runner_bases(play: Play) -> int:
    """Return the bases with runners that the extra-inning rule placed."""
    events = (event for event in play.play_events if event.details.event_type == _RUNNER_PLACED)
    return _union_of_bases({place: _BASE_BITS.get(event.base, 0) for place, event in enumerate(events)})


def _on_base_after(play: Play) -> int:
    """Return the occupied bases after a play by its match-up, as a bit mask."""
    matchup = play.matchup
    post = (matchup.post_on_first, matchup.post_on_second, matchup.post_on_third)
    return sum(bit for bit, runner in zip(_BASES.values(), post, strict=True) if runner)


def _bases_left_and_reached(runners: list[Runner]) -> tuple[int, int]:
    """Return which bases were left and which are held afterwards: each runner's first start and last end."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for runner in runners:
        who, move = runner.details.runner.id, runner.movement
        placed = runner.details.event_type == _RUNNER_PLACED
        starts.setdefault(who, _BASES.get((move.end if placed else move.start) or "", 0))
        ends[who] = 0 if move.is_out else _BASES.get(move.end or "", 0)
    return _union_of_bases(starts), _union_of_bases(ends)


def _union_of_bases(bases: dict[int, int]) -> int:
    mask = 0
    for base in bases.values():
        mask |= base
    return mask


def _outcome_of_plate_appearance(play: Play) -> str | None:
    """Return the outcome of a completed plate appearance, else None."""
    result = play.result
    if not play.about.is_complete or result.type != "atBat" or result.event_type is None:
        return None
    pa_outcome = classify_event(result.event_type, is_out=result.is_out)
    return None if pa_outcome == NOT_A_PLAY else pa_outcome


def _plate_appearance_row(
    play: Play, charged: PitchMatchup, pa_outcome: str, outs: int, bases: int, slot: int | None
) -> Row:
    result, about = play.result, play.about
    thrown = [event for event in play.play_events if event.is_pitch]
    hit = thrown[-1].hit_data if thrown else None
    hit = hit or _NO_HIT
    return {
        "at_bat_index": about.at_bat_index,
        "inning": about.inning,
        "is_top": about.is_top_inning,
        **charged._asdict(),
        "batting_slot": slot,
        "event_type": result.event_type,
        "outcome": pa_outcome,
        "is_plate_appearance": is_plate_appearance(pa_outcome),
        "is_at_bat": is_at_bat(pa_outcome),
        "rbi": result.rbi,
        "runs_scored": sum(runner.movement.end == "score" for runner in play.runners),
        "outs_before": outs,
        "outs_after": play.count.outs,
        "bases_before": bases,
        "balls": play.count.balls,
        "strikes": play.count.strikes,
        "pitches": len(thrown),
        "home_score": result.home_score,
        "away_score": result.away_score,
        "trajectory": hit.trajectory,
        "hit_location": hit.location,
        "launch_speed": hit.launch_speed,
        "launch_angle": hit.launch_angle,
        "hit_distance": hit.total_distance,
        "start_time": about.start_time,
        "end_time": about.end_time,
        "description": result.description,
    }


def _pitch_rows(play: Play, matchups: list[PitchMatchup]) -> Iterator[Row]:
    """Yield a row for each pitch thrown; `pitch_matchups` has who faced whom in each of them."""
    plate_appearance = {
        "at_bat_index": play.about.at_bat_index,
        "inning": play.about.inning,
        "is_top": play.about.is_top_inning,
    }
    balls = strikes = number = 0
    for event in play.play_events:
        if event.is_pitch:
            yield (
                plate_appearance | matchups[number]._asdict() | _pitch_row(event, number + 1, balls, strikes)
            )
            number += 1
        balls, strikes = event.count.balls, event.count.strikes


def _pitch_row(event: PlayEvent, number: int, balls: int, strikes: int) -> Row:
    details, measured, hit = event.details, event.pitch_data, event.hit_data or _NO_HIT
    place, spin = measured.coordinates, measured.breaks
    return {
        "pitch_number": event.pitch_number or number,
        "call_code": details.code,
        "description": details.description,
        "pitch_type": details.type.code if details.type else None,
        "release_speed": measured.start_speed,
        "spin_rate": spin.spin_rate,
        "spin_axis": spin.spin_direction,
        "extension": measured.extension,
        "pfx_x": _inches_to_feet(place.pfx_x),
        "pfx_z": _inches_to_feet(place.pfx_z),
        "plate_x": place.p_x,
        "plate_z": place.p_z,
        "zone": measured.zone,
        "strike_zone_top": measured.strike_zone_top,
        "strike_zone_bottom": measured.strike_zone_bottom,
        "balls": balls,
        "strikes": strikes,
        "outs": event.count.outs,
        "is_in_play": details.is_in_play,
        "is_strike": details.is_strike or details.is_in_play,
        "trajectory": hit.trajectory,
        "launch_speed": hit.launch_speed,
        "launch_angle": hit.launch_angle,
        "hit_distance": hit.total_distance,
        "bat_speed": None,
        "swing_length": None,
        "arm_angle": None,
        "attack_angle": None,
        "attack_direction": None,
        "swing_path_tilt": None,
        "expected_woba": None,
        "run_value": None,
    }


def _inches_to_feet(inches: float | None) -> float | None:
    return None if inches is None else inches / _INCHES_PER_FOOT
