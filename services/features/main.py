"""Entry point of the features service: a plain HTTP function that answers pushes of data.loaded."""

from services.features.step import is_long_rebuild, step
from shared.runtime.entry_points import entry_point

create_features = entry_point("features", step, outlives_push=is_long_rebuild)
