"""The job of the step for tests."""

from shared.runtime.entry_points import run_job
from tests.unit.shared.runtime.long_work import step

if __name__ == "__main__":
    run_job("unit", step)
