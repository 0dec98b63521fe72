"""Values from a game's `info` records: date, start, ballpark, weather, innings and id."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from simulator.clubs import ballparks_by_id, clubs_by_code, venues_by_code
from simulator.game_record import Venue, Weather
from simulator.retrosheet.vocabulary import WORDS

Info = Mapping[str, str]
_CLOCK = re.compile(r"(\d+):(\d\d)([AP])M")
_USUAL_FIRST_PITCH = time(19, 5)  # in the park's time zone, for games without a start time
_SHORT_DOUBLE_HEADERS = date(2020, 8, 1), date(2021, 12, 31)
_EPOCH = date(1900, 1, 1).toordinal()


def parse_int(info: Info, key: str, default: int) -> int:
    """Return a whole number, or `default` if it is missing, blank or "unknown"."""
    text = info.get(key, "")
    return int(text) if re.fullmatch(r"-?\d+", text) else default


def parse_official_date(info: Info) -> date:
    """Return the game's official date."""
    year, month, day = info["date"].split("/")
    return date(int(year), int(month), int(day))


def make_game_pk(on: date, home: int, game_number: int) -> int:
    """Return a stable id above all of MLBAM's, from date, home club and number in a doubleheader."""
    return 100_000_000 + ((on.toordinal() - _EPOCH) * 1000 + home) * 3 + game_number


def invented_venue(code: str) -> Venue:
    """Return a ballpark of which only Retrosheet's code is known, with a stable id above 100,000."""
    return Venue(100_000 + int(code, 36), code, city="", state="", latitude=0.0, longitude=0.0)


def find_venue(info: Info) -> Venue:
    """Return the ballpark; the home club's if the records name none."""
    site = info.get("site", "")
    if not site:
        return ballparks_by_id()[clubs_by_code(parse_official_date(info).year)[info["hometeam"]].venue_id]
    return venues_by_code().get(site) or invented_venue(site)


def scheduled_innings(info: Info) -> int:
    """Return the scheduled innings: as recorded, else nine, or seven in doubleheaders of 2020 and 2021."""
    first, last = _SHORT_DOUBLE_HEADERS
    short = parse_int(info, "number", 0) > 0 and first <= parse_official_date(info) <= last
    return parse_int(info, "innings", 7 if short else 9)


def _first_pitch(info: Info) -> time:
    match = _CLOCK.fullmatch(info.get("starttime", ""))
    if match is None or match[1] == "0":
        return _USUAL_FIRST_PITCH
    return time(int(match[1]) % 12 + 12 * (match[3] == "P"), int(match[2]))


def start_time(info: Info) -> datetime:
    """Return the first pitch in UTC; Retrosheet gives the park's local time, 0:00 if unknown."""
    zone = ZoneInfo(find_venue(info).time_zone)
    return datetime.combine(parse_official_date(info), _first_pitch(info), zone).astimezone(UTC)


def parse_weather(info: Info) -> Weather | None:
    """Return the weather at first pitch; None if sky, temperature and wind are all unknown."""
    condition = WORDS["precipitation"].get(info.get("precip")) or WORDS["skies"].get(info.get("sky"))
    temperature = parse_int(info, "temp", 0) or None
    speed = max(parse_int(info, "windspeed", -1), 0)
    if condition is None and temperature is None and speed == 0:
        return None
    wind = f"{speed} mph, {WORDS['winds'].get(info.get('winddir'), 'None')}"
    return Weather(condition or "Unknown", temperature, wind)


def parse_positive(info: Info, key: str) -> int | None:
    """Return a count such as the attendance; Retrosheet writes 0 or -1 for unknown."""
    count = parse_int(info, key, 0)
    return count if count > 0 else None
