"""The line score: runs, hits, errors and runners left by inning, and who is on the field."""

from simulator.game_record import Appearance, GameRecord
from simulator.wire import codes
from simulator.wire.bases import ON_BASE
from simulator.wire.numbers import format_ordinal
from simulator.wire.play_events import final_count, render_count
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.tally import StatLine, Tally

_SIDES = (("home", False), ("away", True))  # in the feed's order; the visitors bat in the top half
_COUNTS = ("runs", "hits", "errors", "leftOnBase")
_BASE_NAMES = dict(zip(ON_BASE, ("first", "second", "third"), strict=True))


def render_line_score(game: GameRecord, total: Tally, reference: ReferenceData) -> Body:
    """Return the feed's `linescore`; before line-ups are posted, only clubs and scheduled innings."""
    if not game.plays and not game.appearances:
        return _render_blank(game, reference)
    return {
        **_inning_progress(game),
        "scheduledInnings": game.scheduled_innings,
        **_inning_counts(game, total),
        **_on_the_field(game, total, reference),
        **_final_count(game),
    }


def _render_blank(game: GameRecord, reference: ReferenceData) -> Body:
    return {
        "scheduledInnings": game.scheduled_innings,
        "innings": [],
        "teams": {"home": {}, "away": {}},
        "defense": {"team": reference.club_ref(game.home)},
        "offense": {"team": reference.club_ref(game.away)},
    }


def _inning_progress(game: GameRecord) -> Body:
    inning, is_top = (game.plays[-1].inning, game.plays[-1].is_top) if game.plays else (1, True)
    half = "Top" if is_top else "Bottom"
    return {
        "currentInning": inning,
        "currentInningOrdinal": format_ordinal(inning),
        "inningState": half,
        "inningHalf": half,
        "isTopInning": is_top,
    }


def _final_count(game: GameRecord) -> Body:
    last = game.plays[-1] if game.plays else None
    return render_count(final_count(last.pitches), last.outs_after) if last else render_count((0, 0), 0)


def _inning_counts(game: GameRecord, total: Tally) -> Body:
    played = max((play.inning for play in game.plays), default=1)
    return {
        "innings": [_render_inning(number, total) for number in range(1, played + 1)],
        "teams": {side: _side_total(game, total, is_top) for side, is_top in _SIDES},
    }


def _render_inning(number: int, total: Tally) -> Body:
    return {
        "num": number,
        "ordinalNum": format_ordinal(number),
        **{side: _render_half_inning(number, is_top, total) for side, is_top in _SIDES},
    }


def _render_half_inning(number: int, is_top: bool, total: Tally) -> Body:
    """Return one half-inning; the feed leaves out `runs` of one that was not played, the rest is zero."""
    while_fielding = total.innings.get((number, not is_top), StatLine())
    played = total.innings.get((number, is_top), StatLine())
    runs = {"runs": played["runs"]} if (number, is_top) in total.innings else {}
    return runs | {
        "hits": played["hits"],
        "errors": while_fielding["errors"],
        "leftOnBase": played["leftOnBase"],
    }


def _side_total(game: GameRecord, total: Tally, is_top: bool) -> Body:
    halves = [line for (_, top), line in total.innings.items() if top is is_top]
    counts = {name: sum(line[name] for line in halves) for name in _COUNTS}
    return counts | {"errors": sum(line.errors for line in game.appearances if line.is_home is not is_top)}


def _on_the_field(game: GameRecord, total: Tally, reference: ReferenceData) -> Body:
    last = game.plays[-1] if game.plays else None
    is_top = last.is_top if last else True
    defenders = _defenders_by_position(game, is_home=is_top)
    batting, fielding = (game.away, game.home) if is_top else (game.home, game.away)
    if last:
        defenders["pitcher"] = last.pitcher
    on_base = total.bases[-1].after if last and last.outs_after < 3 else {}
    offense = ({"batter": last.batter} if last else {}) | {
        _BASE_NAMES[base]: runner for base, runner in on_base.items()
    }
    return {
        "defense": _render_people(defenders, reference) | {"team": reference.club_ref(fielding)},
        "offense": _render_people(offense, reference) | {"team": reference.club_ref(batting)},
    }


def _render_people(people: dict[str, int], reference: ReferenceData) -> Body:
    return {role: reference.person_ref(person) for role, person in people.items()}


def _defenders_by_position(game: GameRecord, *, is_home: bool) -> dict[str, int]:
    """Return the last player to have entered the game at each position."""
    found: dict[str, int] = {}
    for line in sorted(game.appearances, key=_entry_order):
        if line.is_home is is_home and line.positions[-1] in codes.FIELDERS:
            found[codes.FIELDERS[line.positions[-1]]] = line.player
    return found


def _entry_order(line: Appearance) -> int:
    return int((line.batting_order or "0")[1:] or 0)
