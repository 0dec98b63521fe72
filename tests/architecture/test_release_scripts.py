"""What a release tells Terraform: the scripts of `.ci` on stand-ins that answer as the real tools do."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIGEST = "registry.example/rooms/{}@sha256:" + "0" * 64
STAND_INS = {
    "gcloud": 'echo "gcloud $*" >>told',
    "docker": 'if [ "$1" = inspect ]; then echo "${!#}@sha256:$(printf %064d 0)"; else echo "docker $*" >>told; fi',
    "terraform": 'echo "$*" >>told; case "$2" in output) echo \'{"features": "standing"}\' ;; show) echo "+ a bucket" ;; esac',
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with built bundles, in which the tools are stand-ins that keep what they are told."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for folder in ("bin", "dist", "terraform/environments/dev"):
        (tmp_path / folder).mkdir(parents=True)
    for name, script in STAND_INS.items():
        (tmp_path / "bin" / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "dist/bundles.auto.tfvars.json").write_text('{"bundles": {}}')
    (tmp_path / "dist/collector-0.zip").touch()
    return tmp_path


def run(checkout: Path, *command: str) -> list[str]:
    """Run a script and return what the tools were told."""
    settings = {
        "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}",
        "STATE_BUCKET": "state",
        "VARIABLES": "{}",
    }
    subprocess.run(
        [checkout / ".ci" / command[0], *command[1:]], env=settings, check=True, capture_output=True
    )
    return (checkout / "told").read_text().splitlines()


def variables(checkout: Path) -> dict[str, object]:
    folder = checkout / "terraform/environments/dev"
    return {
        name: value
        for path in folder.glob("*.auto.tfvars.json")
        for name, value in json.loads(path.read_text()).items()
    }


def test_images_are_told_by_digest(checkout: Path) -> None:
    for service in ("features", "trainer"):
        (checkout / f"dist/image-{service}.tar").touch()
    run(checkout, "push", "registry.example/rooms", "gs://bundles")
    told = json.loads((checkout / "dist/images.auto.tfvars.json").read_text())
    assert told == {"images": {service: DIGEST.format(service) for service in ("features", "trainer")}}


def test_a_bundle_that_is_there_is_not_replaced(checkout: Path) -> None:
    (checkout / "dist/image-features.tar").touch()
    told = run(checkout, "push", "registry.example/rooms", "gs://bundles")
    assert "gcloud storage cp --no-clobber dist/collector-0.zip gs://bundles/" in told


def test_a_plan_without_images_takes_those_that_stand(checkout: Path) -> None:
    run(checkout, "plan", "dev", "report.md")
    assert variables(checkout) == {"bundles": {}, "images": {"features": "standing"}}


def test_a_plan_with_images_takes_them(checkout: Path) -> None:
    (checkout / "dist/images.auto.tfvars.json").write_text('{"images": {"features": "new"}}')
    run(checkout, "plan", "dev", "report.md")
    assert variables(checkout)["images"] == {"features": "new"}


def test_a_plan_is_kept_and_reported(checkout: Path) -> None:
    told = run(checkout, "plan", "dev", "report.md")
    assert "-chdir=terraform/environments/dev plan -input=false -out=planned" in told
    assert "+ a bucket" in (checkout / "report.md").read_text()
