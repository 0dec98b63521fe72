"""The trainer's job: trains on the event that its starter was pushed."""

from services.trainer.step import step
from shared.runtime.entry_points import run_job

if __name__ == "__main__":
    run_job("trainer", step)
