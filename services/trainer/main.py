"""Where the cloud calls the trainer."""

from services.trainer.step import step
from shared.runtime import entry_point

handler = entry_point(step)
