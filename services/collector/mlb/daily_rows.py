"""Converts rosters, transactions and standings, which belong to days and clubs, to rows."""

from datetime import date

from services.collector.mlb.people import name_of, person_row
from services.collector.mlb.wire.misc import ClubStanding, Roster, RosterEntry, Standings, Transactions
from services.collector.rows import Row

ROSTER_TYPES = ("active", "40Man")
DAILY_RANGE_LIMIT = 7  # days; of a longer range only the last day's rosters and standings are fetched


def select_roster_days(days: tuple[date, ...]) -> tuple[date, ...]:
    """Return the days whose rosters and standings are fetched: of a long range only the last."""
    return days if len(days) <= DAILY_RANGE_LIMIT else days[-1:]


def roster_rows(roster: Roster, team_id: int, day: date, roster_type: str) -> list[Row]:
    """Return a roster's rows."""
    head = {"roster_date": day, "team_id": team_id, "roster_type": roster_type}
    return [head | _roster_row(entry) for entry in roster.roster]


def _roster_row(entry: RosterEntry) -> Row:
    return {
        "player_id": entry.person.id,
        "player_name": name_of(entry.person),
        "jersey_number": entry.jersey_number,
        "position_code": entry.position.code,
        "position_name": entry.position.name,
        "position_type": entry.position.type,
        "status_code": entry.status.code,
        "status_description": entry.status.description,
        "parent_team_id": entry.parent_team_id,
    }


def people_rows(roster: Roster) -> list[Row]:
    """Return rows of `people` for the players that a roster describes."""
    people = (entry.person for entry in roster.roster)
    return [person_row(person) for person in people if person.bat_side and person.full_name]


def transaction_rows(transactions: Transactions) -> list[Row]:
    """Return the rows of transactions_historical."""
    return [
        {
            "transaction_id": move.id,
            "transaction_date": move.date,
            "type_code": move.type_code,
            "type_description": move.type_desc,
            "description": move.description,
            "from_team_id": move.from_team.id if move.from_team else None,
            "from_team_name": move.from_team.name if move.from_team else None,
            "to_team_id": move.to_team.id if move.to_team else None,
            "to_team_name": move.to_team.name if move.to_team else None,
            "player_id": move.person.id if move.person else None,
            "player_name": move.person.full_name if move.person else None,
            "effective_date": move.effective_date,
            "resolution_date": move.resolution_date,
        }
        for move in transactions.transactions
    ]


def standing_rows(standings: Standings, day: date) -> list[Row]:
    """Return the rows of standings_historical after the games of `day`."""
    rows = []
    for division in standings.records:
        place = {
            "standings_date": day,
            "league_id": division.league.id if division.league else None,
            "division_id": division.division.id if division.division else None,
        }
        rows += [place | _standing_row(club) for club in division.team_records]
    return rows


def _standing_row(club: ClubStanding) -> Row:
    return {
        "team_id": club.team.id,
        "season": int(club.season),
        "wins": club.wins,
        "losses": club.losses,
        "games_back": parse_games_back(club.games_back),
        "wild_card_games_back": parse_games_back(club.wild_card_games_back),
        "division_rank": _parse_rank(club.division_rank),
        "league_rank": _parse_rank(club.league_rank),
        "streak": club.streak.streak_code if club.streak else None,
        "runs_scored": club.runs_scored,
        "runs_allowed": club.runs_allowed,
    }


def parse_games_back(text: str | None) -> float | None:
    """Return games behind: "-" is level with the place looked at, "+1.5" a game and a half ahead of it."""
    if text is None or text == "":
        return None
    return 0.0 if text == "-" else -float(text[1:]) if text.startswith("+") else float(text)


def _parse_rank(text: str | None) -> int | None:
    return int(text) if text else None
