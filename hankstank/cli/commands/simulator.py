"""Commands for the simulator of the external data sources."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from hankstank.cli.options import DATA, RUN_PANEL, Data, Seed, command_group
from hankstank.errors import handles_errors

PANEL = RUN_PANEL
app = command_group("A simulator of the external data sources, on loopback.")


@app.command("serve")
@handles_errors
def serve_simulator(
    source: Annotated[
        Literal["league", "retrosheet"], typer.Option(help="Where the games come from.")
    ] = "league",
    season: Annotated[int, typer.Option(help="Season to serve.")] = 2026,
    seed: Seed = 7,
    now: Annotated[datetime | None, typer.Option(help="The simulator's time, UTC; default: now.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8090,
    folder: Annotated[Path, typer.Option(help="Cache folder for rendered responses.")] = Path(
        "var/simulator"
    ),
    data: Data = DATA,
) -> None:
    """Serve a simulated league or a real season in the wire formats of the real data sources.

    Example: hankstank simulator serve --seed 7 --now 2026-05-30T12:00:00
    """
    from hankstank.local import simulator_process

    simulator_process.serve_simulator(
        source, season, seed, now.replace(tzinfo=UTC) if now else datetime.now(UTC), port, folder, data
    )
