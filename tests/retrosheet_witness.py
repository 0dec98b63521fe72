"""Hold scorebook games against Retrosheet's game logs: what a log says of a club, added up from the plays."""

from collections.abc import Iterator

from simulator.clubs import clubs_by_code
from simulator.game_record import GameRecord, Play
from simulator.retrosheet.game_log import ClubTotals, GameLog

_EXTRA_BASES = {"double": "doubles", "triple": "triples", "home_run": "home_runs"}
_NO_AT_BAT = ("walk", "intent_walk", "hit_by_pitch", "sac_", "catcher_interf")
_ON_THE_BASES = ("caught_st", "pickoff", "wild_", "passed_ball", "balk", "stolen_base", "other_", "error")
_HITS = ("single", *_EXTRA_BASES)
_RUNNING = {
    "stolen_bases": "stolen_base",
    "caught_stealing": ("caught_stealing", "pickoff_caught_stealing"),
}


def key_of(game: GameRecord) -> tuple[object, ...]:
    """Return what tells a game from all others, on both sides."""
    return game.official_date, game.home, game.game_number


def keyed(logs: list[GameLog]) -> dict[tuple[object, ...], GameLog]:
    """Return a season's logs by the same key."""
    return {(log.on, clubs_by_code(log.on.year)[log.home].id, log.number or 1): log for log in logs}


def _plays(game: GameRecord, is_home: bool) -> list[Play]:
    return [play for play in game.plays if play.is_top is not is_home]


def innings(game: GameRecord, is_home: bool) -> tuple[int, ...]:
    """Return a club's runs by inning."""
    runs: dict[int, int] = {}
    for play in _plays(game, is_home):
        runs[play.inning] = runs.get(play.inning, 0) + sum(runner.end == "score" for runner in play.runners)
    return tuple(runs.values())


def _offence(game: GameRecord, is_home: bool) -> dict[str, int]:
    plays = _plays(game, is_home)
    events = [play.event_type for play in plays if not play.event_type.startswith(_ON_THE_BASES)]
    running = [runner.event_type or "" for play in plays for runner in play.runners]
    return {
        "at_bats": sum(not event.startswith(_NO_AT_BAT) for event in events),
        "hits": sum(event in _HITS for event in events),
        **{name: events.count(event) for event, name in _EXTRA_BASES.items()},
        "rbi": sum(play.rbi for play in plays),
        "sacrifice_hits": sum(event.startswith("sac_bunt") for event in events),
        "sacrifice_flies": sum(event.startswith("sac_fly") for event in events),
        "hit_by_pitch": events.count("hit_by_pitch"),
        "walks": sum(event in ("walk", "intent_walk") for event in events),
        "intentional_walks": events.count("intent_walk"),
        "strikeouts": sum(event.startswith("strikeout") for event in events),
        **{name: sum(event.startswith(kind) for event in running) for name, kind in _RUNNING.items()},
        "grounded_into_double_plays": events.count("grounded_into_double_play"),
        "reached_on_interference": events.count("catcher_interf"),
    }


def _defence(game: GameRecord, is_home: bool) -> dict[str, int]:
    men = [one for one in game.appearances if one.is_home is is_home]
    against = _plays(game, not is_home)
    scored = [runner for play in against for runner in play.runners if runner.end == "score"]
    return {
        "pitchers_used": sum("P" in one.positions for one in men),
        "individual_earned_runs": sum(runner.earned for runner in scored),
        "putouts": sum(one.putouts for one in men),
        "assists": sum(one.assists for one in men),
        "errors": sum(one.errors for one in men),
    }


def differences(game: GameRecord, log: GameLog) -> Iterator[tuple[str, object, object]]:
    """Yield (what, ours, the log's) wherever a game disagrees with its log."""
    score = (game.plays[-1].away_score, game.plays[-1].home_score)
    yield from _unequal("score", score, (log.away_score, log.home_score))
    yield from _unequal("outs", sum(play.outs_after - play.outs_before for play in game.plays), log.outs)
    yield from _unequal("completed", game.completed_date, log.completed)
    for is_home, side in enumerate(("away", "home")):
        yield from _unequal(f"{side} innings", innings(game, bool(is_home)), getattr(log, f"{side}_innings"))
        line: ClubTotals = getattr(log, f"{side}_line")
        for name, count in (_offence(game, bool(is_home)) | _defence(game, bool(is_home))).items():
            yield from _unequal(f"{side} {name}", count, getattr(line, name))


def _unequal(what: str, ours: object, theirs: object) -> Iterator[tuple[str, object, object]]:
    if ours != theirs:
        yield what, ours, theirs
