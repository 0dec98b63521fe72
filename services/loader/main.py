"""Entry point of the loader: a plain HTTP function that answers pushes of data.validated."""

from services.loader.step import step
from shared.runtime.entry_points import entry_point

load = entry_point("loader", step)
