"""Clubs and ballparks in the Stats API's format, and the lists of sports and seasons."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from simulator.game_record import Club, DateRange, SeasonDates, Venue
from simulator.wire.codes import COPYRIGHT, DIVISIONS, LEAGUES, SPORT
from simulator.wire.reference_data import Body, ReferenceData

_DAY = timedelta(days=1)


def render_club(club: Club, reference: ReferenceData) -> Body:
    """Return a club in full, as in `/api/v1/teams` and feeds."""
    code = club.abbreviation.lower()
    return {
        "allStarStatus": "N",
        **reference.club_ref(club.id),
        "season": reference.season,
        "venue": reference.venue_ref(club.venue_id),
        "teamCode": code,
        "fileCode": code,
        "abbreviation": club.abbreviation,
        "teamName": club.nickname,
        "locationName": club.location,
        "league": league_ref(club.league_id),
        **({"division": division_ref(club.division_id)} if club.division_id else {}),
        "sport": SPORT,
        "shortName": club.location,
        "franchiseName": club.location,
        "clubName": club.nickname,
        "active": True,
    }


def render_teams(reference: ReferenceData) -> Body:
    """Return the body of `/api/v1/teams`."""
    return {
        "copyright": COPYRIGHT,
        "teams": [render_club(club, reference) for club in reference.division_clubs],
    }


def league_ref(league_id: int) -> Body:
    """Return the reference to a league."""
    return {"id": league_id, "name": LEAGUES[league_id], "link": f"/api/v1/league/{league_id}"}


def division_ref(division_id: int) -> Body:
    """Return the reference to a division."""
    return {"id": division_id, "name": DIVISIONS[division_id], "link": f"/api/v1/divisions/{division_id}"}


def render_venue(park: Venue, season: int, at: datetime) -> Body:
    """Return a ballpark in full; `at` (UTC) decides the UTC offset of its time zone."""
    return {
        "id": park.id,
        "name": park.name,
        "link": f"/api/v1/venues/{park.id}",
        "location": _render_location(park),
        "timeZone": _time_zone(park.time_zone, at),
        "fieldInfo": _render_field(park),
        "active": True,
        "season": str(season),
    }


def render_venues(parks: Iterable[Venue], season: int, at: datetime) -> Body:
    """Return the body of `/api/v1/venues`."""
    return {"copyright": COPYRIGHT, "venues": [render_venue(park, season, at) for park in parks]}


def render_sports() -> Body:
    """Return the body of `/api/v1/sports`: the majors alone."""
    major = {"id": 1, "code": "mlb", "link": SPORT["link"], "name": SPORT["name"], "abbreviation": "MLB"}
    return {"copyright": COPYRIGHT, "sports": [major | {"sortOrder": 11, "activeStatus": True}]}


@lru_cache(maxsize=256)
def _load_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_time(park: Venue, at: datetime) -> datetime:
    """Return an instant in the ballpark's time zone."""
    return at.astimezone(_load_zone(park.time_zone))


def _time_zone(name: str, at: datetime) -> Body:
    local = at.astimezone(_load_zone(name))
    offset = local.utcoffset()
    hours = int(offset.total_seconds() // 3600) if offset is not None else 0
    return {"id": name, "offset": hours, "offsetAtGameTime": hours, "tz": local.tzname()}


def _render_location(park: Venue) -> Body:
    return {
        "city": park.city,
        "state": park.state,
        "stateAbbrev": park.state,
        "defaultCoordinates": {"latitude": float(park.latitude), "longitude": float(park.longitude)},
        "azimuthAngle": float(park.azimuth),
        "elevation": park.elevation,
        "country": "USA",
    }


def _render_field(park: Venue) -> Body:
    return {
        "capacity": park.capacity,
        "turfType": park.turf_type,
        "roofType": park.roof_type,
        "leftLine": park.left_line,
        "center": park.center,
        "rightLine": park.right_line,
    }


def render_seasons(seasons: Mapping[int, SeasonDates]) -> Body:
    """Return the body of `/api/v1/seasons`; dates that a world does not have are left out."""
    return {
        "copyright": COPYRIGHT,
        "seasons": [_render_season(year, dates) for year, dates in seasons.items()],
    }


def _render_season(year: int, dates: SeasonDates) -> Body:
    first = (dates.spring or dates.regular)[0]
    last = (dates.postseason or dates.regular)[1]
    season_dates = {
        "preSeasonStartDate": date(year, 1, 1),
        "preSeasonEndDate": first - _DAY,
        "seasonStartDate": first,
        **_date_bounds("spring", dates.spring),
        **_date_bounds("regularSeason", dates.regular),
        **_all_star_break(dates.all_star),
        **_date_bounds("postSeason", dates.postseason),
        "seasonEndDate": last,
        "offseasonStartDate": last + _DAY,
        "offSeasonEndDate": date(year, 12, 31),
    }
    return {
        "seasonId": str(year),
        "hasWildcard": True,
        **{name: day.isoformat() for name, day in season_dates.items()},
        "seasonLevelGamedayType": "P",
        "gameLevelGamedayType": "P",
        "qualifierPlateAppearances": 3.1,
        "qualifierOutsPitched": 3.0,
    }


def _date_bounds(part: str, days: DateRange | None) -> dict[str, date]:
    return {f"{part}StartDate": days[0], f"{part}EndDate": days[1]} if days else {}


def _all_star_break(all_star: date | None) -> dict[str, date]:
    """Return the All-Star Game's date, the last day of games before it and the first after it."""
    if all_star is None:
        return {}
    return {
        "lastDate1stHalf": all_star - 2 * _DAY,  # a Sunday
        "allStarDate": all_star,
        "firstDate2ndHalf": all_star + 3 * _DAY,  # a Friday
    }
