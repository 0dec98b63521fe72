"""Entry point of the trainer: a plain HTTP function that answers pushes of features.created."""

from services.trainer.step import step
from shared.runtime.entry_points import entry_point

train = entry_point("trainer", step, outlives_push=lambda _event: True)
