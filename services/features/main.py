"""The features service's entry point."""

from services.features.step import step
from shared.runtime import entry_point

create_features = entry_point(step)
