"""The API's public face: what code outside the services may use of it."""

from services.predict_api.serving.track_record import EVALUATION_OBJECT
from services.predict_api.web.track_record_responses import (
    BenchmarkScore,
    Evaluation,
    ReliabilityBin,
    TargetEvaluation,
)

__all__ = ["EVALUATION_OBJECT", "BenchmarkScore", "Evaluation", "ReliabilityBin", "TargetEvaluation"]
