"""Entry point of the features: a plain HTTP function that answers pushes of data.loaded."""

from services.features.step import step
from shared.runtime import entry_point

create_features = entry_point(step)
