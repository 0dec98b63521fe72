"""From a client's question to the forecasts that answer it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.predict_api.mlb import lineup_checks
from services.predict_api.mlb.labels import BATTER_STATS, STARTER_STATS, STATS
from services.predict_api.serving import response_builder
from services.predict_api.serving.directory import Row
from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN, Forecast, targets_of
from services.predict_api.serving.game_forecasts import Card
from services.predict_api.serving.schedule_days import ScheduledDay, counted_games
from services.predict_api.serving.stored_answers import StoredDay
from services.predict_api.web import responses
from services.predict_api.web.faults import shown
from services.predict_api.web.problems import NoClub, NoModel, NotExpected, NothingScheduled, NotRead, Problem
from services.predict_api.web.requests import BatchRequest, GameRequest, PlayerRequest
from shared.ports import ObjectStore


class Questions:
    """Answers questions from one forecaster at a time; forecasts of scheduled games are stored before."""

    def __init__(self, objects: ObjectStore, journal: Journal) -> None:
        self._objects, self._journal = objects, journal

    def game(self, forecaster: Forecaster, asked: GameRequest) -> responses.GameAnswer:
        """Return the forecast of a game; of a day already known, the one that was stored before it."""
        home, away = (forecaster.directory.club(team) for team in (asked.home_team, asked.away_team))
        sides = home["team_id"], away["team_id"]
        if asked.game_date <= forecaster.as_of:
            _refuse_what_if_of_the_past(asked)
            return self.stored_day(forecaster, asked.game_date).game(*sides, asked)
        _refuse_days_without_games(forecaster, asked.game_date)
        game = forecaster.directory.game(asked.game_date, *sides, asked.game_number)
        if not asked.is_what_if:
            return _told_game(forecaster, self._card(forecaster, game), reasons=asked.reasons)
        named = asked.starting_pitchers, asked.lineups
        card = forecaster.asked(game, *named)
        caveats = lineup_checks.caveats(forecaster.directory, game, *named)
        return response_builder.game_answer(forecaster, card, _win(card), caveats, reasons=asked.reasons)

    def player(self, forecaster: Forecaster, asked: PlayerRequest) -> responses.PlayerAnswer:
        """Return the forecasts of a player's statistics in one game; of a known day, those stored."""
        _refuse_unknown(asked)
        person = forecaster.directory.person(asked.player_id or asked.player or "")
        if asked.game_date <= forecaster.as_of:
            return self.stored_day(forecaster, asked.game_date).player(person["person_id"], asked)
        _refuse_days_without_games(forecaster, asked.game_date)
        card = self._card(forecaster, self._game_of(forecaster, person, asked))
        mine = card.players.get(person["person_id"], {})
        found, lacking = _chosen(mine, asked, forecaster)
        if not found:
            raise NotExpected(person["full_name"], asked.named_statistics, str(asked.game_date))
        return response_builder.player_answer(
            forecaster, card, found, asked.lines, lacking, reasons=asked.reasons
        )

    def batch(self, forecaster: Forecaster, asked: BatchRequest) -> responses.BatchAnswer:
        """Return each question's answer or problem, in order, all from one release."""
        found = [self._either(forecaster, one) for one in asked.questions]
        return responses.BatchAnswer(world=forecaster.world, answers=found)

    def slate(self, forecaster: Forecaster, day: date) -> responses.SlateAnswer:
        """Return the forecasts of a day's games.

        Of a day already known these are the stored ones; a day without games says why it has none.
        """
        days = forecaster.schedule_days
        if day > forecaster.as_of:
            scheduled = days.day(day)
            if scheduled.kind == "games":
                self._journal.store(forecaster, day)
            games = [_told_game(forecaster, card, reasons=True) for card in forecaster.day(day).values()]
            return _slate_answer(forecaster, day, scheduled, games)
        try:
            games = self.stored_day(forecaster, day).games()
        except NothingScheduled:
            return _slate_answer(forecaster, day, days.without_season(day) or days.day(day), [])
        stored = ScheduledDay("games", f"{counted_games(len(games))} of {day}, as stored before the day.")
        return _slate_answer(forecaster, day, stored, games)

    def stored_day(self, forecaster: Forecaster, day: date) -> StoredDay:
        """Return what was stored of a day that is already known."""
        return StoredDay(self._objects, forecaster, day)

    def of_card(self, forecaster: Forecaster, card: Card) -> responses.GameAnswer:
        """Return the forecast of a scheduled game; raises NoModel."""
        self._journal.store(forecaster, card.game["game_date"])
        return _told_game(forecaster, card, reasons=True)

    def _either(
        self, forecaster: Forecaster, asked: GameRequest | PlayerRequest
    ) -> responses.GameAnswer | responses.PlayerAnswer | dict[str, Any]:
        """Return one question's answer, or its problem with all that the single route says."""
        try:
            if isinstance(asked, GameRequest):
                return self.game(forecaster, asked)
            return self.player(forecaster, asked)
        except Problem as problem:
            return problem.told()

    def _card(self, forecaster: Forecaster, game: Row) -> Card:
        self._journal.store(forecaster, game["game_date"])
        return forecaster.card(game)

    def _game_of(self, forecaster: Forecaster, person: Row, asked: PlayerRequest) -> Row:
        directory = forecaster.directory
        opponent = directory.club(asked.opponent)["team_id"] if asked.opponent is not None else None
        where = (opponent, asked.game_number)
        announced = directory.game_of_starter(asked.game_date, person["person_id"], *where)
        if announced is not None:
            return announced
        if person["team_id"] is None:
            raise NoClub(person["full_name"])
        return directory.game_of_club(asked.game_date, person["team_id"], *where)


def _told_game(forecaster: Forecaster, card: Card, *, reasons: bool) -> responses.GameAnswer:
    return response_builder.game_answer(forecaster, card, _win(card), reasons=reasons)


def _win(card: Card) -> Forecast:
    """Return the forecast of a home win; raises NoModel."""
    if card.win is None:
        raise NoModel(HOME_WIN)
    return card.win


def _slate_answer(
    forecaster: Forecaster, day: date, scheduled: ScheduledDay, games: list[responses.GameAnswer]
) -> responses.SlateAnswer:
    return responses.SlateAnswer(
        world=forecaster.world,
        game_date=day,
        kind=scheduled.kind,
        message=scheduled.message,
        schedule_known_until=forecaster.schedule_days.known_until,
        called_off=forecaster.directory.called_off_on(day),
        games=games,
    )


def _refuse_what_if_of_the_past(asked: GameRequest) -> None:
    """Raise NotRead where players are named for a game whose forecast is already stored."""
    names = ("starting_pitchers", "lineups")
    given = [name for name in names if getattr(asked, name) != GameRequest.model_fields[name].default]
    if given:
        expected = "nothing: the day is over, only its stored forecast can be asked for"
        faults = [
            {"path": name, "expected": expected, "got": shown(getattr(asked, name).model_dump())}
            for name in given
        ]
        raise NotRead("a question about a stored forecast", faults)


def _refuse_days_without_games(forecaster: Forecaster, day: date) -> None:
    """Raise NothingScheduled for a day on which nobody plays, or of which nothing is known yet."""
    days = forecaster.schedule_days
    scheduled = days.day(day)
    if scheduled.kind != "games":
        raise NothingScheduled(*scheduled, str(days.known_until))


def _chosen(
    mine: Mapping[str, Forecast], asked: PlayerRequest, forecaster: Forecaster
) -> tuple[dict[str, Forecast], dict[str, str]]:
    """Return a player's forecasts by statistic, and why others that the question names are not there."""
    by_stat = {stat: mine[target] for stat, target in targets_of(mine).items() if target in mine}
    wanted = asked.named_statistics
    found = {stat: by_stat[stat] for stat in wanted if stat in by_stat} if wanted else by_stat
    lacking = [stat for stat in dict.fromkeys([*wanted, *asked.lines]) if stat not in by_stat]
    return found, {stat: _why_not(stat, forecaster) for stat in lacking}


def _why_not(stat: str, forecaster: Forecaster) -> str:
    targets = {table[stat] for table in (BATTER_STATS, STARTER_STATS) if stat in table}
    if targets & forecaster.models.keys():
        return "not in the role in which they are expected to play"
    return "no model of it is released yet"


def stats_of(forecaster: Forecaster, position: str | None) -> list[str]:
    """Return the statistics that the release forecasts of a player of this position."""
    table = STARTER_STATS if position == "P" else BATTER_STATS
    return [stat for stat, target in table.items() if target in forecaster.models]


def _refuse_unknown(asked: PlayerRequest) -> None:
    named = {f"stats/{i}": stat for i, stat in enumerate(asked.stats or [])}
    named |= {f"lines/{stat}": stat for stat in asked.lines}
    wrong = {path: stat for path, stat in named.items() if stat not in STATS}
    if wrong:
        expected = f"one of {', '.join(STATS)}"
        raise NotRead(
            f"statistics among {', '.join(STATS)}",
            [{"path": path, "expected": expected, "got": shown(stat)} for path, stat in wrong.items()],
        )
