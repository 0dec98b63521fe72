"""Entry point of the loader: a plain HTTP function that answers pushes of data.validated."""

from services.loader.step import step
from shared.entry_points import entry_point

load = entry_point(step)
