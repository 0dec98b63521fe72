"""Decides about each call: pass, inject the due fault, or crash the process."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES
from hankstank.dev.fault_injection.schedule import Fault

CRASH_IMAGE_SUFFIX = ".crash"  # of the copy of a home at the moment its process crashed


class ProcessCrash(BaseException):
    """The process crashes here. A BaseException, so that no handler of the product code catches it."""


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault that was injected, and the target of its call."""

    fault: Fault
    target: str

    def __str__(self) -> str:
        """Return one line for reports."""
        return f"{self.fault}: {self.target}"


@dataclass
class FaultInjector:
    """Holds the scheduled faults and records the injected ones. Thread-safe."""

    home: Path
    faults: Sequence[Fault] = ()
    day: int = 0
    call_counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    injected: list[InjectedFault] = field(default_factory=list)
    is_crashed: bool = False
    _times_injected: Counter[Fault] = field(default_factory=Counter)
    _lock: RLock = field(default_factory=RLock)

    def check(self, operation: str, target: str) -> Fault | None:
        """Count a call and return the fault to inject; raises ProcessCrash after a crash."""
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
        """Crash the process: the state of its files at this moment is all that remains."""
        with self._lock:
            if not self.is_crashed:
                self.is_crashed = True
                shutil.copytree(self.home, self.crash_image)
        raise ProcessCrash

    @property
    def crash_image(self) -> Path:
        """The copy of the home at the moment of the crash."""
        return self.home.with_name(self.home.name + CRASH_IMAGE_SUFFIX)

    def restore(self) -> None:
        """Restore the home from the crash image: exception handlers may have written to it since."""
        shutil.rmtree(self.home)
        self.crash_image.rename(self.home)
        self.is_crashed = False
