"""Installs a lock with the Python that runs it: `python3 -m hankstank.dev.install local|dev|emulators`.

Every Python, even 2.7, can run this file, so that an old one gets a message with the expected versions.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
PROJECT = os.path.join(ROOT, "pyproject.toml")  # noqa: PTH118


def supported_versions():  # type: () -> range # noqa: ANN201
    """Return the minor versions of Python 3 that `pyproject.toml` allows."""
    with open(PROJECT) as project:  # noqa: PTH123
        bounds = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project.read())
    if bounds is None:
        sys.exit('expected requires-python = ">=3.x,<3.y" in pyproject.toml')
    return range(int(bounds.group(1)), int(bounds.group(2)))


def check_python():  # type: () -> None # noqa: ANN201
    """Exit with a message if this Python is not supported."""
    minors = supported_versions()
    if sys.version_info[0] == 3 and sys.version_info[1] in minors:
        return
    found = ".".join(str(number) for number in sys.version_info[:2])
    newest = "3." + str(minors[-1])
    sys.exit(
        "expected Python 3." + str(minors[0]) + " to " + newest + ", " + sys.executable + " is " + found
        + ": choose another, for example `make run PYTHON=python" + newest + "`"
    )  # fmt: skip


if __name__ == "__main__":
    check_python()
    from hankstank.dev.installation import main

    main()
