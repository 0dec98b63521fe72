"""Standings as the wire writes them, added up from the cards of games that were over."""

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
    """Return the body of `/api/v1/standings` after the games of `through`, as far as they were over."""
    seasons = _collect_records(summaries, through, now)
    clubs = [one for one in reference.division_clubs if one.league_id in leagues]
    divisions = sorted({(one.league_id, one.division_id) for one in clubs})
    return {
        "copyright": COPYRIGHT,
        "records": [_render_division(*division, seasons, now, reference) for division in divisions],
    }


def _collect_records(
    summaries: Iterable[GameSummary], through: date, now: datetime
) -> dict[int, _ClubRecord]:
    seasons: dict[int, _ClubRecord] = defaultdict(_ClubRecord)
    over = [
        one for one in summaries if one.has_result and one.game.game_type == "R" and last_out(one.game) <= now
    ]
    counted = [one for one in over if (one.game.completed_date or one.game.official_date) <= through]
    for one in sorted(counted, key=lambda one: last_out(one.game)):
        _add_result(seasons[one.game.away], one.away_runs, one.home_runs, "away")
        _add_result(seasons[one.game.home], one.home_runs, one.away_runs, "home")
    return seasons


def _add_result(season: _ClubRecord, ours: int, theirs: int, where: str) -> None:
    season.scored += ours
    season.allowed += theirs
    if ours == theirs:
        return
    result = "W" if ours > theirs else "L"
    season.results.append(result)
    season.splits[where + result] += 1
    if abs(ours - theirs) == 1:
        season.splits["oneRun" + result] += 1


def _rank_clubs(seasons: dict[int, _ClubRecord], clubs: Iterable[int]) -> list[int]:
    """Clubs by winning percentage, then wins, then id."""
    return sorted(clubs, key=lambda club: (-_win_percentage(seasons[club]), -seasons[club].wins, club))


def _win_percentage(season: _ClubRecord) -> float:
    return season.wins / len(season.results) if season.results else 0.0


def _render_division(
    league: int, division: int, seasons: dict[int, _ClubRecord], now: datetime, reference: ReferenceData
) -> Body:
    order = _rank_clubs(seasons, [one.id for one in reference.division_clubs if one.division_id == division])
    ranks = {
        "division": order,
        "league": _rank_clubs(
            seasons, [one.id for one in reference.division_clubs if one.league_id == league]
        ),
        "sport": _rank_clubs(seasons, [one.id for one in reference.division_clubs]),
    }
    return {
        "standingsType": "regularSeason",
        "league": _without_name(league_ref(league)),
        "division": _without_name(division_ref(division)),
        "sport": _without_name(SPORT),
        "lastUpdated": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "teamRecords": [_render_club(club, seasons, ranks, now, reference) for club in order],
    }


def _without_name(ref: Body) -> Body:
    return {key: value for key, value in ref.items() if key != "name"}


def _render_club(
    club: int,
    seasons: dict[int, _ClubRecord],
    ranks: dict[str, list[int]],
    now: datetime,
    reference: ReferenceData,
) -> Body:
    season = seasons[club]
    percentage = format_average(season.wins, len(season.results))
    behind = {over: _games_back(season, seasons[order[0]]) for over, order in ranks.items()}
    return {
        "team": reference.club_ref(club),
        "season": str(reference.season),
        "streak": _render_streak(season.results),
        **{f"{over}Rank": str(order.index(club) + 1) for over, order in ranks.items()},
        "gamesPlayed": len(season.results),
        "gamesBack": behind["division"],
        **{f"{over}GamesBack": back for over, back in behind.items()},
        "leagueRecord": {"wins": season.wins, "losses": season.losses, "pct": percentage},
        "lastUpdated": wire_time(now),
        "records": {"splitRecords": _render_splits(season)},
        "runsAllowed": season.allowed,
        "runsScored": season.scored,
        "divisionChamp": False,
        "divisionLeader": ranks["division"][0] == club,
        "wins": season.wins,
        "losses": season.losses,
        "runDifferential": season.scored - season.allowed,
        "winningPercentage": percentage,
    }


def _games_back(season: _ClubRecord, leader: _ClubRecord) -> str:
    behind = (leader.wins - season.wins + season.losses - leader.losses) / 2
    return f"{behind:.1f}" if behind else "-"


def _render_streak(results: Sequence[str]) -> Body:
    if not results:
        return {}
    last = results[-1]
    length = next((n for n, result in enumerate(reversed(results)) if result != last), len(results))
    kind = "wins" if last == "W" else "losses"
    return {"streakType": kind, "streakNumber": length, "streakCode": f"{last}{length}"}


def _render_splits(season: _ClubRecord) -> list[Body]:
    lately = Counter(season.results[-10:])
    counts = {
        kind: (season.splits[f"{kind}W"], season.splits[f"{kind}L"]) for kind in ("home", "away", "oneRun")
    }
    counts["lastTen"] = (lately["W"], lately["L"])
    return [
        {"wins": wins, "losses": losses, "type": kind, "pct": format_average(wins, wins + losses)}
        for kind, (wins, losses) in counts.items()
    ]
