"""The events within a play in order: pitches with measurements, base running and substitutions."""

from collections.abc import Sequence
from functools import lru_cache

from simulator.game_record import Pitch, Play, RunnerMovement, Substitution
from simulator.wire import codes
from simulator.wire.bases import list_movements, list_placed_runners
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.timeline import TimeSpan

_BALL_COLORS = {
    "ball": "rgba(39, 161, 39, 1.0)",
    "strike": "rgba(170, 21, 11, 1.0)",
    "play": "rgba(26, 86, 190, 1.0)",
}


_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


def counts_after(pitches: Sequence[Pitch]) -> list[tuple[int, int]]:
    """Return balls and strikes after each pitch; a ball in play does not change the count.

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
    """A play's `playEvents`, with the indexes of its pitches and actions.

    Placed runners come first. Game records do not say before which pitch other runners moved: their events
    come just before the last one.
    """

    def __init__(
        self, play: Play, changes: Sequence[Substitution], span: TimeSpan, ids: str, reference: ReferenceData
    ) -> None:
        self.events: list[Body] = []
        self.pitch_index: list[int] = []
        self.action_index: list[int] = []
        self._event_of_runner: dict[int, int] = {}
        self._play, self._changes, self._ids, self._reference = play, changes, ids, reference
        self._running = [
            runner for runner in list_movements(play) if runner.event_type not in (None, play.event_type)
        ]
        actions = len(list_placed_runners(play)) + len(changes) + len(self._running)
        self._stamps = _event_times(span, len(play.pitches) + actions)
        self._build_events()

    def index_of(self, runner: RunnerMovement) -> int:
        """Return the `playIndex` of a runner's movement: its own event, or the play's last."""
        return self._event_of_runner.get(id(runner), max(len(self.events) - 1, 0))

    def _build_events(self) -> None:
        pitches = self._play.pitches
        counts = [(0, 0), *counts_after(pitches)]
        for runner in list_placed_runners(self._play):
            self._add_action(counts[0], self._render_placement(runner))
        for number, pitch in enumerate(pitches):
            self._add_substitutions(number, counts[number])
            if number == len(pitches) - 1:
                self._add_baserunning(counts[number])
            self._add_pitch(number, pitch, counts[number + 1])
        if not pitches:
            self._add_baserunning(counts[0])
        self._add_substitutions(len(pitches), counts[-1])

    def _add_pitch(self, number: int, pitch: Pitch, count: tuple[int, int]) -> None:
        thrown = pitch.call not in codes.NOT_THROWN
        details = _pitch_details(pitch.call, pitch.pitch_type)
        event: Body = {"details": details, "count": render_count(count, self._play.outs_before)}
        if thrown:
            event["pitchData"] = _pitch_data(pitch)
        if pitch.call in codes.IN_PLAY:
            event["hitData"] = _hit_data(pitch, self._play)
        event["playId"] = f"{self._ids}{number:012x}"
        event["pitchNumber"] = number + 1
        self.pitch_index.append(len(self.events))
        self._append_event(event, is_pitch=thrown, kind="pitch" if thrown else "no_pitch")

    def _add_baserunning(self, count: tuple[int, int]) -> None:
        for runner in self._running:
            self._event_of_runner[id(runner)] = len(self.events)
            details = _action_details(runner, self._play, self._reference)
            self._add_action(
                count, {"details": details, "isBaseRunningPlay": True, "player": _player_ref(runner.runner)}
            )

    def _add_substitutions(self, thrown: int, count: tuple[int, int]) -> None:
        for change in self._changes:
            if change.after == thrown:
                self._add_action(count, self._render_substitution(change))

    def _add_action(self, count: tuple[int, int], event: Body) -> None:
        self.action_index.append(len(self.events))
        self._append_event(
            event | {"count": render_count(count, self._play.outs_before)}, is_pitch=False, kind="action"
        )

    def _render_placement(self, runner: RunnerMovement) -> Body:
        base = int((runner.end or "2B")[0])
        description = f"{self._player_name(runner.runner)} starts inning at {_ORDINALS[base]} base."
        return {
            "details": self._event_details("runner_placed", description),
            "player": _player_ref(runner.runner),
            "base": base,
        }

    def _render_substitution(self, change: Substitution) -> Body:
        entering, leaving = self._player_name(change.player), self._player_name(change.replaced)
        event: Body = {"isSubstitution": True, "player": _player_ref(change.player)}
        if change.is_pitcher:
            description = f"Pitching Change: {entering} replaces {leaving}."
            details = self._event_details("pitching_substitution", description)
            return event | {"details": details, "position": codes.POSITIONS["P"]}
        description = f"Offensive Substitution: Pinch-hitter {entering} replaces {leaving}."
        details = self._event_details("offensive_substitution", description)
        substitution = {"position": codes.POSITIONS["PH"], "replacedPlayer": _player_ref(change.replaced)}
        return event | {"details": details} | substitution

    def _event_details(self, event_type: str, description: str) -> Body:
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

    def _player_name(self, player: int) -> str:
        return self._reference.people[player].full_name

    def _append_event(self, event: Body, *, is_pitch: bool, kind: str) -> None:
        number = len(self.events)
        event["index"] = number
        event["startTime"], event["endTime"] = self._stamps[number], self._stamps[number + 1]
        event["isPitch"], event["type"] = is_pitch, kind
        self.events.append(event)


def _player_ref(player: int) -> Body:
    return {"id": player, "link": f"/api/v1/people/{player}"}


def render_count(count: tuple[int, int], outs: int) -> Body:
    """Return a `count`: balls, strikes, outs."""
    return {"balls": count[0], "strikes": count[1], "outs": outs}


def _event_times(span: TimeSpan, events: int) -> list[str]:
    start, step = span.start.replace(tzinfo=None), (span.end - span.start) / max(events, 1)
    return [f"{(start + step * number).isoformat(timespec='milliseconds')}Z" for number in range(events + 1)]


@lru_cache(maxsize=1024)
def _pitch_details(call: str, pitch_type: str | None) -> Body:
    description = codes.CALLS[call]
    in_play, ball = call in codes.IN_PLAY, call in codes.BALLS
    details: Body = {
        "call": {"code": call, "description": description},
        "description": description,
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
    """Return a pitch's measurements; like the real feed it leaves out those not taken."""
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
        "hardness": None if speed is None else _hit_hardness(speed),
        "location": play.hit_location,
    }
    return {name: value for name, value in measured.items() if value is not None} | {"coordinates": {}}


def _hit_hardness(launch_speed: float) -> str:
    return "hard" if launch_speed >= 95 else "medium" if launch_speed >= 70 else "soft"


def _action_details(runner: RunnerMovement, play: Play, reference: ReferenceData) -> Body:
    event = runner.event_type or ""
    event_name = codes.event_name(event)
    return {
        "description": f"{event_name}: {reference.people[runner.runner].full_name}.",
        "event": event_name,
        "eventType": event,
        "awayScore": play.away_score,
        "homeScore": play.home_score,
        "isScoringPlay": runner.end == "score",
        "isOut": runner.is_out,
        "hasReview": False,
    }
