"""Entry point of the validator: a plain HTTP function that answers pushes of data.collected."""

from services.validator.step import step
from shared.runtime import entry_point

validate = entry_point(step)
