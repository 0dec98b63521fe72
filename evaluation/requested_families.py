"""Every kind of feature that was asked for: which families of the ablation hold it, or why none does.

By name and then by a target's rows: a list of families of `opponents.ablation`, or a reason.
"""

import json
from pathlib import Path

Answers = dict[str, dict[str, list[str] | str]]
ASKED_FOR: Answers = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
