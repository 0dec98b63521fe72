"""Copies of the Terraform code that tests may change, and the program that checks them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[1]
TERRAFORM = ROOT / "terraform"
MODULES = ("modules/event_service", "modules/platform", "environments/dev", "environments/prod")
_READ_BY_TERRAFORM = (
    "shared/*.json",
    "shared/*/*.json",
    "shared/sports/mlb/tables/*.json",
    "shared/sports/mlb/views/*",
    "hankstank/dev/cost/prices.json",
)
_OFFLINE = ROOT.parent / "shared/tools/terraform_offline/check"
_ONLINE = "cd {} && terraform init -backend=false -input=false && terraform validate && terraform test"

needs_terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not on the PATH")


def list_sources() -> Iterator[tuple[Path, str]]:
    """Yield every Terraform file with its text."""
    for path in sorted(TERRAFORM.rglob("*.tf")):
        yield path, path.read_text()


def copy_sources(to: Path) -> Path:
    """Copy the code and all data that it reads; return the copy's terraform folder."""
    for pattern in ("terraform/**/*.tf", "terraform/**/*.hcl", "terraform/**/tests/*", *_READ_BY_TERRAFORM):
        for path in ROOT.glob(pattern):
            target = to / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return to / "terraform"


def run_checks(folder: Path) -> tuple[bool, str]:
    """Return whether a root module is valid and its tests pass, and the output without line breaks.

    TERRAFORM_CHECK names a program that takes the folder. Without it, the offline checker beside the project
    is used, and without that Terraform itself with the real provider.
    """
    command = [checker, str(folder)] if (checker := _checker()) else ["sh", "-ec", _ONLINE.format(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.returncode == 0, " ".join((done.stdout + done.stderr).replace("│", " ").split())


@cache
def _checker() -> str | None:
    named = os.environ.get("TERRAFORM_CHECK") or (str(_OFFLINE) if _OFFLINE.exists() else None)
    if named is None and not _registry_answers():
        pytest.skip(
            "no TERRAFORM_CHECK, and Terraform's registry does not answer: nothing knows the provider"
        )
    return named


def _registry_answers() -> bool:
    requested = ["terraform", f"-chdir={TERRAFORM / MODULES[0]}", "init", "-backend=false", "-input=false"]
    return subprocess.run(requested, capture_output=True, check=False, timeout=PATIENCE).returncode == 0
