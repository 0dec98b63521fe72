"""A world written by hand: two clubs, four games, everything in them known by heart.

1  1 May  Boston at New York, Final 2-1: a walk, a steal, a homer, a double play, a walk-off
2  3 May  New York at Boston, the first of two
3  3 May  its second game, made up from 2 May
4  4 May  New York at Boston, stopped half-way and finished on 10 May
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from msgspec import structs

from simulator.game_record import (
    Appearance,
    Club,
    GameRecord,
    Person,
    Pitch,
    Play,
    RunnerMovement,
    SeasonDates,
    Transaction,
    Venue,
    Weather,
)

BOSTON, NEW_YORK = 111, 147
FENWAY, YANKEE_STADIUM = 3, 3313
POSITIONS = ("CF", "SS", "1B", "LF", "DH", "3B", "RF", "2B", "C")
FIRST = {BOSTON: 1000, NEW_YORK: 2000}
STARTER, RELIEVER, BENCH = 10, 11, 12
UMPIRE = 9001


def batter(club: int, slot: int) -> int:
    """Return the id of a club's hitter in a batting-order slot, 1 to 9."""
    return FIRST[club] + slot


def pitcher(club: int, role: int = STARTER) -> int:
    """Return the id of a club's STARTER or RELIEVER."""
    return FIRST[club] + role


class Half:
    """Writes half an inning: the batting order goes on from game to half, outs and score are kept."""

    def __init__(self, book: "Book", *, is_top: bool) -> None:
        self._book, self._is_top = book, is_top
        self._bats, self._fields = (book.away, book.home) if is_top else (book.home, book.away)
        self._outs = 0

    def play(
        self, event: str, calls: str, outs: int = 0, runners: Sequence[RunnerMovement] = (), **more: object
    ) -> None:
        """Write the next batter's turn; `calls` are codes in a row, `runners` all but the batter's own."""
        book = self._book
        scored = sum(runner.end == "score" for runner in runners)
        book.score[self._is_top] += scored
        play = Play(
            inning=book.inning,
            is_top=self._is_top,
            batter=self.batter,
            pitcher=book.on_the_mound[self._fields],
            bat_side="R",
            pitch_hand="R",
            event_type=event,
            rbi=sum(runner.rbi for runner in runners),
            outs_before=self._outs,
            outs_after=self._outs + outs,
            away_score=book.score[True],
            home_score=book.score[False],
            pitches=[Pitch(call, "FF", 95.0, 2300, 6.4, 0.1, 2.5, 5) for call in calls],
            runners=runners,
            description=f"{event} by {self.batter}.",
        )
        book.plays.append(structs.replace(play, **more))  # type: ignore[arg-type]
        self._outs += outs
        book.turn[self._bats] += 1

    @property
    def batter(self) -> int:
        """The id of who is up."""
        return batter(self._bats, self._book.turn[self._bats] % 9 + 1)

    def strike_out(self, times: int = 1) -> None:
        """Write strikeouts on three pitches."""
        for _ in range(times):
            self.play("strikeout", "CSS", 1, [RunnerMovement(self.batter, None, None, is_out=True)])


class Book:
    """A game being written."""

    def __init__(self, away: int, home: int) -> None:
        self.away, self.home, self.inning = away, home, 0
        self.plays: list[Play] = []
        self.turn = {away: 0, home: 0}
        self.score = {True: 0, False: 0}
        self.on_the_mound = {away: pitcher(away), home: pitcher(home)}

    def halves(self) -> tuple[Half, Half]:
        """Begin an inning; return its top and its bottom."""
        self.inning += 1
        return Half(self, is_top=True), Half(self, is_top=False)


def eventful_plays() -> list[Play]:
    """Boston at New York: see the module's first lines; New York wins 2-1 with nobody out in the ninth."""
    book = Book(BOSTON, NEW_YORK)
    top, bottom = book.halves()
    first = top.batter
    top.play("walk", "BBBCB", 0, [RunnerMovement(first, None, "1B")])
    steal = RunnerMovement(first, "1B", "2B", event_type="stolen_base_2b")
    top.play("strikeout", "CSBS", 1, [steal, RunnerMovement(top.batter, None, None, is_out=True)])
    second = RunnerMovement(first, "2B", "score", rbi=True)
    top.play(
        "single",
        "BX",
        0,
        [second, RunnerMovement(top.batter, None, "1B")],
        trajectory="line_drive",
        hit_location="8",
    )
    gone = [
        RunnerMovement(book.plays[-1].batter, "1B", None, is_out=True),
        RunnerMovement(top.batter, None, None, is_out=True),
    ]
    top.play("grounded_into_double_play", "X", 2, gone, trajectory="ground_ball", hit_location="6")
    bottom.strike_out(3)
    for _ in range(2, 9):
        top, bottom = book.halves()
        top.strike_out(3)
        bottom.strike_out(3)
    top, bottom = book.halves()
    top.strike_out(3)
    bottom.play("hit_by_pitch", "H", 0, [RunnerMovement(bottom.batter, None, "1B")])
    book.on_the_mound[BOSTON] = pitcher(BOSTON, RELIEVER)
    on_first = structs.replace(
        RunnerMovement(book.plays[-1].batter, "1B", "score", rbi=True), responsible_pitcher=pitcher(BOSTON)
    )
    home_run = [on_first, RunnerMovement(bottom.batter, None, "score", rbi=True)]
    hit = Pitch("E", "FF", 94.1, 2250, 6.5, 0.0, 2.4, 5, 104.2, 27.0, 412.0)
    bottom.play(
        "home_run", "", 0, home_run, trajectory="fly_ball", hit_location="7", pitches=[Pitch("B"), hit]
    )
    return book.plays


def quiet_plays(away: int, home: int) -> list[Play]:
    """A game of strikeouts that the home club wins 1-0 on a homer in the first."""
    book = Book(away, home)
    for inning in range(1, 10):
        top, bottom = book.halves()
        top.strike_out(3)
        if inning == 1:
            bottom.play(
                "home_run",
                "E",
                0,
                [RunnerMovement(bottom.batter, None, "score", rbi=True)],
                trajectory="fly_ball",
            )
        if inning < 9:
            bottom.strike_out(3)
    return book.plays


def line_up(club: int, *, is_home: bool) -> list[Appearance]:
    """A club's nine and its starting pitcher."""
    nine = [
        Appearance(batter(club, slot), is_home, f"{slot}00", [position], putouts=1)
        for slot, position in enumerate(POSITIONS, start=1)
    ]
    return [*nine, Appearance(pitcher(club), is_home, None, ["P"], is_starting_pitcher=True, assists=1)]


def _game(game_pk: int, on: date, away: int, home: int, **more: object) -> GameRecord:
    game = GameRecord(
        game_pk,
        "R",
        2025,
        on,
        datetime(on.year, on.month, on.day, 23, 5, tzinfo=UTC),
        home,
        away,
        FENWAY if home == BOSTON else YANKEE_STADIUM,
        probable_home=pitcher(home),
        probable_away=pitcher(away),
        appearances=line_up(away, is_home=False) + line_up(home, is_home=True),
        plays=quiet_plays(away, home),
        winner=pitcher(home),
        loser=pitcher(away),
        officials={"Home Plate": UMPIRE},
        weather=Weather("Clear", 67, "9 mph, In From LF"),
        attendance=31_234,
        duration_minutes=160,
    )
    return replace(game, **more)  # type: ignore[arg-type]


def eventful_game() -> GameRecord:
    """Game 1."""
    game = _game(1, date(2025, 5, 1), BOSTON, NEW_YORK, plays=eventful_plays())
    starter = replace(game.appearances[9], earned_runs=1)
    reliever = Appearance(pitcher(BOSTON, RELIEVER), False, None, ["P"], earned_runs=1)
    appearances = [*game.appearances[:9], starter, reliever, *game.appearances[10:]]
    return replace(game, appearances=appearances, loser=reliever.player)


def first_of_two() -> GameRecord:
    """Game 2."""
    start = datetime(2025, 5, 3, 17, 5, tzinfo=UTC)
    return _game(2, date(2025, 5, 3), NEW_YORK, BOSTON, double_header="S", start=start, day_night="day")


def made_up_game() -> GameRecord:
    """Game 3, rained out on 2 May."""
    day = date(2025, 5, 3)
    return _game(
        3,
        day,
        NEW_YORK,
        BOSTON,
        original_date=date(2025, 5, 2),
        reason="Rain",
        game_number=2,
        double_header="S",
    )


def suspended_game() -> GameRecord:
    """Game 4, finished on 10 May."""
    return _game(4, date(2025, 5, 4), NEW_YORK, BOSTON, completed_date=date(2025, 5, 10), reason="Rain")


class TinyWorld:
    """The `World` of the four games."""

    label = "tiny world"

    def __init__(self) -> None:
        self.asked = 0

    def list_seasons(self) -> Sequence[int]:
        return [2025]

    def season_dates(self, season: int) -> SeasonDates:
        return SeasonDates(
            regular=(date(2025, 3, 18), date(2025, 9, 28)),
            spring=(date(2025, 2, 20), date(2025, 3, 25)),
            all_star=date(2025, 7, 15),
            postseason=(date(2025, 9, 30), date(2025, 11, 1)),
        )

    def list_clubs(self, season: int) -> Sequence[Club]:
        return [
            Club(BOSTON, "BOS", "Boston", "Red Sox", 103, 201, FENWAY),
            Club(NEW_YORK, "NYY", "New York", "Yankees", 103, 201, YANKEE_STADIUM),
        ]

    def venues_by_id(self) -> Mapping[int, Venue]:
        parks = [
            Venue(FENWAY, "Fenway Park", "Boston", "MA", 42.346456, -71.097441, 21),
            Venue(YANKEE_STADIUM, "Yankee Stadium", "Bronx", "NY", 40.829167, -73.926389, 54),
        ]
        return {park.id: park for park in parks}

    def people_by_id(self) -> Mapping[int, Person]:
        return {one.id: one for one in [*_players(BOSTON), *_players(NEW_YORK), Person(UMPIRE, "Ump Ire")]}

    def iter_games(self, season: int) -> Iterable[GameRecord]:
        self.asked += 1
        yield from (eventful_game(), first_of_two(), made_up_game(), suspended_game())

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        return [FIRST[club] + n for n in range(1, 13)]

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:
        moves = [
            Transaction(
                71,
                date(2025, 5, 2),
                "OPT",
                "Optioned",
                "Boston optioned Bench.",
                batter(BOSTON, BENCH),
                484,
                BOSTON,
            ),
            Transaction(
                72,
                date(2025, 5, 9),
                "CU",
                "Recalled",
                "Boston recalled Bench.",
                batter(BOSTON, BENCH),
                BOSTON,
            ),
        ]
        return [replace(move, to_club=BOSTON) for move in moves if first <= move.on <= last]


def _players(club: int) -> Iterable[Person]:
    name = {BOSTON: "Sox", NEW_YORK: "Yank"}[club]
    for slot, position in enumerate(POSITIONS, start=1):
        hand = "L" if slot % 3 == 0 else "R"
        yield Person(
            batter(club, slot), f"Slot{slot} O'{name}", hand, "R", position, date(1995, 8, slot), str(slot)
        )
    yield Person(pitcher(club), f"José {name} Jr.", "R", "R", "P", date(1993, 2, 28), "45")
    yield Person(pitcher(club, RELIEVER), f"Late {name}", "R", "L", "P", date(1999, 12, 1), "51")
    yield Person(batter(club, BENCH), f"Bench {name}", "S", "R", "IF", date(2001, 1, 1), "12")
