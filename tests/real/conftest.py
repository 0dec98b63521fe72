"""Numbers that a long proof measured, told on the screen where they were measured."""

from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Return what writes a line to the screen."""
    screen = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    return lambda line: screen.write_line(f"\n{line}") if screen else None
