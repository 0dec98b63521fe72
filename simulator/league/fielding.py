"""Who fields an out: the position numbers credited, and a sentence that describes the play."""

from simulator.league.pitches import BattedBall

_FIELDERS = {
    1: "pitcher", 2: "catcher", 3: "first baseman", 4: "second baseman", 5: "third baseman", 6: "shortstop",
    7: "left fielder", 8: "center fielder", 9: "right fielder",
}  # fmt: skip
_FLIGHTS = {
    "ground_ball": "a ground ball", "bunt_grounder": "a bunt", "line_drive": "a line drive",
    "fly_ball": "a fly ball", "popup": "a pop-up",
}  # fmt: skip
_OUTS = {"ground_ball": "grounds out", "bunt_grounder": "bunts into an out", "line_drive": "lines out",
         "fly_ball": "flies out", "popup": "pops out"}  # fmt: skip
_WORDS = {
    "single": "singles on {flight} to {fielder}.",
    "double": "doubles on {flight} to {fielder}.",
    "triple": "triples on {flight} to {fielder}.",
    "home_run": "homers on {flight} past {fielder}.",
    "field_out": "{out} to {fielder}.",
    "sac_fly": "out on a sacrifice fly to {fielder}.",
    "sac_bunt": "out on a sacrifice bunt to {fielder}.",
    "force_out": "grounds into a force out, fielded by {fielder}.",
    "fielders_choice_out": "reaches on a fielder's choice, {fielder} throwing home.",
    "grounded_into_double_play": "grounds into a double play, started by {fielder}.",
    "field_error": "reaches on an error by {fielder}.",
    "strikeout": "strikes out.",
    "walk": "walks.",
    "intent_walk": "is walked intentionally.",
    "hit_by_pitch": "is hit by a pitch.",
    "caught_stealing_2b": "is at bat as the runner is caught stealing second base.",
}

Credits = tuple[tuple[int, ...], tuple[int, ...]]  # assists, putouts


def fielding_credits(event_type: str, hit: BattedBall | None) -> Credits:
    """Return the position numbers with an assist and those with a putout."""
    if event_type == "strikeout":
        return (), (2,)
    if event_type == "caught_stealing_2b":
        return (2,), (6,)
    if hit is None or event_type in {"single", "double", "triple", "home_run", "field_error"}:
        return (), ()
    return _batted_out_credits(event_type, hit)


def _batted_out_credits(event_type: str, hit: BattedBall) -> Credits:
    fielder = hit.location
    pivot = 4 if fielder in {5, 6} else 6
    if event_type == "grounded_into_double_play":
        return (fielder, pivot), (pivot, 3)
    if event_type == "force_out":
        return (fielder,), (pivot,)
    if event_type == "fielders_choice_out":
        return (fielder,), (2,)
    if hit.trajectory in {"ground_ball", "bunt_grounder"} and fielder != 3:
        return (fielder,), (3,)
    return (), (fielder,)


def describe_play(event_type: str, batter: str, hit: BattedBall | None, fielder: str) -> str:
    """Return a sentence about a play; `fielder` is the name of the player who fielded the ball."""
    words = _WORDS[event_type]
    if hit is None:
        return f"{batter} {words}"
    flight, fielded_by = hit.trajectory, f"{_FIELDERS[hit.location]} {fielder}"
    return f"{batter} {words.format(flight=_FLIGHTS[flight], out=_OUTS[flight], fielder=fielded_by)}"
