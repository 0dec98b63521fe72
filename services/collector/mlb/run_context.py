"""The context of a collection of baseball: its sources are those of MLB."""

from services.collector.mlb.sources.registry import Sources
from services.collector.run_context import RunContext

MlbRunContext = RunContext[Sources]
