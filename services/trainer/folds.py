"""Which days judge: the newest fifth, forecast in runs from what was known before each."""

from dataclasses import dataclass

import numpy as np

from services.trainer.dataset import Sample

FOLDS = 3
JUDGED_SHARE = 0.2  # of the days, the newest
FEWEST_DAYS = 5  # with results: below, there is no before and after


@dataclass(frozen=True, slots=True)
class Fold:
    """Days that are forecast from what was known before the first of them, as days since 1970-01-01."""

    first: int
    last: int

    def split_rows(self, rows: Sample) -> tuple[Sample, Sample]:
        """Return the rows known before the fold begins and the rows that it judges."""
        return rows.known_before(self.first), rows.rows_between(self.first, self.last)


def forward_folds(rows: Sample) -> tuple[Fold, ...]:
    """Return three runs of days that cover the newest fifth; none where there are under five days."""
    days = np.unique(rows.days)
    if len(days) < FEWEST_DAYS:
        return ()
    judged = days[-max(FOLDS, round(JUDGED_SHARE * len(days))) :]
    return tuple(Fold(int(part[0]), int(part[-1])) for part in np.array_split(judged, FOLDS))


def judged_days(rows: Sample) -> Fold | None:
    """Return all the days that judge as one; None where there are too few."""
    parts = forward_folds(rows)
    return Fold(parts[0].first, parts[-1].last) if parts else None
