"""Entry point of the collector: a plain HTTP function that answers pushes of ticks and retries."""

from services.collector.project_step import step
from services.collector.status import STATUS_OBJECT
from shared.runtime.entry_points import entry_point

collect = entry_point("collector", step, status_object=STATUS_OBJECT)
