"""Terraform's platform: properties that Terraform checks, and those that only its text shows."""

import ast
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from shared.messaging import topology
from shared.runtime.services import load_services
from shared.runtime.settings import Settings
from shared.storage.buckets import list_buckets
from tests.terraform import MODULES, ROOT, TERRAFORM, copy_sources, list_sources, needs_terraform, run_checks

TEXT = "\n".join(text for _, text in list_sources())
GRANTS = re.compile(r'resource "(google_\w+_iam_\w+)" "(\w+)"')
ACCESS = (TERRAFORM / "modules/platform/tests/access.json").read_text()
MATRIX = json.loads(ACCESS)
NO_GRANT = {"google_project_iam_audit_config"}
NOT_READ = {"HANKSTANK_REDIS_URL"}  # only where has_redis asks for it


def test_every_grant_is_in_the_access_matrix() -> None:
    granted = {f"{kind}.{name}" for kind, name in GRANTS.findall(TEXT) if kind not in NO_GRANT}
    listed = (TERRAFORM / "modules/platform/access.tf").read_text()
    listed += (TERRAFORM / "modules/event_service/outputs.tf").read_text()
    assert sorted(one for one in granted if one not in listed) == []


def test_grants_never_revoke_what_others_granted() -> None:
    kinds = {kind for kind, _ in GRANTS.findall(TEXT)} - NO_GRANT
    assert {kind for kind in kinds if not kind.endswith("_iam_member")} == set()


def test_no_basic_role_is_granted() -> None:
    assert re.findall(r'"roles/(?:owner|editor|viewer)"', TEXT) == []


def test_settings_are_those_of_the_services() -> None:
    names = set(re.findall(r"HANKSTANK_\w+", TEXT)) - NOT_READ
    assert names <= {f"HANKSTANK_{name.upper()}" for name in Settings.model_fields}


def test_alerts_on_log_lines_match_titles_that_services_use() -> None:
    alerts = (TERRAFORM / "modules/platform/alerts.tf").read_text()
    source = "\n".join(path.read_text() for path in ROOT.glob("services/**/*.py"))
    patterns = re.findall(r'pattern = "\^?\((.+)\)"', alerts)
    titles = [title for pattern in patterns for title in pattern.split("|")]
    assert titles
    assert [title for title in titles if title not in source] == []


@pytest.mark.skipif(not (ROOT / "docs/runbook.md").exists(), reason="there is no docs/runbook.md")
def test_alerts_link_to_sections_of_the_runbook() -> None:
    titles = re.findall(r"^#+ (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}
    anchors |= set(re.findall(r'<a (?:id|name)="([\w-]+)"', (ROOT / "docs/runbook.md").read_text()))
    assert set(re.findall(r'runbook = "([\w-]+)"', TEXT)) <= anchors


def test_every_service_is_in_the_access_matrix() -> None:
    assert {service.replace("_", "-") for service in load_services()} <= set(MATRIX)


def test_subscriptions_are_named_as_the_bus_names_them() -> None:
    named = {
        topology.subscription_name(topic, service, lane)
        for topic in topology.list_topics()
        for lane in get_args(topology.Lane)
        for service in topology.subscribers_of(topic, lane)
    }
    assert set(re.findall(r"on subscription ([^\"]+)", ACCESS)) == named


def test_services_use_every_bucket_that_holds_objects() -> None:
    assert set(re.findall(r"on bucket tank-(\w+)", ACCESS)) == {*list_buckets(), "logs"}


def test_moved_blocks_lead_to_declared_names() -> None:
    folders = {path.parent for path, text in list_sources() if "moved {" in text}
    assert folders
    for folder in folders:
        text = "\n".join(path.read_text() for path in folder.glob("*.tf"))
        declared = {
            f"{kind}.{name}" for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)
        }
        declared |= {f"module.{name}" for name in re.findall(r'^module "(\w+)"', text, re.MULTILINE)}
        moves = re.findall(r"moved \{\n  from = (\S+)\n  to   = (\S+)\n\}", text)
        assert len(moves) == text.count("moved {")
        assert {new for _, new in moves} <= declared
        assert not {old for old, _ in moves} & declared


@needs_terraform
def test_the_code_is_formatted() -> None:
    command = ["terraform", "fmt", "-check", "-recursive", str(TERRAFORM)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


@needs_terraform
@pytest.mark.parametrize("module", MODULES)
def test_valid_and_its_properties_hold(module: str) -> None:
    passed, output = run_checks(TERRAFORM / module)
    assert passed, output


@dataclass(frozen=True)
class Planted:
    """An error in a file: a pattern, its replacement, and the message that must follow."""

    file: str
    right: str
    wrong: str
    message: str


UNKNOWN_ATTRIBUTE = Planted(
    "modules/event_service/subscriptions.tf",
    "ack_deadline_seconds ",
    "ack_deadline_secs ",
    'An argument named "ack_deadline_secs" is not expected here',
)
NO_DEAD_LETTERS = Planted(
    "modules/event_service/subscriptions.tf",
    r"  dead_letter_policy \{[^}]+\}\n",
    "",
    'Without the dead-letter policy: ["backfill.data-collection-trigger--collector"',
)
OVER_BROAD_ROLE = Planted(
    "modules/platform/services.tf",
    "roles/bigquery.dataViewer",
    "roles/editor",
    "An account has a basic role: ",
)


@needs_terraform
@pytest.mark.parametrize(
    ("module", "errors"),
    [
        ("modules/event_service", (UNKNOWN_ATTRIBUTE,)),
        ("modules/platform", (NO_DEAD_LETTERS, OVER_BROAD_ROLE)),
    ],
    ids=["unknown attribute", "no dead letters and an over-broad role"],
)
def test_planted_errors_are_found(tmp_path: Path, module: str, errors: tuple[Planted, ...]) -> None:
    terraform = copy_sources(tmp_path)
    for error in errors:
        text, places = re.subn(error.right, error.wrong, (terraform / error.file).read_text())
        (terraform / error.file).write_text(text)
        assert places > 0
    passed, output = run_checks(terraform / module)
    assert not passed
    assert [error.message for error in errors if error.message not in output] == []


def alert_titles(pattern: str) -> list[str]:
    """Return the texts that an alert policy's pattern matches: one for each of its alternatives."""
    head, options, tail = re.fullmatch(r"\^?([^(]*)(?:\(([^)]*)\))?(.*)", pattern).groups()
    return [f"{head}{option}{tail}" for option in (options or "").split("|")]


def test_alert_policies_match_titles_that_services_send() -> None:
    strings = {
        node.value
        for package in ("services", "shared")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    source = (ROOT / "terraform/modules/platform/alerts.tf").read_text("utf-8")
    patterns = re.findall(r'^\s*pattern = "([^"]+)"', source, re.MULTILINE)
    assert len(patterns) > 5
    titles = [title for pattern in patterns for title in alert_titles(pattern)]
    assert [title for title in titles if not any(title in text for text in strings)] == []
