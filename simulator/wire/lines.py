"""Stat lines under the Stats API's names: batters', pitchers', fielders' and their clubs' totals."""

from simulator.wire.numbers import format_average, format_innings, format_per_nine, format_ratio, format_share
from simulator.wire.reference_data import Body
from simulator.wire.tally import StatLine

# fmt: off
_BATTING_COUNTS = (
    "flyOuts", "groundOuts", "airOuts", "runs", "doubles", "triples", "homeRuns", "strikeOuts", "baseOnBalls",
    "intentionalWalks", "hits", "hitByPitch", "atBats", "caughtStealing", "stolenBases",
    "groundIntoDoublePlay", "groundIntoTriplePlay", "plateAppearances", "totalBases", "rbi", "leftOnBase",
    "sacBunts", "sacFlies",
    "catchersInterference", "pickoffs", "popOuts", "lineOuts",
)
_PITCHING_COUNTS = (
    "flyOuts", "groundOuts", "airOuts", "runs", "doubles", "triples", "homeRuns", "strikeOuts", "baseOnBalls",
    "intentionalWalks", "hits", "hitByPitch", "atBats", "caughtStealing", "stolenBases", "numberOfPitches",
    "saveOpportunities", "earnedRuns", "outs", "completeGames", "shutouts", "balls", "strikes", "balks",
    "wildPitches", "pickoffs", "rbi", "inheritedRunners", "inheritedRunnersScored", "catchersInterference",
    "sacBunts", "sacFlies", "popOuts", "lineOuts",
)
_DECISION_COUNTS = (
    "gamesPlayed", "gamesStarted", "wins", "losses", "saves", "holds", "blownSaves", "gamesPitched",
    "gamesFinished",
)
_SUMMARY_STATS = (
    ("doubles", "2B"), ("triples", "3B"), ("homeRuns", "HR"), ("baseOnBalls", "BB"), ("hitByPitch", "HBP"),
    ("strikeOuts", "K"), ("rbi", "RBI"), ("runs", "R"),
)
# fmt: on


def batting_line(line: StatLine) -> Body:
    """Return a batter's counts under the API's names, all of them present."""
    return {
        "gamesPlayed": 1,
        **{name: line[name] for name in _BATTING_COUNTS},
        "stolenBasePercentage": stolen_base_percentage(line),
        "atBatsPerHomeRun": format_ratio(line["atBats"], line["homeRuns"]),
    }


def pitching_line(line: StatLine) -> Body:
    """Return a pitcher's counts under the API's names, all of them present."""
    return {
        **{name: line[name] for name in _DECISION_COUNTS},
        **{name: line[name] for name in _PITCHING_COUNTS},
        "inningsPitched": format_innings(line["outs"]),
        "battersFaced": line["plateAppearances"],
        "hitBatsmen": line["hitByPitch"],
        "pitchesThrown": line["numberOfPitches"],
        "passedBall": 0,
        "stolenBasePercentage": stolen_base_percentage(line),
        "strikePercentage": format_share(line["strikes"], line["numberOfPitches"]),
        "runsScoredPer9": format_per_nine(line["runs"], line["outs"]),
        "homeRunsPer9": format_per_nine(line["homeRuns"], line["outs"]),
    }


def batting_summary(line: StatLine) -> str:
    """Return a batter's game in short: "1-4 | HR, 2 K, 3 RBI"."""
    extras = ", ".join(_count_label(line[name], short) for name, short in _SUMMARY_STATS if line[name])
    return f"{line['hits']}-{line['atBats']}" + (f" | {extras}" if extras else "")


def pitching_summary(line: StatLine) -> str:
    """Return a pitcher's game in short: "6.0 IP, 0 ER, 7 K, BB"."""
    stats = (("earnedRuns", "ER"), ("strikeOuts", "K"), ("baseOnBalls", "BB"))
    return ", ".join(
        [f"{format_innings(line['outs'])} IP", *(_count_label(line[name], short) for name, short in stats)]
    )


def _count_label(count: int, short: str) -> str:
    return short if count == 1 else f"{count} {short}"


def fielding_line(putouts: int, assists: int, errors: int) -> Body:
    """Return a fielder's counts under the API's names; those that game records lack are zero."""
    return {
        "caughtStealing": 0,
        "stolenBases": 0,
        "stolenBasePercentage": ".---",
        "caughtStealingPercentage": ".---",
        "assists": assists,
        "putOuts": putouts,
        "errors": errors,
        "chances": putouts + assists + errors,
        "passedBall": 0,
        "pickoffs": 0,
    }


def team_batting(line: StatLine) -> Body:
    """Return a club's batting with the rates of this line (the real feed gives the season's)."""
    body = batting_line(line)
    del body["gamesPlayed"]
    return body | batting_rates(line)


def batting_rates(line: StatLine) -> Body:
    """Return batting average, on-base percentage, slugging and OPS by their official definitions."""
    reached = line["hits"] + line["baseOnBalls"] + line["hitByPitch"]
    chances = line["atBats"] + line["baseOnBalls"] + line["hitByPitch"] + line["sacFlies"]
    on_base = reached / chances if chances else 0.0
    slugging = line["totalBases"] / line["atBats"] if line["atBats"] else 0.0
    return {
        "avg": format_average(line["hits"], line["atBats"]),
        "obp": format_average(reached, chances),
        "slg": format_average(line["totalBases"], line["atBats"]),
        "ops": format_average(on_base + slugging, 1),
    }


def team_pitching(line: StatLine) -> Body:
    """Return a club's pitching with its rates."""
    body = pitching_line(line)
    for decision in _DECISION_COUNTS:
        del body[decision]
    walks_and_hits = line["baseOnBalls"] + line["hits"]
    return body | {
        "obp": batting_rates(line)["obp"],
        "era": format_per_nine(line["earnedRuns"], line["outs"]),
        "whip": format_ratio(3 * walks_and_hits, line["outs"]),
        "groundOutsToAirouts": format_ratio(line["groundOuts"], line["airOuts"]),
        "pitchesPerInning": format_ratio(3 * line["numberOfPitches"], line["outs"]),
    }


def stolen_base_percentage(line: StatLine) -> str:
    """Return the share of steal attempts that succeeded, ".667"; ".---" without attempts."""
    return format_average(line["stolenBases"], line["stolenBases"] + line["caughtStealing"], empty=".---")


# Always zero: the real API fills season statistics in at the time of the request
SEASON_STATS: Body = {
    "batting": team_batting(StatLine()) | {"gamesPlayed": 0, "babip": ".---"},
    "pitching": team_pitching(StatLine()) | dict.fromkeys(_DECISION_COUNTS, 0),
    "fielding": fielding_line(0, 0, 0) | {"fielding": ".000"},
}
