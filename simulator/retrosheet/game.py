"""Parses one game of an event file into a `GameRecord`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from simulator.clubs import clubs_by_code
from simulator.game_record import GameRecord
from simulator.retrosheet import game_info
from simulator.retrosheet.lineup import LineupEntry
from simulator.retrosheet.people import PeopleDirectory
from simulator.retrosheet.records import UNKNOWN_CODES, game_label
from simulator.retrosheet.scorekeeper import PlayRecord, Scorekeeper
from simulator.retrosheet.vocabulary import WORDS

_RESUMED = re.compile(r'^com,"(?:Suspend=|suspended,)(\d{4})(\d\d)(\d\d)', re.MULTILINE)
_HANDS = ("L", "R")
_RAIN = re.compile(r'^com,".*\brain\b', re.MULTILINE | re.IGNORECASE)


class UnreadableGame(ValueError):
    """A game with records that contradict each other or Retrosheet's notation."""


@dataclass(slots=True)
class _GameReader:
    """Collects the content of one game's records."""

    directory: PeopleDirectory
    keeper: Scorekeeper
    info: dict[str, str] = field(default_factory=dict)
    earned_runs: dict[int, int] = field(default_factory=dict)

    def read_record(self, line: str) -> None:
        """Process one record; comments and records that do not affect the score are skipped."""
        kind, _, rest = line.partition(",")
        if kind == "play":
            self._record_play(rest)
        elif kind in ("start", "sub"):
            self._record_entry(rest)
        elif kind == "info":
            key, _, value = rest.partition(",")
            self.info[key] = value.strip()
        elif kind == "data":
            _, pitcher, runs = rest.split(",")
            self.earned_runs[self.directory[pitcher].id] = int(runs.strip() or 0)
        elif kind in ("badj", "padj"):
            player, hand = rest.split(",")
            if hand in _HANDS:
                self.keeper.adjust_hand(self.directory[player].id, hand)
        elif kind == "radj":
            runner, base = rest.split(",")
            self.keeper.place_runner(self.directory[runner].id, int(base))
        elif kind == "presadj":
            pitcher, base = rest.split(",")
            self.keeper.charge_pitcher(self.directory[pitcher].id, int(base))

    def _batting_side(self, text: str) -> int:
        """Return 0 for the side that bats first: the visitors, unless the home club does (`htbf`)."""
        return 1 - int(text) if self.info.get("htbf") == "true" else int(text)

    def _record_play(self, rest: str) -> None:
        inning, side, batter, count, pitches, text = rest.split(",", 5)
        player = self.directory[batter].id
        self.keeper.record_play(
            PlayRecord(int(inning), self._batting_side(side), player, count, pitches, text)
        )

    def _record_entry(self, rest: str) -> None:
        named, side, slot, position = rest.rsplit(",", 3)
        player = self.directory[named.partition(",")[0].strip()].id
        self.keeper.enter_player(LineupEntry(player, self._batting_side(side), int(slot), int(position)))


def batting_order_codes(info: game_info.Info) -> tuple[str, str]:
    """Return the codes of the club that bats first and of the other."""
    away, home = info["visteam"], info["hometeam"]
    return (home, away) if info.get("htbf") == "true" else (away, home)


def _keep_score(text: str, directory: PeopleDirectory) -> _GameReader:
    reader = _GameReader(directory, Scorekeeper(directory.by_id))
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            reader.read_record(line)
        except (ValueError, LookupError) as error:
            raise UnreadableGame(f"{game_label(text)}, line {number} ({line}): {error}") from error
    return reader


def _completion_date(text: str) -> date | None:
    match = _RESUMED.search(text)
    return date(*map(int, match.groups())) if match else None


def _game_state(keeper: Scorekeeper, info: game_info.Info) -> str:
    full_game_outs = 6 * game_info.scheduled_innings(info) - 3  # without the home club's last half-inning
    was_called = keeper.total_outs < full_game_outs or keeper.score[0] == keeper.score[1]
    return "Completed Early" if was_called or info.get("forfeit") else "Final"


def _early_end_reason(state: str, info: game_info.Info, text: str) -> str | None:
    """Return why a game ended early; None if it did not, or if the file does not say."""
    if info.get("forfeit"):
        return "Forfeit"
    return "Rain" if state != "Final" and _RAIN.search(text) else None


def _umpire_ids(info: game_info.Info, directory: PeopleDirectory) -> dict[str, int]:
    posts: Mapping[str, str] = WORDS["umpires"]
    return {
        post: directory[info[key]].id for key, post in posts.items() if info.get(key, "") not in UNKNOWN_CODES
    }


def _earned_runs(reader: _GameReader) -> Mapping[int, int]:
    """Return each pitcher's earned runs from the `data` records, or without any from the plays."""
    if reader.earned_runs:
        return reader.earned_runs
    runners = (runner for play in reader.keeper.plays for runner in play.runners)
    scored = (runner for runner in runners if runner.end == "score" and runner.earned)
    return Counter(runner.responsible_pitcher for runner in scored if runner.responsible_pitcher)


def _decision_pitcher(info: game_info.Info, key: str, directory: PeopleDirectory) -> int | None:
    return None if info.get(key, "") in UNKNOWN_CODES else directory[info[key]].id


def parse_game(text: str, directory: PeopleDirectory) -> GameRecord:
    """Parse one game's records, from its `id` line on; UnreadableGame names the line."""
    reader = _keep_score(text, directory)
    try:
        reader.keeper.close_plate_appearance()
        return _build_game(text, reader)
    except (ValueError, LookupError) as error:
        raise UnreadableGame(f"{game_label(text)}: {error!r}") from error


def _build_game(text: str, reader: _GameReader) -> GameRecord:
    info, keeper, directory = reader.info, reader.keeper, reader.directory
    if not keeper.plays:
        raise ValueError("expected plays, got none")
    on = game_info.parse_official_date(info)
    away, home = (clubs_by_code(on.year)[code].id for code in batting_order_codes(info))
    number = game_info.parse_int(info, "number", 0)
    probables = [lineup.pitchers[0] for lineup in keeper.lineups]
    state, earned = _game_state(keeper, info), _earned_runs(reader)
    return GameRecord(
        game_pk=game_info.make_game_pk(on, home, number),
        game_type="R",
        season=on.year,
        official_date=on,
        start=game_info.start_time(info),
        home=home,
        away=away,
        venue=game_info.find_venue(info).id,
        game_number=number or 1,
        double_header="Y" if number else "N",
        day_night=info.get("daynight", "night"),
        state=state,
        reason=_early_end_reason(state, info, text),
        completed_date=_completion_date(text),
        scheduled_innings=game_info.scheduled_innings(info),
        designated_hitter=info.get("usedh") == "true",
        probable_away=probables[0],
        probable_home=probables[1],
        appearances=[line for lineup in keeper.lineups for line in lineup.list_appearances(earned)],
        plays=keeper.plays,
        winner=_decision_pitcher(info, "wp", directory),
        loser=_decision_pitcher(info, "lp", directory),
        save=_decision_pitcher(info, "save", directory),
        officials=_umpire_ids(info, directory),
        weather=game_info.parse_weather(info),
        attendance=game_info.parse_positive(info, "attendance"),
        duration_minutes=game_info.parse_positive(info, "timeofgame"),
    )
