"""The workflows: linted, and every planted fault is found, so that the linters are known to look."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"


def actionlint(root: Path) -> str:
    workflows = sorted(map(str, (root / ".github/workflows").glob("*.yml")))
    command = [TOOLS / "actionlint", f"-shellcheck={TOOLS / 'shellcheck'}", *workflows]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def zizmor(root: Path) -> str:
    command = [
        TOOLS / "zizmor",
        "--offline",
        "--quiet",
        "--persona=pedantic",
        "--color=never",
        root / ".github",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in {0, *range(10, 15)}, run.stderr
    return run.stdout if run.returncode else ""


def planted(tmp_path: Path, workflow: str, sound: str, faulty: str) -> Path:
    """Return a copy of the workflows in which `faulty` stands once where `sound` stood."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    path = tmp_path / ".github/workflows" / workflow
    text = path.read_text()
    assert sound in text
    path.write_text(text.replace(sound, faulty, 1))
    return tmp_path


def test_actionlint_is_content() -> None:
    assert actionlint(ROOT) == ""


def test_zizmor_is_content() -> None:
    assert zizmor(ROOT) == ""


def test_shellcheck_is_content() -> None:
    scripts = [TOOLS / "shellcheck", *sorted((ROOT / ".ci").iterdir())]
    assert subprocess.run(scripts, capture_output=True, text=True, check=False).stdout == ""


def test_an_unquoted_word_is_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "rollback.yml", '"$SERVICE" "$REVISION"', "$SERVICE $REVISION")
    assert "SC2086" in actionlint(fault)


def test_an_unpinned_action_is_found(tmp_path: Path) -> None:
    assert "unpinned-uses" in zizmor(planted(tmp_path, "checks.yml", CHECKOUT, "actions/checkout@main"))


def test_a_template_injection_is_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "rollback.yml", '"$TARGET"', '"${{ inputs.target }}"')
    assert "template-injection" in zizmor(fault)


def test_kept_credentials_are_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "deploy.yml", "persist-credentials: false", "fetch-depth: 1")
    assert "artipacked" in zizmor(fault)


def test_permissions_for_everything_are_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "deploy.yml", "permissions: {}", "permissions: write-all")
    assert "excessive-permissions" in zizmor(fault)


def test_an_unknown_key_is_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "deploy.yml", "timeout-minutes:", "timeout-minute:")
    assert 'unexpected key "timeout-minute"' in actionlint(fault)


def test_an_unknown_expression_is_found(tmp_path: Path) -> None:
    fault = planted(tmp_path, "release.yml", "steps.google.outputs", "steps.goggle.outputs")
    assert 'property "goggle" is not defined' in actionlint(fault)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_commit_and_says_its_version(workflow: Path) -> None:
    used = [line for line in re.findall(r"uses: (.+)", workflow.read_text()) if not line.startswith("$/")]
    assert not [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_no_key_is_stored(workflow: Path) -> None:
    assert "secrets." not in workflow.read_text()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_script_is_there_to_be_run(workflow: Path) -> None:
    scripts = [ROOT / name for name in re.findall(r"run: (\.ci/\S+)", workflow.read_text())]
    assert all(script.stat().st_mode & 0o100 for script in scripts)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_is_there(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", workflow.read_text())) <= targets
