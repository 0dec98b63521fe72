"""A job as a child process that outlives the push, and the process that was pushed to."""

import os
import subprocess
import sys
import threading

from shared.errors import Unavailable
from shared.runtime.settings import RUN_JOB_PAYLOAD


class ChildProcessJob:
    """The JobRunner port: a module of this project run with `python -m`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def start_job(self, body: bytes) -> None:
        """Start the module on a push body; its output goes to ours."""
        environment = {**os.environ, RUN_JOB_PAYLOAD: body.decode()}
        try:
            child = subprocess.Popen([sys.executable, "-m", self._module], env=environment)  # noqa: S603
        except OSError as error:
            raise Unavailable(f"cannot start {self._module}: {error}") from None
        # The lease records the result; waiting only keeps the ended child from staying as a zombie.
        threading.Thread(target=child.wait, name=f"job {child.pid}", daemon=True).start()
