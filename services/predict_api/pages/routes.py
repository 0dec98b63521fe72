"""Pages for people: they read without a script, and nothing on them comes from another host."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import fsum
from typing import Any

from flask import Flask, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from services.predict_api.mlb.labels import NOTICES, TARGETS
from services.predict_api.pages import charts, track_record_views, views
from services.predict_api.serving import freshness, recent_games, track_record
from services.predict_api.serving.cache import Memory
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import targets_of
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.recent_games import Played
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web import examples, lookup_routes, openapi
from services.predict_api.web.prediction_routes import read_day
from services.predict_api.web.problems import Problem, UnknownGame
from services.predict_api.web.requests import PlayerRequest
from services.predict_api.web.responses import GameAnswer, Statistic

FOR_PEOPLE = (
    "/",
    "/day/<day>",
    "/game/<game_pk>",
    "/player/<player_id>",
    "/find",
    "/record",
    "/freshness",
    "/docs",
)
DAYS_SHOWN = 7
FOUND = 30


def add(
    app: Flask, shelf: Shelf, questions: Questions, memory: Memory, clock: Callable[[], datetime]
) -> None:
    """Add the pages."""
    desk = _Pages(shelf, questions, memory, clock)
    for path in FOR_PEOPLE:
        view = getattr(desk, path.split("/")[1] or "home")
        app.add_url_rule(path, f"page{path}", view, methods=["GET"])


def sorry(problem: Problem) -> Response:
    """Return a problem as a page."""
    page = render_template("sorry.html", problem=problem, world="", notices=NOTICES)
    return Response(page, problem.status, content_type="text/html; charset=utf-8")


class _Pages:
    def __init__(
        self, shelf: Shelf, questions: Questions, memory: Memory, clock: Callable[[], datetime]
    ) -> None:
        self._shelf, self._questions, self._memory, self._clock = shelf, questions, memory, clock

    def home(self) -> str:
        forecaster = self._shelf.ready()
        days = forecaster.directory.days()
        return self._slate(forecaster, days[0] if days else forecaster.as_of + timedelta(days=1))

    def day(self, day: str) -> str:
        return self._slate(self._shelf.ready(), read_day(day))

    def game(self, game_pk: str) -> str:
        forecaster, number = self._shelf.ready(), lookup_routes.read_id(game_pk)
        scheduled = forecaster.directory.games.get(number)
        if scheduled is None or scheduled["game_date"] <= forecaster.as_of:
            return self._stored_game(forecaster, number)
        if scheduled["game_pk"] not in forecaster.day(scheduled["game_date"]):
            raise UnknownGame(f"{forecaster.directory.game_id(scheduled)} is called off", [])
        card = forecaster.card(scheduled)
        answer = self._questions.of_card(forecaster, card)
        return self._game(forecaster, answer, views.lineups(forecaster, card))

    def _stored_game(self, forecaster: Forecaster, game_pk: int) -> str:
        """Return the page of a game of a known day, which the link names: games are stored by day."""
        if "day" not in request.args:
            raise UnknownGame(f"no game {game_pk} is ahead: the slate has those that are", [])
        day = read_day(request.args["day"])
        answer = self._questions.stored_day(forecaster, day).game_numbered(game_pk)
        return self._game(forecaster, answer, {})

    def _game(self, forecaster: Forecaster, answer: GameAnswer, lineups: dict[str, Any]) -> str:
        game = views.game_view(forecaster, answer)
        return self._page(
            "game.html",
            forecaster,
            game=game,
            charts=views.run_charts(game),
            base=views.game_base(game),
            reasons=views.game_reasons(game),
            lineups=lineups,
        )

    def player(self, player_id: str) -> str:
        forecaster = self._shelf.ready()
        player = lookup_routes.player_card(forecaster, lookup_routes.read_id(player_id))
        ahead = player.games[0] if player.games else None
        until = forecaster.schedule_days.known_until
        why_not = f"no game of their club is scheduled; the schedule is known until {until}."
        told: dict[str, Any] = {"answer": None, "why_not": why_not}
        if ahead:
            told = self._forecast(forecaster, player.player_id, ahead.game_date, ahead.game_number)
        return self._page("player.html", forecaster, player=player, ahead=ahead, **told)

    def find(self) -> str | AnyResponse:
        forecaster = self._shelf.ready()
        name = request.args.get("q", "")[:60]
        found = forecaster.directory.roll.found(name, FOUND)
        if len(found) == 1:
            return redirect(f"/player/{found[0]}")
        players = [lookup_routes.player(forecaster, one) for one in found]
        return self._page("find.html", forecaster, name=name, players=players)

    def record(self) -> str:
        forecaster = self._shelf.ready()
        told = track_record.track_record(forecaster)
        return self._page(
            "record.html", forecaster, record=told, charts=track_record_views.charts_of(told), targets=TARGETS
        )

    def freshness(self) -> str:
        forecaster = self._shelf.ready()
        status = freshness.status(self._shelf, now=self._clock(), is_degraded=self._memory.is_degraded)
        models = track_record.models(forecaster).models
        rooms = freshness.room_words(status.rooms)
        return self._page(
            "freshness.html", forecaster, status=status, rooms=rooms, models=models, targets=TARGETS
        )

    def docs(self) -> str:
        forecaster = self._shelf.current()
        return self._page(
            "docs.html",
            forecaster,
            endpoints=openapi.ENDPOINTS,
            problems=openapi.PROBLEMS,
            examples=examples.curl_examples(forecaster, request.host_url.rstrip("/")),
        )

    def _slate(self, forecaster: Forecaster, day: date) -> str:
        slate = self._questions.slate(forecaster, day)
        return self._page(
            "slate.html",
            forecaster,
            day=day,
            days=forecaster.directory.days()[:DAYS_SHOWN],
            games=[views.game_view(forecaster, one) for one in slate.games],
            message=slate.message,
            called_off=slate.called_off,
            ahead=day > forecaster.as_of,
        )

    def _forecast(self, forecaster: Forecaster, player_id: int, day: date, number: int) -> dict[str, Any]:
        asked = PlayerRequest(player_id=player_id, game_date=day, game_number=number)
        try:
            answer = self._questions.player(forecaster, asked)
        except Problem as problem:
            return {"answer": None, "why_not": problem.detail}
        rows = forecaster.card(forecaster.directory.games[answer.game_pk]).players[player_id]
        played, targets = recent_games.played(forecaster, player_id), targets_of(rows)
        statistics = [
            _Statistic(name, told, played.get(targets[name], [])) for name, told in answer.predictions.items()
        ]
        return {
            "answer": answer,
            "statistics": statistics,
            "warnings": views.warnings(answer.flags),
            "form": views.form(next(iter(rows.values())).row),
        }

    def _page(self, template: str, forecaster: Forecaster | None, **told: Any) -> str:
        world = forecaster.world if forecaster else ""
        return render_template(
            template,
            world=world,
            is_simulated="simulated" in world,
            forecaster=forecaster,
            notices=NOTICES,
            day_words=views.day_words,
            color=views.color,
            **told,
        )


class _Statistic:
    """One statistic on a player's page, with the line that the reader chose or the nearest to even."""

    def __init__(self, name: str, told: Statistic, played: Sequence[Played]) -> None:
        self.name, self.told, self.unit = name, told, views.unit(name)
        self.line = _line(request.args.get(name, ""), told)
        self.most = len(told.distribution) - 1.5
        self.over = fsum(chance for n, chance in enumerate(told.distribution) if n > self.line)
        self.push = fsum(chance for n, chance in enumerate(told.distribution) if n == self.line)
        self.chart = charts.columns(told.distribution, line=self.line, about=self._about())
        self.reasons = views.statistic_reasons(told, self.unit)
        self.played = played
        self.spell = self._spell() if played else None

    @property
    def under(self) -> float:
        return max(0.0, 1.0 - self.over - self.push)

    def _spell(self) -> Markup:
        did, games = sum(one.did for one in self.played), len(self.played)
        about = f"{did} {self.unit} in the last {games} games, {self.told.mean:.2f} expected in the next"
        days = [(f"{one.day.month}/{one.day.day}", one.did, one.expected) for one in self.played]
        return charts.spells(days, self.told.mean, about)

    def _about(self) -> str:
        low, high = self.told.interval_80
        return f"{self.unit}: {self.told.mean:.2f} expected, four times in five from {low} to {high}"


def _line(given: str, told: Statistic) -> float:
    """Return the reader's line in halves; without one, the half nearest to even odds."""
    try:
        chosen = round(2 * float(given[:6])) / 2
        if 0.5 <= chosen <= len(told.distribution) - 1.5:
            return chosen
    except (ValueError, OverflowError):
        pass
    below, total = 0, told.distribution[0]
    while total < 0.5:
        below += 1
        total += told.distribution[below]
    return (
        below + 0.5 if below == 0 or total - 0.5 < 0.5 - (total - told.distribution[below]) else below - 0.5
    )
