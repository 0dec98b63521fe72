"""Runs the simulator of the external data sources, in this process or in a child."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path

import httpx
import typer

from hankstank.local import listening, subprocesses
from hankstank.local.run_plan import Source
from shared.errors import UserError
from simulator.data_folder import check_season_files


def serve_simulator(
    source: Source, season: int, seed: int, now: datetime, port: int, folder: Path, data: Path
) -> None:
    """Serve the simulator from this process until interrupted; prints its address."""
    from simulator import server  # noqa: PLC0415 - only this command needs Flask

    check_data(source, (season,), data)
    world = server.create_world(source, seed=seed, data=data, seasons=[season])
    with listening.claimed_port("127.0.0.1", port) as claimed:
        server.serve_world(
            world, folder, now, port=claimed, announce=lambda url: typer.echo(f"{world.label} on {url}")
        )


@contextmanager
def run_simulator(
    source: Source, seasons: tuple[int, ...], seed: int, data: Path, folder: Path
) -> Iterator[str]:
    """Run the simulator as a child process and yield its address; the caller sets its clock."""
    check_data(source, seasons, data)
    with subprocesses.run_server(server_arguments(source, seasons, seed, data, folder)) as url:
        yield url


def server_arguments(
    source: Source, seasons: tuple[int, ...], seed: int, data: Path, folder: Path
) -> list[str]:
    """Return what follows `python -m` to serve a source; its clock shows the first season's first day."""
    flags = [f"--world={source}", f"--seed={seed}", f"--data={data}", f"--folder={folder}"]
    years = [f"--season={year}" for year in seasons]
    return ["simulator.server", *flags, *years, f"--now={seasons[0]}-01-01T12:00:00Z"]


def check_seasons(source: Source, seasons: tuple[int, ...], data: Path) -> None:
    """Raise UserError for a season that the source does not have."""
    if source == "league":
        from simulator.league.talent import SEASONS  # noqa: PLC0415 - loads numerical packages

        if unknown := [year for year in seasons if year not in SEASONS]:
            raise UserError(
                f"expected --season within {SEASONS[0]} to {SEASONS[-1]}, which a simulated league has, "
                f"got {unknown[0]}"
            )
    if source == "retrosheet":
        check_season_files(data, seasons)


def check_data(source: Source, seasons: tuple[int, ...], data: Path) -> None:
    """As `check_seasons`; also read a real season's files and print on stderr what they lack."""
    check_seasons(source, seasons, data)
    if source == "retrosheet":
        from simulator.retrosheet import RetrosheetWorld  # noqa: PLC0415 - only for real games

        for sentence in RetrosheetWorld(data, seasons).list_missing_data():
            typer.echo(sentence, err=True)


@cache
def _client() -> httpx.Client:
    """Return the client for what is requested often; it reads no certificates, which takes long."""
    return httpx.Client(trust_env=False, verify=False)  # noqa: S501 - only to loopback, without TLS


def set_simulator_clock(url: str, now: datetime) -> None:
    """Set the simulator's clock."""
    clock = {"now": now.isoformat()}
    _client().post(f"{url}/simulator/clock", json=clock).raise_for_status()


def read_simulator_clock(url: str) -> datetime:
    """Return the simulator's time; raises httpx.HTTPError."""
    answer = _client().get(f"{url}/simulator/clock").raise_for_status()
    return datetime.fromisoformat(answer.json()["now"])


def list_game_days(url: str, season: int, **filters: str) -> list[date]:
    """Return the days of a season on which the simulator's schedule has games."""
    year = {"sportId": "1", "startDate": f"{season}-01-01", "endDate": f"{season}-12-31", **filters}
    answer = _client().get(f"{url}/api/v1/schedule", params=year, timeout=300)
    return [date.fromisoformat(day["date"]) for day in answer.raise_for_status().json()["dates"]]


def simulator_failures(url: str) -> list[str]:
    """Return a message for each internal failure of the simulator, oldest first."""
    answer = _client().get(f"{url}/simulator/failures", timeout=60).raise_for_status()
    return [f"the simulator failed at {one['path']}: {one['cause']}" for one in answer.json()]
