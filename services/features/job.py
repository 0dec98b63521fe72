"""The features' job: recomputes what changed for the event that its starter was pushed."""

from services.features.step import step
from shared.runtime.entry_points import run_job

if __name__ == "__main__":
    run_job("features", step)
