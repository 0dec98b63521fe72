"""The Stats API's code tables: positions, events, calls, pitch types and statuses."""

from typing import Final

from simulator.game_record import Play

COPYRIGHT: Final = "Stand-in for the MLB Stats API: its wire format, none of its content."

_POSITIONS: Final = {
    "P": ("1", "Pitcher", "Pitcher"),
    "C": ("2", "Catcher", "Catcher"),
    "1B": ("3", "First Base", "Infielder"),
    "2B": ("4", "Second Base", "Infielder"),
    "3B": ("5", "Third Base", "Infielder"),
    "SS": ("6", "Shortstop", "Infielder"),
    "LF": ("7", "Outfielder", "Outfielder"),
    "CF": ("8", "Outfielder", "Outfielder"),
    "RF": ("9", "Outfielder", "Outfielder"),
    "DH": ("10", "Designated Hitter", "Hitter"),
    "PH": ("11", "Pinch Hitter", "Hitter"),
    "PR": ("12", "Pinch Runner", "Runner"),
    "OF": ("O", "Outfield", "Outfielder"),
    "IF": ("I", "Infield", "Infielder"),
}
POSITIONS: Final = {
    short: {"code": code, "name": name, "type": kind, "abbreviation": short}
    for short, (code, name, kind) in _POSITIONS.items()
}
FIELDERS: Final = {
    "P": "pitcher",
    "C": "catcher",
    "1B": "first",
    "2B": "second",
    "3B": "third",
    "SS": "shortstop",
    "LF": "left",
    "CF": "center",
    "RF": "right",
}
SIDES: Final = {side: {"code": side, "description": word} for side, word in
                (("L", "Left"), ("R", "Right"), ("S", "Switch"))}  # fmt: skip

LEAGUES: Final = {103: "American League", 104: "National League"}
DIVISIONS: Final = {
    200: "American League West",
    201: "American League East",
    202: "American League Central",
    203: "National League West",
    204: "National League East",
    205: "National League Central",
}
SPORT: Final = {"id": 1, "link": "/api/v1/sports/1", "name": "Major League Baseball"}
GAME_TYPES: Final = {
    "S": "Spring Training",
    "E": "Exhibition",
    "R": "Regular Season",
    "A": "All-Star Game",
    "F": "Wild Card",
    "D": "Division Series",
    "L": "League Championship Series",
    "W": "World Series",
}

CALLS: Final = {
    "B": "Ball",
    "*B": "Ball In Dirt",
    "C": "Called Strike",
    "S": "Swinging Strike",
    "W": "Swinging Strike (Blocked)",
    "F": "Foul",
    "T": "Foul Tip",
    "L": "Foul Bunt",
    "M": "Missed Bunt",
    "O": "Foul Tip (Bunt)",
    "X": "In play, out(s)",
    "D": "In play, no out",
    "E": "In play, run(s)",
    "H": "Hit By Pitch",
    "I": "Intent Ball",
    "V": "Automatic Ball",
    "VP": "Automatic Ball - Pitcher Pitch Timer Violation",
    "VS": "Automatic Ball - Defensive Shift Violation",
    "A": "Automatic Strike",
    "AC": "Automatic Strike - Batter Pitch Timer Violation",
    "AB": "Automatic Strike - Batter Timeout Violation",
    "N": "No Pitch",
    "P": "Pitchout",
    "Q": "Swinging Pitchout",
    "R": "Foul Pitchout",
}
IN_PLAY: Final = frozenset("XDE")
NO_CHANGE: Final = IN_PLAY | {"N"}
BALLS: Final = frozenset({"B", "*B", "H", "I", "V", "VP", "VS", "P"})
NOT_THROWN: Final = frozenset({"V", "VP", "VS", "A", "AC", "AB", "N"})

PITCH_TYPES: Final = {
    "FF": "Four-Seam Fastball",
    "FA": "Fastball",
    "FT": "Two-Seam Fastball",
    "FC": "Cutter",
    "FS": "Splitter",
    "FO": "Forkball",
    "SI": "Sinker",
    "SL": "Slider",
    "ST": "Sweeper",
    "SV": "Slurve",
    "CU": "Curveball",
    "KC": "Knuckle Curve",
    "CS": "Slow Curve",
    "CH": "Changeup",
    "SC": "Screwball",
    "KN": "Knuckle Ball",
    "EP": "Eephus",
    "PO": "Pitch Out",
    "IN": "Intentional Ball",
    "UN": "Unknown",
}

HITS: Final = {"single": 1, "double": 2, "triple": 3, "home_run": 4}
WALKS: Final = frozenset({"walk", "intent_walk"})
STRIKEOUTS: Final = frozenset({"strikeout", "strikeout_double_play", "strikeout_triple_play"})
NO_AT_BAT: Final = WALKS | {
    "hit_by_pitch",
    "sac_fly",
    "sac_fly_double_play",
    "sac_bunt",
    "sac_bunt_double_play",
    "catcher_interf",
}
_NO_PLATE_APPEARANCE: Final = (
    "caught_stealing",
    "pickoff",
    "stolen_base",
    "wild_pitch",
    "passed_ball",
    "balk",
    "forced_balk",
    "other_",
    "runner_",
    "cs_double_play",
    "defensive_indiff",
    "game_advisory",
    "error",
)
_BATTED_OUTS: Final = {
    "ground_ball": "Groundout",
    "fly_ball": "Flyout",
    "line_drive": "Lineout",
    "popup": "Pop Out",
    "bunt_grounder": "Bunt Groundout",
    "bunt_popup": "Bunt Pop Out",
    "bunt_line_drive": "Bunt Lineout",
}
_EVENT_NAMES: Final = {
    "intent_walk": "Intent Walk",
    "grounded_into_double_play": "Grounded Into DP",
    "grounded_into_triple_play": "Triple Play",
    "force_out": "Forceout",
    "fielders_choice": "Fielders Choice",
    "fielders_choice_out": "Fielders Choice Out",
    "catcher_interf": "Catcher Interference",
    "strikeout_double_play": "Strikeout Double Play",
    "other_out": "Runner Out",
    "runner_placed": "Runner Placed On Base",
    "stolen_base_2b": "Stolen Base 2B",
    "stolen_base_3b": "Stolen Base 3B",
}


def is_plate_appearance(event_type: str) -> bool:
    """Return whether an event ends a plate appearance (a runner's third out does not)."""
    return not event_type.startswith(_NO_PLATE_APPEARANCE)


def event_name(event_type: str, trajectory: str | None = None) -> str:
    """Return the `event` of an event type: a field_out on a fly ball is "Flyout"."""
    if event_type == "field_out":
        return _BATTED_OUTS.get(trajectory or "", "Field Out")
    words = _EVENT_NAMES.get(event_type)
    return words or " ".join(
        word.upper() if word[0].isdigit() else word.title() for word in event_type.split("_")
    )


def play_name(play: Play) -> str:
    """Return a play's `event`."""
    return event_name(play.event_type, play.trajectory)


_STATUSES: Final = {
    "Scheduled": ("Preview", "S", "S", "P"),
    "Pre-Game": ("Preview", "P", "P", "P"),
    "Warmup": ("Live", "P", "PW", "L"),
    "In Progress": ("Live", "I", "I", "L"),
    "Suspended": ("Live", "U", "U", "L"),
    "Final": ("Final", "F", "F", "F"),
    "Completed Early": ("Final", "F", "F", "F"),
    "Postponed": ("Final", "D", "D", "F"),
    "Cancelled": ("Final", "C", "C", "F"),
}
_REASONS: Final = {
    "Rain": "R",
    "Inclement Weather": "I",
    "Wet Grounds": "G",
    "Cold": "C",
    "Snow": "S",
    "Tied": "T",
}
_WITH_REASON: Final = frozenset({"Suspended", "Completed Early", "Postponed", "Cancelled"})


def render_status(state: str, reason: str | None = None, *, tied: bool = False) -> dict[str, object]:
    """Return the `status` object of a detailed state; a tie is final with the reason "Tied"."""
    abstract, coded, code, abstract_code = _STATUSES[state]
    shown_reason = "Tied" if tied and abstract == "Final" else reason if state in _WITH_REASON else None
    body: dict[str, object] = {
        "abstractGameState": abstract,
        "codedGameState": coded,
        "detailedState": state,
        "statusCode": code + (_REASONS.get(shown_reason, "O") if shown_reason else ""),
        "startTimeTBD": False,
    }
    if shown_reason:
        body["reason"] = shown_reason
    return body | {"abstractGameCode": abstract_code}
