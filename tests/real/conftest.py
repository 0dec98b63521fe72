"""Numbers that a long proof measured, told on the screen where they were measured."""

import sys
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Return what writes a line to the screen in the middle of a test."""
    capture = pytestconfig.pluginmanager.get_plugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n{line}\n")

    return say
