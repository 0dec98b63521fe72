"""Web pages for people: they work without scripts and load nothing from other hosts."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import fsum
from typing import Any

from flask import Flask, Response, redirect, render_template, request
from markupsafe import Markup
from msgspec import UNSET
from werkzeug.wrappers import Response as AnyResponse

from services.predict_api.mlb.labels import NOTICES, TARGET_LABELS
from services.predict_api.pages import charts, output_views, result_views, track_record_views, views
from services.predict_api.problems import REFRESH_S, NotReady, Problem
from services.predict_api.schemas.requests import PlayerRequest
from services.predict_api.schemas.responses import Statistic
from services.predict_api.serving import freshness, game_details, recent_games, track_record
from services.predict_api.serving.cache import Cache
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import targets_by_stat
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.recent_games import PlayerGame
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.serving.report_archive import ReportArchive
from services.predict_api.web import examples, lookup_routes, openapi, report_routes
from services.predict_api.web.prediction_routes import read_day
from shared.reporting.page import render_body

PAGE_ROUTES = (
    "/",
    "/day/<day>",
    "/game/<game_pk>",
    "/player/<player_id>",
    "/find",
    "/record",
    "/reports",
    "/reports/<morning>",
    "/freshness",
    "/docs",
)
MAX_FOUND = 30


def add_pages(
    app: Flask,
    release_manager: ReleaseManager,
    predictions: PredictionService,
    cache: Cache,
    reports: ReportArchive,
    clock: Callable[[], datetime],
) -> None:
    """Add the pages."""
    pages = _Pages(release_manager, predictions, cache, reports, clock)
    for path in PAGE_ROUTES:
        view = getattr(pages, path.split("/")[1] or "home")
        app.add_url_rule(path, f"page{path}", view, methods=["GET"])


def problem_page(problem: Problem) -> Response:
    """Return a problem as a page; that of a first start shows how far it is, and follows it."""
    first_start = problem.first_start if isinstance(problem, NotReady) else None
    template = "starting.html" if first_start else "sorry.html"
    page = render_template(
        template,
        problem=problem,
        first_start=first_start,
        refresh_s=REFRESH_S,
        world="",
        notices=NOTICES,
    )
    return Response(page, problem.status, problem.headers, content_type="text/html; charset=utf-8")


class _Pages:
    def __init__(
        self,
        release_manager: ReleaseManager,
        predictions: PredictionService,
        cache: Cache,
        reports: ReportArchive,
        clock: Callable[[], datetime],
    ) -> None:
        self._release_manager, self._predictions, self._cache, self._clock = (
            release_manager,
            predictions,
            cache,
            clock,
        )
        self._reports = reports

    def home(self) -> str:
        forecaster = self._release_manager.require_forecaster()
        days = forecaster.directory.scheduled_days()
        return self._render_slate(forecaster, days[0] if days else forecaster.as_of + timedelta(days=1))

    def day(self, day: str) -> str:
        return self._render_slate(self._release_manager.require_forecaster(), read_day(day))

    def game(self, game_pk: str) -> str:
        forecaster, number = self._release_manager.require_forecaster(), lookup_routes.read_id(game_pk)
        day = read_day(request.args["day"]) if "day" in request.args else None
        detail = game_details.find_game(self._predictions, forecaster, number, day)
        if detail.forecast is None:
            return self._render_page(
                "unforecast_game.html",
                forecaster,
                detail=detail,
                outcome=result_views.outcome_view(detail.result) if detail.result else None,
                lines=result_views.line_tables(detail),
            )
        game, lineups = views.game_view(forecaster, detail.forecast), {}
        scheduled = forecaster.directory.games.get(number)
        if scheduled is not None and scheduled["game_date"] > forecaster.as_of:
            lineups = views.lineup_rows(forecaster, forecaster.forecast_scheduled(scheduled))
        return self._render_page(
            "game.html",
            forecaster,
            game=game,
            detail=detail,
            charts=views.run_charts(game),
            close_chances=views.close_game_chances(game),
            baseline=views.baseline_percent(game),
            reasons=views.game_reasons(game),
            lineups=lineups,
            lines=result_views.line_tables(detail),
        )

    def player(self, player_id: str) -> str:
        forecaster = self._release_manager.require_forecaster()
        player = lookup_routes.build_player_card(
            forecaster, self._predictions.results, lookup_routes.read_id(player_id)
        )
        ahead = player.games[0] if player.games else None
        until = forecaster.schedule_days.known_until
        why_not = f"no game of their club is scheduled; the schedule is known until {until}."
        context: dict[str, Any] = {"answer": None, "why_not": why_not}
        if ahead:
            context = self._player_context(forecaster, player.player_id, ahead.game_date, ahead.game_number)
        last_games = result_views.last_games_table(player.last_games)
        return self._render_page(
            "player.html", forecaster, player=player, ahead=ahead, last_games=last_games, **context
        )

    def find(self) -> str | AnyResponse:
        forecaster = self._release_manager.require_forecaster()
        name = request.args.get("q", "")[:60]
        found = forecaster.directory.name_index.search_players(name, MAX_FOUND)
        if len(found) == 1:
            return redirect(f"/player/{found[0]}")
        players = [lookup_routes.build_player(forecaster, one) for one in found]
        return self._render_page("find.html", forecaster, name=name, players=players)

    def record(self) -> str:
        forecaster = self._release_manager.require_forecaster()
        windows = self._predictions.load_record(forecaster)
        record = track_record.build_track_record(forecaster, windows)
        return self._render_page(
            "record.html",
            forecaster,
            record=record,
            windows=result_views.window_views(windows),
            charts=track_record_views.build_charts(record),
            targets=TARGET_LABELS,
        )

    def reports(self, morning: str | None = None) -> str:
        forecaster = self._release_manager.served_forecaster
        if morning is not None:
            report = report_routes.find_report(self._reports, morning)
            return self._render_page("report.html", forecaster, report=report, body=render_body(report))
        months = [date(year, month, 1) for year, month in self._reports.list_months()]
        chosen = request.args.get("month", "")
        month = read_day(f"{chosen}-01") if chosen else months[0] if months else None
        reports = self._reports.list_reports((month.year, month.month)) if month else []
        return self._render_page("reports.html", forecaster, months=months, month=month, reports=reports)

    def freshness(self) -> str:
        forecaster = self._release_manager.require_forecaster()
        status = freshness.build_status(
            self._release_manager, now=self._clock(), is_cache_fallback=self._cache.is_fallback
        )
        models = track_record.describe_models(forecaster).models
        services = freshness.service_summaries(status.services)
        return self._render_page(
            "freshness.html",
            forecaster,
            status=status,
            services=services,
            models=models,
            targets=TARGET_LABELS,
            daily=output_views.build_outputs_view(self._release_manager.objects),
        )

    def docs(self) -> str:
        forecaster = self._release_manager.wait_for_forecaster()
        return self._render_page(
            "docs.html",
            forecaster,
            endpoints=openapi.ENDPOINTS,
            problems=openapi.PROBLEMS,
            examples=examples.curl_examples(forecaster, request.host_url.rstrip("/")),
        )

    def _render_slate(self, forecaster: Forecaster, day: date) -> str:
        slate = self._predictions.predict_slate(forecaster, day)
        past = self._predictions.record_windows.result_days(forecaster.release.id, forecaster.as_of)
        return self._render_page(
            "slate.html",
            forecaster,
            day=day,
            strip=result_views.day_strip([*past, *forecaster.directory.scheduled_days()], day),
            unforecast=[
                (one, result_views.outcome_view(one.result))
                for one in ([] if slate.unforecast is UNSET else slate.unforecast)
            ],
            games=[views.game_view(forecaster, one) for one in slate.games],
            message=slate.message,
            called_off=slate.called_off,
            ahead=day > forecaster.as_of,
        )

    def _player_context(
        self, forecaster: Forecaster, player_id: int, day: date, number: int
    ) -> dict[str, Any]:
        player_request = PlayerRequest(player_id=player_id, game_date=day, game_number=number)
        try:
            answer = self._predictions.predict_player(forecaster, player_request)
        except Problem as problem:
            return {"answer": None, "why_not": problem.detail}
        rows = forecaster.forecast_scheduled(forecaster.directory.games[answer.game_pk]).by_player[player_id]
        played, targets = recent_games.recent_player_games(forecaster, player_id), targets_by_stat(rows)
        statistics = [
            _StatisticView(name, statistic, played.get(targets[name], []))
            for name, statistic in answer.predictions.items()
        ]
        return {
            "answer": answer,
            "statistics": statistics,
            "form": views.plate_appearance_rates(next(iter(rows.values())).row),
        }

    def _render_page(self, template: str, forecaster: Forecaster | None, **context: Any) -> str:
        world = forecaster.world if forecaster else ""
        return render_template(
            template,
            world=world,
            is_simulated="simulated" in world,
            forecaster=forecaster,
            notices=NOTICES,
            day_words=views.format_day,
            color=views.club_color,
            **context,
        )


class _StatisticView:
    """One statistic on a player's page, with the line that the reader chose or the nearest to even."""

    def __init__(self, name: str, statistic: Statistic, played: Sequence[PlayerGame]) -> None:
        self.name, self.forecast, self.unit = name, statistic, views.stat_unit(name)
        self.line = _choose_line(request.args.get(name, ""), statistic)
        self.most = len(statistic.distribution) - 1.5
        self.over = fsum(chance for n, chance in enumerate(statistic.distribution) if n > self.line)
        self.push = fsum(chance for n, chance in enumerate(statistic.distribution) if n == self.line)
        self.chart = charts.column_chart(statistic.distribution, line=self.line, about=self._chart_caption())
        self.reasons = views.statistic_reasons(statistic, self.unit)
        self.played = played
        self.recent_chart = self._recent_games_chart() if played else None

    @property
    def under(self) -> float:
        return max(0.0, 1.0 - self.over - self.push)

    def _recent_games_chart(self) -> Markup:
        did, games = sum(one.did for one in self.played), len(self.played)
        about = f"{did} {self.unit} in the last {games} games, {self.forecast.mean:.2f} expected in the next"
        days = [(f"{one.day.month}/{one.day.day}", one.did, one.expected) for one in self.played]
        return charts.recent_games_chart(days, self.forecast.mean, about)

    def _chart_caption(self) -> str:
        low, high = self.forecast.interval_80
        return f"{self.unit}: {self.forecast.mean:.2f} expected, four times in five from {low} to {high}"


def _choose_line(given: str, statistic: Statistic) -> float:
    """Return the reader's line in halves; without one, the half nearest to even odds."""
    try:
        chosen = round(2 * float(given[:6])) / 2
        if 0.5 <= chosen <= len(statistic.distribution) - 1.5:
            return chosen
    except (ValueError, OverflowError):
        pass
    below, total = 0, statistic.distribution[0]
    while total < 0.5:
        below += 1
        total += statistic.distribution[below]
    return (
        below + 0.5
        if below == 0 or total - 0.5 < 0.5 - (total - statistic.distribution[below])
        else below - 0.5
    )
