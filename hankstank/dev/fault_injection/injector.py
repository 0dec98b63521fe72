"""What happens to each call: counted, struck by the fault that is due, or ended by the process's death."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from hankstank.dev.fault_injection.fault_types import KINDS
from hankstank.dev.fault_injection.schedule import Fault

WILL = ".will"  # of the folder that holds a home as it was when its process died


class Death(BaseException):
    """The process is gone: no code may catch this."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A fault that struck, and the call that it hit."""

    fault: Fault
    what: str

    def __str__(self) -> str:
        """Return it in a line."""
        return f"{self.fault}: {self.what}"


@dataclass
class Fate:
    """Knows the faults to come and remembers those that struck. Safe to use from several threads."""

    home: Path
    faults: Sequence[Fault] = ()
    day: int = 0
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)
    is_dead: bool = False
    _spent: Counter[Fault] = field(default_factory=Counter)
    _lock: RLock = field(default_factory=RLock)

    def at(self, place: str, what: str) -> Fault | None:
        """Count a call and return the fault that strikes it; raises Death when there is nobody to call."""
        with self._lock:
            if self.is_dead:
                raise Death
            self.counts[self.day, place] += 1
            fault = next((one for one in self.faults if self._strikes(one, place, what)), None)
            if fault is not None:
                self._spent[fault] += 1
                self.hits.append(Hit(fault, what))
            return fault

    def _strikes(self, fault: Fault, place: str, what: str) -> bool:
        return (
            (fault.day, fault.place) == (self.day, place)
            and self.counts[self.day, place] >= fault.nth
            and self._spent[fault] < fault.times
            and re.search(KINDS[fault.kind].only, what) is not None
        )

    def die(self) -> None:
        """End the process here: what its files hold at this moment is all that is left of it."""
        with self._lock:
            if not self.is_dead:
                self.is_dead = True
                shutil.copytree(self.home, self.will)
        raise Death

    @property
    def will(self) -> Path:
        """The home as the dead process left it."""
        return self.home.with_name(self.home.name + WILL)

    def be_born_again(self) -> None:
        """Put what the dead process left in the place of what its ending has written since."""
        shutil.rmtree(self.home)
        self.will.rename(self.home)
        self.is_dead = False
