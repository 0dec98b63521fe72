"""The outside world on loopback: which stand-in, filled by what, in this process or in a child."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
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
    """Serve a stand-in from this process until interrupted, telling its address."""
    from simulator import server  # noqa: PLC0415 - needs Flask, which no other command does

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
    """Run a stand-in as a child process and yield its address; its clock is set by whoever lives the days."""
    check_data(source, seasons, data)
    options = {
        "world": source,
        "seed": seed,
        "data": data,
        "folder": folder,
        "now": f"{seasons[0]}-01-01T12:00:00Z",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    years = [f"--season={year}" for year in seasons]
    with subprocesses.run_server(["simulator.server", *words, *years]) as url:
        yield url


def check_seasons(source: Source, seasons: tuple[int, ...], data: Path) -> None:
    """Raise CannotDo for a season that the source does not have."""
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
    """As `check_seasons`; also say on stderr what a real season's files lack, and read them."""
    check_seasons(source, seasons, data)
    if source == "retrosheet":
        from simulator.retrosheet import RetrosheetWorld  # noqa: PLC0415 - read for real games only

        for sentence in RetrosheetWorld(data, seasons).list_missing_data():
            typer.echo(sentence, err=True)


def set_standin_clock(url: str, now: datetime) -> None:
    """Set the time that a stand-in believes it is."""
    httpx.post(f"{url}/standin/clock", json={"now": now.isoformat()}).raise_for_status()


def simulator_failures(url: str) -> list[str]:
    """Return a sentence for each failure of a stand-in itself, oldest first."""
    answer = httpx.get(f"{url}/standin/failures", timeout=60).raise_for_status()
    return [f"the stand-in failed at {one['path']}: {one['cause']}" for one in answer.json()]
