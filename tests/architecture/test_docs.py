"""What the documentation says exists: links, anchors, commands, targets, alerts, messages, Terraform's names."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import typer

from hankstank.cli.app import app
from shared.messaging import envelope
from shared.messaging.topology import lane_topic

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "terraform").glob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
PLATFORM = ROOT / "terraform/modules/platform"
ALERTS = {
    *("no-data-by-four", "grade-f", "dead-letters", "push-errors", "api-errors", "api-latency", "freshness"),
    *(
        "model-quality",
        "daily-cost",
        "api-unreachable",
        "drift",
        "features",
        "training-failed",
        "release-refused",
    ),
    *("report-missing", "repair-given-up", "notifications"),
}
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PUBLISHED = re.compile(r"publish (\S+) --attribute=topic=(\S+) (?:\\\n\s*)?--message='([^']+)'")


def code(page: Path) -> str:
    return "\n".join(_CODE.findall(page.read_text()))


@cache
def anchors(page: Path) -> set[str]:
    """Return a page's anchors as GitHub makes them from its headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    for target in _LINK.findall(_CODE.sub("", page.read_text())):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@cache
def commands() -> dict[str, set[str]]:
    """Return every command of the console, with its own where it is a group; "" where that runs by itself."""
    found = typer.main.get_command(app).commands
    return {
        name: {*getattr(command, "commands", ()), *([""] * getattr(command, "invoke_without_command", False))}
        for name, command in found.items()
    }


def reported(pattern: str, *folders: str) -> set[str]:
    files = [path for folder in folders for path in (ROOT / folder).iterdir() if path.is_file()]
    return {found for path in files for found in re.findall(pattern, path.read_text(), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_exist(page: Path) -> None:
    named = re.findall(r"\bhankstank ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", code(page))
    unknown = [
        one for one in named if one[0] not in commands() or one[1] not in (commands()[one[0]] or {one[1]})
    ]
    assert not unknown


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code(page))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_modules_exist(page: Path) -> None:
    named = re.findall(r"python3? -m (hankstank[\w.]*)", code(page))
    assert all((ROOT / f"{name.replace('.', '/')}.py").exists() for name in named)


PUBLISHED = {
    (page.name, *found)
    for page in PAGES
    for found in _PUBLISHED.findall(page.read_text())
    if page.name != "CHANGELOG.md"
}


@pytest.mark.parametrize(("page", "name", "topic", "message"), sorted(PUBLISHED))
def test_published_messages_are_ticks_of_a_month(page: str, name: str, topic: str, message: str) -> None:
    result = envelope.Message(message.encode(), {"topic": topic}, "1", datetime(2026, 10, 1, tzinfo=UTC))
    event = envelope.parse_delivery(envelope.push_body(result, f"{name}--collector", 1)).event
    assert name in {lane_topic(topic), lane_topic(topic, "backfill")}
    assert 0 <= (event.last - event.first).days < 31


def test_every_published_message_is_found() -> None:
    """A page that publishes in a way that the pattern misses would go unchecked."""
    publishing = {page.name for page in PAGES if re.search(r"pubsub topics publish", page.read_text())}
    assert {page for page, *_ in PUBLISHED} == publishing >= {"runbook.md"}


def test_every_alert_is_in_the_runbook() -> None:
    rung = set(re.findall(r'runbook\s*=\s*"([a-z-]+)"', (PLATFORM / "alerts.tf").read_text()))
    assert rung <= ALERTS <= anchors(ROOT / "docs/runbook.md")


def test_resources_and_outputs_of_terraform_exist() -> None:
    text = (ROOT / "docs/cloud.md").read_text()
    resources = reported(r'^resource "(\w+)" "\w+"', "terraform/modules/platform")
    assert {name.split(".")[0] for name in re.findall(r"module\.platform\.([\w.]+)", text)} <= resources
    outputs = reported(r'^output "(\w+)"', "terraform/environments/prod")
    assert set(re.findall(r"\boutput (?:-raw |-json )?(\w+)", text)) <= outputs


def test_variables_of_terraform_exist() -> None:
    known = reported(r'^variable "(\w+)"', "terraform/modules/platform")
    text = "\n".join((ROOT / "docs" / name).read_text() for name in ("cloud.md", "runbook.md", "cost.md"))
    assert set(re.findall(r"`(\w+) = (?:true|false)`", text)) <= known


def test_workflows_find_the_variables_that_are_set() -> None:
    text = (ROOT / "docs/cloud.md").read_text()
    used = reported(r"vars\.([A-Z_]+)", ".github/workflows")
    assert set(re.findall(r"(?:set_variable|gh variable set) ([A-Z_]+)", text)) == used


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name
)
def test_paths_exist(page: Path) -> None:
    packages = "services|shared|simulator|evaluation|hankstank|terraform|tests|docs"
    named = re.findall(rf"`((?:{packages})/[\w./-]+)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
