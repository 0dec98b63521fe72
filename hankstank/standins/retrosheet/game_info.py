"""What a game's `info` records say: when and where, weather, umpires, decisions and the game's number."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hankstank.standins.clubs import venues_by_code
from hankstank.standins.retrosheet.vocabulary import WORDS
from hankstank.standins.scorebook import Venue, Weather

Info = Mapping[str, str]
_EPOCH = date(1900, 1, 1).toordinal()


def official_date(info: Info) -> date:
    """Return the date the game is booked under."""
    year, month, day = info["date"].split("/")
    return date(int(year), int(month), int(day))


def game_pk(on: date, home: int, number: int) -> int:
    """Return an id that is ours and stable: day, home club and number in the doubleheader, from 200 million up."""
    return 100_000_000 + ((on.toordinal() - _EPOCH) * 1000 + home) * 3 + number


def invented_venue(code: str) -> Venue:
    """Return a ballpark that we know nothing of but Retrosheet's code, with a stable id above 90,000."""
    return Venue(100_000 + int(code, 36), code, city="", state="", latitude=0.0, longitude=0.0)


def venue(info: Info) -> Venue:
    """Return the ballpark."""
    return venues_by_code().get(info["site"]) or invented_venue(info["site"])


def start(info: Info) -> datetime:
    """Return the first pitch in UTC; Retrosheet tells it as the park's wall clock, 0:00 where unknown."""
    clock = info.get("starttime", "0:00PM").replace("0:00", "7:00", 1) if _is_unknown(info) else info["starttime"]
    wall = datetime.strptime(clock, "%I:%M%p").time()  # noqa: DTZ007
    return datetime.combine(official_date(info), wall, ZoneInfo(venue(info).time_zone)).astimezone(UTC)


def _is_unknown(info: Info) -> bool:
    return info.get("starttime", "0:00").startswith("0:00")


def weather(info: Info) -> Weather | None:
    """Return the weather at first pitch; None where Retrosheet knows neither sky, temperature nor wind."""
    condition = WORDS["precipitation"].get(info.get("precip")) or WORDS["skies"].get(info.get("sky"))
    temperature = int(info.get("temp", 0)) or None
    speed = max(int(info.get("windspeed", -1)), 0)
    if condition is None and temperature is None and speed == 0:
        return None
    wind = f"{speed} mph, {WORDS['winds'].get(info.get('winddir'), 'None')}"
    return Weather(condition or "Unknown", temperature, wind)


def positive(info: Info, key: str) -> int | None:
    """Return a count such as the attendance; Retrosheet writes 0 or -1 for unknown."""
    count = int(info.get(key) or 0)
    return count if count > 0 else None
