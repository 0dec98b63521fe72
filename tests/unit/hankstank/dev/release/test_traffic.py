"""Traffic moves only to a healthy revision; `gcloud` is a stand-in that keeps what it was told."""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from hankstank.dev.release import traffic

GCLOUD = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
if sys.argv[3] == "list":
    print((folder / "services.json").read_text())
else:
    with (folder / "told").open("a") as told:
        told.write(" ".join(sys.argv[4:-1]) + "\\n")
"""


class Api(BaseHTTPRequestHandler):
    """Answers /health with the status that the test chose."""

    status = 200
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.path} {self.headers['Authorization']}")
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(traffic, "PAUSE", 0.0)
    monkeypatch.setattr(Api, "asked", [])
    server = HTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def cloud(tmp_path: Path, api: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cloud in which each service has a new revision beside the one that serves."""
    (tmp_path / "gcloud").write_text(GCLOUD.format(python=sys.executable, folder=str(tmp_path)))
    (tmp_path / "gcloud").chmod(0o755)
    (tmp_path / "services.json").write_text(
        json.dumps([stored(host, api) for host in traffic.list_services()])
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def stored(host: str, url: str) -> dict[str, Any]:
    serving = [
        {"revisionName": f"{host}-1", "percent": 100},
        {"revisionName": f"{host}-2", "tag": traffic.CANDIDATE, "url": url},
    ]
    newest = {"latestCreatedRevisionName": f"{host}-2", "latestReadyRevisionName": f"{host}-2"}
    return {"metadata": {"name": host}, "status": {**newest, "traffic": serving}}


def told(cloud: Path) -> list[str]:
    return (cloud / "told").read_text().splitlines() if (cloud / "told").exists() else []


def test_holds_traffic_where_it_is(cloud: Path) -> None:
    traffic.hold_traffic()
    assert told(cloud) == [f"{host} --to-revisions={host}-1=100" for host in traffic.list_services()]


def test_holds_nothing_before_the_first_deployment(cloud: Path) -> None:
    (cloud / "services.json").write_text("[]")
    traffic.hold_traffic()
    assert told(cloud) == []


def test_tags_each_newest_revision(cloud: Path) -> None:
    traffic.check_candidate()
    assert told(cloud) == [f"{host} --update-tags=candidate={host}-2" for host in traffic.list_services()]


def test_asks_the_candidate_with_its_token(cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_TOKEN", "signed")
    traffic.check_candidate()
    assert Api.asked == ["/health Bearer signed"]


def test_refuses_a_revision_that_is_not_ready(cloud: Path) -> None:
    services = json.loads((cloud / "services.json").read_text())
    services[0]["status"]["latestReadyRevisionName"] = "features-1"
    (cloud / "services.json").write_text(json.dumps(services))
    with pytest.raises(traffic.RevisionNotHealthy, match="expected features-2 to be ready"):
        traffic.check_candidate()


def test_refuses_an_api_that_answers_badly(cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Api, "status", 503)
    with pytest.raises(traffic.RevisionNotHealthy, match="10 attempts, last error: HTTP Error 503"):
        traffic.check_candidate()


def test_moves_traffic_to_the_candidates(cloud: Path) -> None:
    traffic.move_traffic()
    assert told(cloud) == [f"{host} --to-tags=candidate=100" for host in traffic.list_services()]


def test_goes_back_from_the_command_line(cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["traffic", "back", "predict-api", "predict-api-1"])
    traffic.main()
    assert told(cloud) == ["predict-api --to-revisions=predict-api-1=100"]


def test_knows_only_its_services(cloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["traffic", "back", "somebody-elses", "one"])
    with pytest.raises(SystemExit, match="2"):
        traffic.main()
