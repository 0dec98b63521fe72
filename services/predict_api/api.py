"""The API's public face: what code outside the services may use of it."""

from services.predict_api.schemas.track_record_responses import (
    BenchmarkScore,
    Evaluation,
    ReliabilityBin,
    TargetEvaluation,
)
from services.predict_api.serving.track_record import EVALUATION_OBJECT

__all__ = ["EVALUATION_OBJECT", "BenchmarkScore", "Evaluation", "ReliabilityBin", "TargetEvaluation"]
