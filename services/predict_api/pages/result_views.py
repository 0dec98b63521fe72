"""Prepares results for pages: scores, players' lines beside forecasts, the strip of days, and the record."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.predict_api.mlb.labels import (
    BATTER_STATS,
    STARTER_STATS,
    STAT_ABBREVIATIONS,
    TARGET_LABELS,
)
from services.predict_api.schemas.responses import GameOutcome, PastGame, PastStatistic
from services.predict_api.schemas.result_responses import GameDetail, GamePlayer
from shared.modeling.forecast_record import (
    WINDOW_TITLES,
    ForecastRecord,
    RecordWindow,
    TargetRecord,
    VariantRecord,
    describe_window,
)

DAYS_SHOWN = 7
_BEFORE = 3  # of them, before the day that is shown
_NEAR = 3  # of them on a narrow screen
_STATES = {
    "final": "Final",
    "tie": "Tie",
    "postponed": "Postponed",
    "cancelled": "Cancelled",
    "suspended": "Suspended",
    "in_progress": "In progress",
    "scheduled": "Not begun",
    "not_played": "Not played",
}


@dataclass(frozen=True)
class DayStrip:
    """The days around one, and the nearest days before and after those shown.

    `near` are those that a narrow screen shows.
    """

    days: Sequence[date]
    near: frozenset[date]
    earlier: date | None
    later: date | None


@dataclass(frozen=True)
class OutcomeView:
    """How a game ended, in words; `kind` is hit or miss where it was forecast, else empty."""

    state: str
    away_score: int | None
    home_score: int | None
    words: str
    kind: str


@dataclass(frozen=True)
class Cell:
    """What a player did in one statistic, and what was forecast, as text; `kind` is hit, miss or empty."""

    actual: str
    forecast: str
    about: str
    kind: str


@dataclass(frozen=True)
class LineRow:
    """One line of a table of results: who or when, how often they came up, and their statistics."""

    name: str
    link: str
    chances: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class LineTable:
    """A club's batters or pitchers: short and full names of the statistics, and the players."""

    title: str
    chances: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[LineRow]


@dataclass(frozen=True)
class WindowView:
    """A window of the record: sentences, and the numbers of each target, in all and by line-up variant."""

    title: str
    days: str
    sentences: Sequence[str]
    targets: Sequence[tuple[str, TargetRecord]]
    variants: Sequence[tuple[str, VariantRecord]]


def day_strip(days: Iterable[date], day: date) -> DayStrip:
    """Return the days with games around one."""
    ordered = sorted({*days})
    first = max(0, min(bisect_left(ordered, day) - _BEFORE, len(ordered) - DAYS_SHOWN))
    shown = ordered[first : first + DAYS_SHOWN]
    after = ordered[first + DAYS_SHOWN :]
    middle = min(bisect_left(shown, day), max(len(shown) - 2, 0))
    near = frozenset(shown[max(0, middle - 1) : max(0, middle - 1) + _NEAR])
    return DayStrip(shown, near, ordered[first - 1] if first else None, after[0] if after else None)


def outcome_view(outcome: GameOutcome) -> OutcomeView:
    """Return a game's outcome."""
    state = _STATES[outcome.state]
    words = {None: "", True: "favourite won", False: "favourite lost"}[outcome.favourite_won]
    if outcome.state == "postponed":
        words = f"played on {outcome.game_date}" if outcome.home_score is not None else ""
    innings = f" in {outcome.innings}" if outcome.innings not in (None, 9) else ""
    kind = {None: "", True: "hit", False: "miss"}[outcome.favourite_won]
    return OutcomeView(f"{state}{innings}", outcome.away_score, outcome.home_score, words, kind)


def line_tables(game: GameDetail) -> list[LineTable]:
    """Return each club's batters and pitchers, the visitors first."""
    tables = []
    for club in (game.away_team, game.home_team):
        players = [player for player in game.players if player.team == club]
        batters = [player for player in players if player.batting]
        pitchers = [player for player in players if player.pitching]
        tables += [
            _line_table(f"{club} batters", "PA", BATTER_STATS, [_batter_row(one) for one in batters]),
            _line_table(f"{club} pitchers", "BF", STARTER_STATS, [_pitcher_row(one) for one in pitchers]),
        ]
    return [table for table in tables if table.rows]


def last_games_table(games: Sequence[PastGame]) -> LineTable | None:
    """Return a player's last games, the newest first; None without any."""
    if not games:
        return None
    stats = list(dict.fromkeys(stat for game in games for stat in game.statistics))
    rows = [
        LineRow(
            f"{game.game_date:%b} {game.game_date.day}",
            f"/game/{game.game_pk}?day={game.game_date}",
            game.opponent,
            [_cell(game.statistics.get(stat)) for stat in stats],
        )
        for game in games
    ]
    return LineTable("Last games", "Against", _columns(stats), rows)


def _line_table(title: str, chances: str, stats: Iterable[str], rows: Sequence[LineRow]) -> LineTable:
    return LineTable(title, chances, _columns(stats), rows)


def _columns(stats: Iterable[str]) -> list[tuple[str, str]]:
    return [(STAT_ABBREVIATIONS.get(stat, stat), stat.replace("_", " ")) for stat in stats]


def _batter_row(player: GamePlayer) -> LineRow:
    return _player_row(player, player.plate_appearances, player.batting, BATTER_STATS)


def _pitcher_row(player: GamePlayer) -> LineRow:
    return _player_row(player, player.batters_faced, player.pitching, STARTER_STATS)


def _player_row(
    player: GamePlayer, chances: int | None, did: Mapping[str, PastStatistic], stats: Iterable[str]
) -> LineRow:
    cells = [_cell(did.get(stat)) for stat in stats]
    return LineRow(player.name, f"/player/{player.player_id}", str(chances or 0), cells)


def _cell(did: PastStatistic | None) -> Cell:
    if did is None:
        return Cell("–", "", "", "")
    if did.mean is None or did.interval_80 is None:
        return Cell(str(did.actual), "", "not forecast", "")
    low, high = did.interval_80
    kind = "hit" if did.hit else "miss"
    place = "within" if did.hit else "outside"
    return Cell(str(did.actual), f"{did.mean:.1f}", f"{did.mean:.2f} expected; {place} {low} to {high}", kind)


def window_views(record: ForecastRecord) -> list[WindowView]:
    """Return the windows of the record in words."""
    return [_window_view(window) for window in record.windows]


def _window_view(window: RecordWindow) -> WindowView:
    targets = [(TARGET_LABELS.get(one.target, one.target), one) for one in sorted(window.targets, key=_order)]
    return WindowView(
        WINDOW_TITLES[window.name],
        f"{window.first} to {window.last}" if window.first < window.last else str(window.last),
        describe_window(window),
        targets,
        [(title, variant) for title, one in targets for variant in one.variants],
    )


def _order(one: TargetRecord) -> tuple[int, str]:
    """Return where a target is in the order in which they are defined; one that is no more comes last."""
    names = list(TARGET_LABELS)
    return (names.index(one.target) if one.target in names else len(names)), one.target
