"""The validator's entry point: a plain HTTP function for push bodies."""

from services.validator.step import step
from shared.runtime.entry_points import entry_point

validate = entry_point("validator", step)
