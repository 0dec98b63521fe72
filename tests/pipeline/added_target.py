"""Run a simulated league with the code of this copy of the repository, and print what it made of a new target.

python -m tests.pipeline.added_target STORES
"""

import json
import sys
from pathlib import Path

import httpx
from typer.testing import CliRunner

import services.trainer
from hankstank.cli.app import app
from hankstank.local.api_client import run_api
from hankstank.local.stores import objects_of
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.modeling.registry import current_release
from shared.storage.snapshot import load_snapshot

TARGET, STAT = "batter_triples", "triples"
DAYS = ["--from", "2026-03-26", "--to", "2026-04-05", "--live-days", "2"]
COUNTS = {
    "rows": "select count(*) from mlb_features.player_features_daily where role = 'batter' and variant = 'confirmed'",
    "labels": "select count(triples) from mlb_features.player_features_daily where role = 'batter' and variant = 'confirmed'",
    "forecasts": f"select count(*) from mlb_predictions.forecasts where target = '{TARGET}'",
    "scores": f"select count(*) from mlb_predictions.grades where target = '{TARGET}'",
    "scores_as_in_box_scores": f"""
        select count(*) from mlb_predictions.grades as g
        join mlb_historical_data.player_stats_historical as s using (game_pk, player_id)
        where g.target = '{TARGET}' and g.actual = s.triples""",
}
PLAYER = f"select player_id from mlb_predictions.forecasts where target = '{TARGET}' order by game_date desc, player_id"


def main(home: Path) -> None:
    """Run, request, and print one line of JSON."""
    done = CliRunner().invoke(app, ["run", *DAYS, "--home", str(home), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    report = {name: warehouse.query_rows(sql).item() for name, sql in COUNTS.items()}
    player = warehouse.query_rows(PLAYER)["player_id"][0]
    warehouse.close()
    objects = objects_of(home)
    release = current_release(objects)
    assert release is not None
    report |= {
        "code": str(Path(services.trainer.__file__ or "").parents[2]),
        "deployed": release.models[TARGET].version,
        "recent_games": load_snapshot(release.snapshot, objects).tables["recent_games"].columns,
    }
    with run_api(home) as url, httpx.Client(base_url=url) as client:
        ahead = client.get(f"/players/{player}").json()["games"][0]
        request = {"player_id": player, "game_date": ahead["game_date"], "stats": [STAT]}
        answer = client.post("/predict/player", json=request)
        assert answer.status_code == 200, answer.text
        report["answer"] = answer.json()
        report["on_page"] = STAT in client.get(f"/player/{player}").text
        report["in_openapi"] = STAT in client.get("/openapi.json").text
    sys.stdout.write(f"{json.dumps(report)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
