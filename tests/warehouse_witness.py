"""Hold what stands in a warehouse against Retrosheet's game logs, and against itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

import msgspec
import polars as pl

from simulator.clubs import clubs_by_code
from simulator.retrosheet.game_log import GameLog

Query = Callable[[str], pl.DataFrame]
Row = dict[str, object]
COUNTS = ("at_bats", "hits", "doubles", "triples", "home_runs", "rbis", "walks", "strikeouts")

_GAMES = """
select game_pk, game_date, home_team_id, away_team_id, game_number, detailed_state, completed_date,
  away_score, home_score, line_score
from mlb_historical_data.games_historical where status = 'Final'"""
_CLUBS = f"""
select game_pk, is_home, {", ".join(COUNTS)} from mlb_historical_data.team_stats_historical"""
_PLAYERS = f"""
select game_pk, is_home, {", ".join(f"sum({name}) as {name}" for name in COUNTS)}
from mlb_historical_data.player_stats_historical group by game_pk, is_home"""
_STARTERS = """
select s.game_pk, s.player_id, s.strikeouts_pitched, coalesce(p.strikeouts, 0) as by_plays
from mlb_historical_data.player_stats_historical as s
left join (
  select game_pk, pitcher_id, countif(outcome = 'strikeout') as strikeouts
  from mlb_historical_data.plate_appearances group by game_pk, pitcher_id
) as p on p.game_pk = s.game_pk and p.pitcher_id = s.player_id
where s.is_starting_pitcher"""


def starters(query: Query) -> pl.DataFrame:
    """Return every starter's strikeouts by the box score and by his plate appearances (by_plays)."""
    return query(_STARTERS)


def games_without_their_log(query: Query, logs: Iterable[GameLog]) -> list[tuple[object, ...]]:
    """Return (date, home, number) of games that only one side knows: the warehouse or the logs."""
    ours = {_key(row) for row in query(_GAMES).to_dicts()}
    return sorted(ours ^ set(_keyed(logs)), key=str)


def mismatches(query: Query, logs: Iterable[GameLog]) -> list[tuple[object, ...]]:
    """Return (game_pk, what, the warehouse's, the log's) wherever a game disagrees with its log."""
    keyed = _keyed(logs)
    clubs, players = _by_side(query(_CLUBS)), _by_side(query(_PLAYERS))
    return [
        (game["game_pk"], what, ours, theirs)
        for game in query(_GAMES).to_dicts()
        if (log := keyed.get(_key(game)))
        for what, ours, theirs in (*_game(game, log), *_lines(game, log, clubs), *_lines(game, log, players))
        if ours != theirs
    ]


def is_uncounted_half_inning(game: Row, ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Return whether the log only adds a last half-inning that the rain ended before its first play."""
    return str(game["detailed_state"]).startswith("Completed Early") and theirs == (*ours, 0)


def _game(game: Row, log: GameLog) -> Iterator[tuple[str, object, object]]:
    yield "score", (game["away_score"], game["home_score"]), (log.away_score, log.home_score)
    yield "completed", game["completed_date"], log.completed or log.on
    innings = msgspec.json.decode(str(game["line_score"]))
    for side, theirs in (("away", log.away_innings), ("home", log.home_innings)):
        ours = tuple(inning[side] for inning in innings if inning[side] is not None)
        if not is_uncounted_half_inning(game, ours, tuple(theirs)):
            yield f"{side} innings", ours, tuple(theirs)


def _lines(game: Row, log: GameLog, lines: dict[object, Row]) -> Iterator[tuple[str, object, object]]:
    for is_home, line in ((False, log.away_line), (True, log.home_line)):
        theirs = asdict(line) | {"rbis": line.rbi}
        ours = lines[game["game_pk"], is_home]
        yield from ((f"{'home' if is_home else 'away'} {name}", ours[name], theirs[name]) for name in COUNTS)


def _by_side(rows: pl.DataFrame) -> dict[object, Row]:
    return {(row["game_pk"], row["is_home"]): row for row in rows.to_dicts()}


def _key(game: Row) -> tuple[object, ...]:
    return game["game_date"], game["home_team_id"], game["game_number"]


def _keyed(logs: Iterable[GameLog]) -> dict[tuple[object, ...], GameLog]:
    return {(log.on, clubs_by_code(log.on.year)[log.home].id, log.number or 1): log for log in logs}
