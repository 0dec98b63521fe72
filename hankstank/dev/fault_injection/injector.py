"""What happens to each call: counted, struck by the fault that is due, or ended by the process's death."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES
from hankstank.dev.fault_injection.schedule import Fault

CRASH_IMAGE_SUFFIX = ".will"  # of the folder that holds a home as it was when its process died


class ProcessCrash(BaseException):
    """The process is gone: no code may catch this."""


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault that struck, and the call that it hit."""

    fault: Fault
    target: str

    def __str__(self) -> str:
        """Return it in a line."""
        return f"{self.fault}: {self.target}"


@dataclass
class FaultInjector:
    """Knows the faults to come and remembers those that struck. Safe to use from several threads."""

    home: Path
    faults: Sequence[Fault] = ()
    day: int = 0
    call_counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    injected: list[InjectedFault] = field(default_factory=list)
    is_crashed: bool = False
    _times_injected: Counter[Fault] = field(default_factory=Counter)
    _lock: RLock = field(default_factory=RLock)

    def check(self, operation: str, target: str) -> Fault | None:
        """Count a call and return the fault that strikes it; raises Death when there is nobody to call."""
        with self._lock:
            if self.is_crashed:
                raise ProcessCrash
            self.call_counts[self.day, operation] += 1
            fault = next((one for one in self.faults if self._is_due(one, operation, target)), None)
            if fault is not None:
                self._times_injected[fault] += 1
                self.injected.append(InjectedFault(fault, target))
            return fault

    def _is_due(self, fault: Fault, operation: str, target: str) -> bool:
        return (
            (fault.day, fault.operation) == (self.day, operation)
            and self.call_counts[self.day, operation] >= fault.nth
            and self._times_injected[fault] < fault.times
            and re.search(FAULT_TYPES[fault.kind].pattern, target) is not None
        )

    def crash(self) -> None:
        """End the process here: what its files hold at this moment is all that is left of it."""
        with self._lock:
            if not self.is_crashed:
                self.is_crashed = True
                shutil.copytree(self.home, self.crash_image)
        raise ProcessCrash

    @property
    def crash_image(self) -> Path:
        """The home as the dead process left it."""
        return self.home.with_name(self.home.name + CRASH_IMAGE_SUFFIX)

    def restore(self) -> None:
        """Put what the dead process left in the place of what its ending has written since."""
        shutil.rmtree(self.home)
        self.crash_image.rename(self.home)
        self.is_crashed = False
