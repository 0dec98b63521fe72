"""The Stats API's standings, computed from the summaries of finished games."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from simulator.wire.clubs import division_ref, league_ref
from simulator.wire.codes import COPYRIGHT, SPORT
from simulator.wire.feed import wire_time
from simulator.wire.game_summaries import GameSummary
from simulator.wire.numbers import format_average
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.timeline import last_out


@dataclass(slots=True)
class _ClubRecord:
    """A club's season so far: results in order ("W" and "L"), splits and runs."""

    results: list[str] = field(default_factory=list)
    splits: Counter[str] = field(default_factory=Counter)
    scored: int = 0
    allowed: int = 0

    @property
    def wins(self) -> int:
        return self.results.count("W")

    @property
    def losses(self) -> int:
        return self.results.count("L")


def render_standings(
    summaries: Iterable[GameSummary],
    through: date,
    now: datetime,
    leagues: Sequence[int],
    reference: ReferenceData,
) -> Body:
    """Return the body of `/api/v1/standings` after the games of `through` that ended by `now`."""
    records = _collect_records(summaries, through, now)
    clubs = [club for club in reference.division_clubs if club.league_id in leagues]
    divisions = sorted({(club.league_id, club.division_id) for club in clubs})
    return {
        "copyright": COPYRIGHT,
        "records": [_render_division(*division, records, now, reference) for division in divisions],
    }


def _collect_records(
    summaries: Iterable[GameSummary], through: date, now: datetime
) -> dict[int, _ClubRecord]:
    records: dict[int, _ClubRecord] = defaultdict(_ClubRecord)
    counted = [
        summary
        for summary in summaries
        if summary.has_result
        and summary.game.game_type == "R"
        and last_out(summary.game) <= now
        and (summary.game.completed_date or summary.game.official_date) <= through
    ]
    for summary in sorted(counted, key=lambda summary: last_out(summary.game)):
        _add_result(records[summary.game.away], summary.away_runs, summary.home_runs, "away")
        _add_result(records[summary.game.home], summary.home_runs, summary.away_runs, "home")
    return records


def _add_result(record: _ClubRecord, ours: int, theirs: int, side: str) -> None:
    record.scored += ours
    record.allowed += theirs
    if ours == theirs:
        return
    result = "W" if ours > theirs else "L"
    record.results.append(result)
    record.splits[side + result] += 1
    if abs(ours - theirs) == 1:
        record.splits["oneRun" + result] += 1


def _rank_clubs(records: dict[int, _ClubRecord], clubs: Iterable[int]) -> list[int]:
    """Return clubs by winning percentage, then wins, then id."""
    return sorted(clubs, key=lambda club: (-_win_percentage(records[club]), -records[club].wins, club))


def _win_percentage(record: _ClubRecord) -> float:
    return record.wins / len(record.results) if record.results else 0.0


def _render_division(
    league: int, division: int, records: dict[int, _ClubRecord], now: datetime, reference: ReferenceData
) -> Body:
    clubs = reference.division_clubs
    order = _rank_clubs(records, [club.id for club in clubs if club.division_id == division])
    ranks = {
        "division": order,
        "league": _rank_clubs(records, [club.id for club in clubs if club.league_id == league]),
        "sport": _rank_clubs(records, [club.id for club in clubs]),
    }
    return {
        "standingsType": "regularSeason",
        "league": _without_name(league_ref(league)),
        "division": _without_name(division_ref(division)),
        "sport": _without_name(SPORT),
        "lastUpdated": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "teamRecords": [_render_club(club, records, ranks, now, reference) for club in order],
    }


def _without_name(ref: Body) -> Body:
    return {key: value for key, value in ref.items() if key != "name"}


def _render_club(
    club: int,
    records: dict[int, _ClubRecord],
    ranks: dict[str, list[int]],
    now: datetime,
    reference: ReferenceData,
) -> Body:
    record = records[club]
    percentage = format_average(record.wins, len(record.results))
    behind = {group: _games_back(record, records[order[0]]) for group, order in ranks.items()}
    return {
        "team": reference.club_ref(club),
        "season": str(reference.season),
        "streak": _render_streak(record.results),
        **{f"{group}Rank": str(order.index(club) + 1) for group, order in ranks.items()},
        "gamesPlayed": len(record.results),
        "gamesBack": behind["division"],
        **{f"{group}GamesBack": games for group, games in behind.items()},
        "leagueRecord": {"wins": record.wins, "losses": record.losses, "pct": percentage},
        "lastUpdated": wire_time(now),
        "records": {"splitRecords": _render_splits(record)},
        "runsAllowed": record.allowed,
        "runsScored": record.scored,
        "divisionChamp": False,
        "divisionLeader": ranks["division"][0] == club,
        "wins": record.wins,
        "losses": record.losses,
        "runDifferential": record.scored - record.allowed,
        "winningPercentage": percentage,
    }


def _games_back(record: _ClubRecord, leader: _ClubRecord) -> str:
    behind = (leader.wins - record.wins + record.losses - leader.losses) / 2
    return f"{behind:.1f}" if behind else "-"


def _render_streak(results: Sequence[str]) -> Body:
    if not results:
        return {}
    last = results[-1]
    length = next((n for n, result in enumerate(reversed(results)) if result != last), len(results))
    kind = "wins" if last == "W" else "losses"
    return {"streakType": kind, "streakNumber": length, "streakCode": f"{last}{length}"}


def _render_splits(record: _ClubRecord) -> list[Body]:
    last_ten = Counter(record.results[-10:])
    counts = {
        kind: (record.splits[f"{kind}W"], record.splits[f"{kind}L"]) for kind in ("home", "away", "oneRun")
    }
    counts["lastTen"] = (last_ten["W"], last_ten["L"])
    return [
        {"wins": wins, "losses": losses, "type": kind, "pct": format_average(wins, wins + losses)}
        for kind, (wins, losses) in counts.items()
    ]
