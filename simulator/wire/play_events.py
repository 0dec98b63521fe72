"""What happens within a play, in order: pitches with their measurements; runners and substitutes between."""

from collections.abc import Sequence
from functools import lru_cache

from simulator.game_record import Change, Pitch, Play, Runner
from simulator.wire import codes
from simulator.wire.bases import moving, placed
from simulator.wire.reference_data import Almanac, Body
from simulator.wire.timeline import Span

_BALL_COLORS = {
    "ball": "rgba(39, 161, 39, 1.0)",
    "strike": "rgba(170, 21, 11, 1.0)",
    "play": "rgba(26, 86, 190, 1.0)",
}


_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


def counts_after(pitches: Sequence[Pitch]) -> list[tuple[int, int]]:
    """Return balls and strikes after each pitch; a ball in play leaves the count as it was.

    >>> counts_after([Pitch("B"), Pitch("F"), Pitch("C"), Pitch("F"), Pitch("X")])
    [(1, 0), (1, 1), (1, 2), (1, 2), (1, 2)]
    """
    after, balls, strikes = [], 0, 0
    for pitch in pitches:
        if pitch.call in codes.BALLS:
            balls += 1
        elif pitch.call not in codes.NO_CHANGE and not (pitch.call in ("F", "R") and strikes == 2):
            strikes += 1
        after.append((min(balls, 4), min(strikes, 3)))
    return after


def final_count(pitches: Sequence[Pitch]) -> tuple[int, int]:
    """Return balls and strikes after the last pitch."""
    return counts_after(pitches)[-1] if pitches else (0, 0)


class PlayEvents:
    """A play's `playEvents` with the indexes the wire keeps beside them.

    Runners who are placed come first. The scorebook does not say between which pitches others went: they go
    just before the last one.
    """

    def __init__(self, play: Play, changes: Sequence[Change], span: Span, ids: str, almanac: Almanac) -> None:
        self.events: list[Body] = []
        self.pitch_index: list[int] = []
        self.action_index: list[int] = []
        self._run_at: dict[int, int] = {}
        self._play, self._changes, self._ids, self._almanac = play, changes, ids, almanac
        self._running = [one for one in moving(play) if one.event_type not in (None, play.event_type)]
        actions = len(placed(play)) + len(changes) + len(self._running)
        self._stamps = _stamps(span, len(play.pitches) + actions)
        self._tell()

    def index_of(self, runner: Runner) -> int:
        """Return the `playIndex` of a runner's movement: his own event, or the last of the play."""
        return self._run_at.get(id(runner), max(len(self.events) - 1, 0))

    def _tell(self) -> None:
        pitches = self._play.pitches
        counts = [(0, 0), *counts_after(pitches)]
        for runner in placed(self._play):
            self._act(counts[0], self._placement(runner))
        for number, pitch in enumerate(pitches):
            self._change(number, counts[number])
            if number == len(pitches) - 1:
                self._run(counts[number])
            self._throw(number, pitch, counts[number + 1])
        if not pitches:
            self._run(counts[0])
        self._change(len(pitches), counts[-1])

    def _throw(self, number: int, pitch: Pitch, count: tuple[int, int]) -> None:
        thrown = pitch.call not in codes.NOT_THROWN
        details = _pitch_details(pitch.call, pitch.pitch_type)
        event: Body = {"details": details, "count": written(count, self._play.outs_before)}
        if thrown:
            event["pitchData"] = _pitch_data(pitch)
        if pitch.call in codes.IN_PLAY:
            event["hitData"] = _hit_data(pitch, self._play)
        event["playId"] = f"{self._ids}{number:012x}"
        event["pitchNumber"] = number + 1
        self.pitch_index.append(len(self.events))
        self._append(event, is_pitch=thrown, kind="pitch" if thrown else "no_pitch")

    def _run(self, count: tuple[int, int]) -> None:
        for runner in self._running:
            self._run_at[id(runner)] = len(self.events)
            details = _action_details(runner, self._play, self._almanac)
            self._act(count, {"details": details, "isBaseRunningPlay": True, "player": _ref(runner.runner)})

    def _change(self, thrown: int, count: tuple[int, int]) -> None:
        for change in self._changes:
            if change.after == thrown:
                self._act(count, self._substitution(change))

    def _act(self, count: tuple[int, int], event: Body) -> None:
        self.action_index.append(len(self.events))
        self._append(event | {"count": written(count, self._play.outs_before)}, is_pitch=False, kind="action")

    def _placement(self, runner: Runner) -> Body:
        base = int((runner.end or "2B")[0])
        said = f"{self._name(runner.runner)} starts inning at {_ORDINALS[base]} base."
        return {"details": self._said("runner_placed", said), "player": _ref(runner.runner), "base": base}

    def _substitution(self, change: Change) -> Body:
        comes, goes = self._name(change.player), self._name(change.replaced)
        event: Body = {"isSubstitution": True, "player": _ref(change.player)}
        if change.is_pitcher:
            said = f"Pitching Change: {comes} replaces {goes}."
            details = self._said("pitching_substitution", said)
            return event | {"details": details, "position": codes.POSITIONS["P"]}
        said = f"Offensive Substitution: Pinch-hitter {comes} replaces {goes}."
        details = self._said("offensive_substitution", said)
        who = {"position": codes.POSITIONS["PH"], "replacedPlayer": _ref(change.replaced)}
        return event | {"details": details} | who

    def _said(self, event_type: str, description: str) -> Body:
        return {
            "description": description,
            "event": codes.event_name(event_type),
            "eventType": event_type,
            "awayScore": self._play.away_score,
            "homeScore": self._play.home_score,
            "isScoringPlay": False,
            "isOut": False,
            "hasReview": False,
        }

    def _name(self, who: int) -> str:
        return self._almanac.people[who].full_name

    def _append(self, event: Body, *, is_pitch: bool, kind: str) -> None:
        number = len(self.events)
        event["index"] = number
        event["startTime"], event["endTime"] = self._stamps[number], self._stamps[number + 1]
        event["isPitch"], event["type"] = is_pitch, kind
        self.events.append(event)


def _ref(who: int) -> Body:
    return {"id": who, "link": f"/api/v1/people/{who}"}


def written(count: tuple[int, int], outs: int) -> Body:
    """Write a count: balls, strikes, outs."""
    return {"balls": count[0], "strikes": count[1], "outs": outs}


def _stamps(span: Span, events: int) -> list[str]:
    start, step = span.start.replace(tzinfo=None), (span.end - span.start) / max(events, 1)
    return [f"{(start + step * number).isoformat(timespec='milliseconds')}Z" for number in range(events + 1)]


@lru_cache(maxsize=1024)
def _pitch_details(call: str, pitch_type: str | None) -> Body:
    said = codes.CALLS[call]
    in_play, ball = call in codes.IN_PLAY, call in codes.BALLS
    details: Body = {
        "call": {"code": call, "description": said},
        "description": said,
        "code": call,
        "ballColor": _BALL_COLORS["play" if in_play else "ball" if ball else "strike"],
        "isInPlay": in_play,
        "isStrike": not (in_play or ball or call in codes.NO_CHANGE),
        "isBall": ball,
        "isOut": False,
        "hasReview": False,
    }
    if pitch_type:
        details["type"] = {"code": pitch_type, "description": codes.PITCH_TYPES[pitch_type]}
    return details


def _pitch_data(pitch: Pitch) -> Body:
    """Measurements; one that was not taken is left out, as the wire leaves it out."""
    data: Body = {"strikeZoneTop": 3.4, "strikeZoneBottom": 1.6, "coordinates": {}, "breaks": {}}
    if pitch.start_speed is not None:
        data["startSpeed"] = float(pitch.start_speed)
    if pitch.plate_x is not None and pitch.plate_z is not None:
        data["coordinates"] = {"pX": float(pitch.plate_x), "pZ": float(pitch.plate_z)}
    if pitch.spin_rate is not None:
        data["breaks"] = {"spinRate": round(pitch.spin_rate)}
    if pitch.zone is not None:
        data["zone"] = pitch.zone
    if pitch.extension is not None:
        data["extension"] = float(pitch.extension)
    return data


def _hit_data(pitch: Pitch, play: Play) -> Body:
    speed, angle, distance = pitch.launch_speed, pitch.launch_angle, pitch.hit_distance
    measured = {
        "launchSpeed": None if speed is None else float(speed),
        "launchAngle": None if angle is None else float(angle),
        "totalDistance": None if distance is None else float(distance),
        "trajectory": play.trajectory,
        "hardness": None if speed is None else _hardness(speed),
        "location": play.hit_location,
    }
    return {name: value for name, value in measured.items() if value is not None} | {"coordinates": {}}


def _hardness(launch_speed: float) -> str:
    return "hard" if launch_speed >= 95 else "medium" if launch_speed >= 70 else "soft"


def _action_details(runner: Runner, play: Play, almanac: Almanac) -> Body:
    event = runner.event_type or ""
    said = codes.event_name(event)
    return {
        "description": f"{said}: {almanac.people[runner.runner].full_name}.",
        "event": said,
        "eventType": event,
        "awayScore": play.away_score,
        "homeScore": play.home_score,
        "isScoringPlay": runner.end == "score",
        "isOut": runner.is_out,
        "hasReview": False,
    }
