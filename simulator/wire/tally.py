"""Counts the box score's statistics from the plays, by the official scoring rules."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator.game_record import GameRecord, Play, RunnerMovement
from simulator.wire import codes
from simulator.wire.bases import BaseSituation, base_situations, split_movements
from simulator.wire.pitch_matchups import matchups_by_pitch

StatLine = Counter[str]
_AIR = {"fly_ball": "flyOuts", "line_drive": "lineOuts", "popup": "popOuts",
        "bunt_popup": "popOuts", "bunt_line_drive": "lineOuts"}  # fmt: skip
_DOUBLE_PLAYS = {"grounded_into_double_play": "groundIntoDoublePlay",
                 "grounded_into_triple_play": "groundIntoTriplePlay"}  # fmt: skip
_EXTRA_BASES = {"double": "doubles", "triple": "triples", "home_run": "homeRuns"}


@dataclass(slots=True)
class Tally:
    """Counts by player under the Stats API's names.

    `innings` has runs, hits, errors and leftOnBase by (inning, is_top); `bases` the situation of every play.
    """

    batting: dict[int, StatLine] = field(default_factory=lambda: defaultdict(Counter))
    pitching: dict[int, StatLine] = field(default_factory=lambda: defaultdict(Counter))
    innings: dict[tuple[int, bool], StatLine] = field(default_factory=lambda: defaultdict(Counter))
    bases: list[BaseSituation] = field(default_factory=list)


def tally_game(game: GameRecord) -> Tally:
    """Count a game's plays; earned runs are the official ones of the pitchers' appearances."""
    total = Tally(bases=list(base_situations(game.plays)))
    pitchers: dict[bool, int] = {}
    for play, bases in zip(game.plays, total.bases, strict=True):
        _count_inherited_runners(total, play, bases, pitchers)
        _count_pitches(total, play)
        _count_outcome(total, play, bases)
        _count_runners(total, play)
        _count_inning(total, play, bases)
    _credit_decisions(total, game)
    return total


def team_line(lines: Iterable[StatLine]) -> StatLine:
    """Return the sum of players' lines."""
    total: StatLine = Counter()
    for line in lines:
        total.update(line)
    return total


def _count_inherited_runners(
    total: Tally, play: Play, bases: BaseSituation, pitchers: dict[bool, int]
) -> None:
    before = pitchers.get(play.is_top)
    pitchers[play.is_top] = play.pitcher
    if before not in (None, play.pitcher):
        total.pitching[play.pitcher]["inheritedRunners"] += len(bases.before)


def _count_pitches(total: Tally, play: Play) -> None:
    calls: dict[int, list[str]] = {play.pitcher: []}
    for pitch, matchup in zip(play.pitches, matchups_by_pitch(play), strict=True):
        if pitch.call not in codes.NOT_THROWN:
            calls.setdefault(matchup.pitcher, []).append(pitch.call)
    for pitcher, thrown in calls.items():
        balls = sum(call in codes.BALLS for call in thrown)
        line = StatLine(numberOfPitches=len(thrown), balls=balls, strikes=len(thrown) - balls)
        total.pitching[pitcher].update(line)
    total.pitching[play.pitcher]["outs"] += play.outs_after - play.outs_before


def _count_outcome(total: Tally, play: Play, bases: BaseSituation) -> None:
    if not codes.is_plate_appearance(play.event_type):
        return
    counts = _outcome_counts(play)
    total.batting[play.batter].update(counts)
    total.pitching[play.pitcher].update(counts)
    total.batting[play.batter]["leftOnBase"] += _runners_stranded(play, bases)


def _outcome_counts(play: Play) -> StatLine:
    event = play.event_type
    bases = codes.HITS.get(event, 0)
    counts = _make_line(
        plateAppearances=1,
        atBats=event not in codes.NO_AT_BAT,
        hits=bases > 0,
        totalBases=bases,
        rbi=play.rbi,
        strikeOuts=event in codes.STRIKEOUTS,
        baseOnBalls=event in codes.WALKS,
        intentionalWalks=event == "intent_walk",
        hitByPitch=event == "hit_by_pitch",
        catchersInterference=event == "catcher_interf",
        sacFlies=event.startswith("sac_fly"),
        sacBunts=event.startswith("sac_bunt"),
    )
    for name in filter(None, (_EXTRA_BASES.get(event), _DOUBLE_PLAYS.get(event))):
        counts[name] += 1
    counts.update(_batted_out(play))
    return counts


def _make_line(**counts: int) -> StatLine:
    """Return a line of whole numbers: many counts are conditions, and JSON has true where 1 is meant."""
    return StatLine({name: int(count) for name, count in counts.items()})


def _batted_out(play: Play) -> StatLine:
    """Return ground and air outs (errors on batted balls included); air outs also by kind."""
    if not play.trajectory or play.event_type in codes.HITS:
        return Counter()
    kind = _AIR.get(play.trajectory)
    return Counter({kind: 1, "airOuts": 1}) if kind else Counter(groundOuts=1)


def _runners_stranded(play: Play, bases: BaseSituation) -> int:
    """Return the runners a batter left on base by making an out that was no sacrifice."""
    _, outcome = split_movements(play)
    is_exempt = play.event_type in codes.HITS or play.event_type.startswith("sac")
    if is_exempt or not any(runner.is_out for runner in outcome):
        return 0
    scored = sum(runner.end == "score" and runner.runner != play.batter for runner in outcome)
    return len(bases.at_outcome) - scored


def _count_runners(total: Tally, play: Play) -> None:
    pitcher = total.pitching[play.pitcher]
    legs: Counter[tuple[str, int]] = Counter()
    for runner in play.runners:
        if runner.end == "score":
            _count_run(total, play, runner)
        name = _baserunning_stat(runner.event_type or "")
        if name:
            total.batting[runner.runner][name] += 1
            pitcher[name] += 1
        if runner.event_type in ("wild_pitch", "balk"):
            legs[runner.event_type, runner.runner] += 1
    # One wild pitch moves several runners: it counts as often as the runner who moved most often on one
    for kind, name in (("wild_pitch", "wildPitches"), ("balk", "balks")):
        pitcher[name] += max((count for (event, _), count in legs.items() if event == kind), default=0)


def _baserunning_stat(event: str) -> str | None:
    if event.startswith("stolen_base"):
        return "stolenBases"
    if event.startswith(("caught_stealing", "pickoff_caught_stealing")):
        return "caughtStealing"
    return "pickoffs" if event.startswith("pickoff") and "error" not in event else None


def _count_run(total: Tally, play: Play, runner: RunnerMovement) -> None:
    charged = runner.responsible_pitcher or play.pitcher
    total.batting[runner.runner]["runs"] += 1
    total.pitching[charged]["runs"] += 1
    if charged != play.pitcher:
        total.pitching[play.pitcher]["inheritedRunnersScored"] += 1


def _count_inning(total: Tally, play: Play, bases: BaseSituation) -> None:
    inning = total.innings[play.inning, play.is_top]
    inning["runs"] += sum(runner.end == "score" for runner in play.runners)
    inning["hits"] += play.event_type in codes.HITS
    inning["errors"] += play.event_type == "field_error"
    inning["leftOnBase"] = len(bases.after)


def _credit_decisions(total: Tally, game: GameRecord) -> None:
    for pitcher, name in ((game.winner, "wins"), (game.loser, "losses"), (game.save, "saves")):
        if pitcher:
            total.pitching[pitcher][name] = 1
    if game.save:
        total.pitching[game.save]["saveOpportunities"] = 1
    for is_home in (False, True):
        _credit_pitchers(total, game, is_home)


def _credit_pitchers(total: Tally, game: GameRecord, is_home: bool) -> None:
    pitchers = [line for line in game.appearances if line.is_home is is_home and "P" in line.positions]
    for pitcher in pitchers:
        started, earned = pitcher.is_starting_pitcher, pitcher.earned_runs
        line = _make_line(gamesPlayed=1, gamesPitched=1, gamesStarted=started, earnedRuns=earned)
        total.pitching[pitcher.player].update(line)
    if len(pitchers) == 1 and codes.render_status(game.state)["abstractGameState"] == "Final":
        line = total.pitching[pitchers[0].player]
        line.update(_make_line(completeGames=1, shutouts=line["runs"] == 0))
    elif pitchers:
        total.pitching[pitchers[-1].player]["gamesFinished"] = 1


def final_score(plays: Sequence[Play]) -> tuple[int, int]:
    """Return the score after the plays, visitors first."""
    return (plays[-1].away_score, plays[-1].home_score) if plays else (0, 0)
