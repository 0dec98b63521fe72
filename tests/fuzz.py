"""`python -m tests.fuzz --seconds 600`: Schemathesis over the API's own description, against a server as it runs.

Every kind of request that the description allows, and many that it does not: no answer may be a server error or
differ from what the description says.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from hankstank.local.api_client import run_api
from shared.adapters.local.folder_store import FolderStore
from tests.unit.services.predict_api.release_store import fill

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
TOOL = Path(sys.executable).with_name("schemathesis")


def fuzzed(url: str, seconds: int, examples: int) -> int:
    """Ask for `seconds`; return the tool's exit code, 0 where it found nothing."""
    words = [str(TOOL), "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "--workers", "1"]
    limits = ["--max-time", str(seconds), "--max-examples", str(examples), "--continue-on-failure"]
    result = {"SCHEMATHESIS_HOOKS": "tests.fuzz_hooks", "HANKSTANK_KNOWN": json.dumps(known(url))}
    return subprocess.run([*words, *limits], env={**os.environ, **result}, check=False).returncode


def known(url: str) -> dict[str, object]:
    """Return fields of questions with values that have an answer: the first game ahead, and who starts in it."""
    with httpx.Client(base_url=url) as client:
        day = client.get("/status").json()["as_of"]
        games: list[dict[str, object]] = []
        while not games:
            day = str(date.fromisoformat(day) + timedelta(days=1))
            games = client.get(f"/slate/{day}").json()["games"]
    game = games[0]
    player = game["starting_pitchers"]["home"]
    teams = {"home_team": game["home_team"], "away_team": game["away_team"], "opponent": game["away_team"]}
    named = {"player_id": player["player_id"], "player": player["name"], "stats": ["strikeouts"]}
    return {**teams, **named, "day": day, "game_date": day, "game_number": game["game_number"]}


def main(words: Sequence[str] | None = None) -> int:
    """Serve the stores at `--home` (a small one where there are none) and ask."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument(
        "--examples", type=int, default=1_000_000, help="at most, of each operation and phase"
    )
    parser.add_argument("--home", type=Path, default=Path("var/run"))
    requested = parser.parse_args(words)
    with TemporaryDirectory() as folder:
        home = requested.home if (requested.home / "objects/release").is_dir() else Path(folder)
        if home == Path(folder):
            fill(FolderStore(home / "objects"))
        with run_api(home) as url:
            return fuzzed(url, requested.seconds, requested.examples)


if __name__ == "__main__":
    sys.exit(main())
