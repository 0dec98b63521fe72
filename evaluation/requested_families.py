"""The kinds of features that the requirements name: the ablation's groups that contain each, or why none.

By name and then by a target's rows: a list of groups of `baselines_and_ablation`, or a reason.
"""

import json
from pathlib import Path

Coverage = dict[str, dict[str, list[str] | str]]
REQUESTED_FEATURES: Coverage = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
