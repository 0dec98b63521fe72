"""Translation tables from Retrosheet's codes to MLB's (`vocabulary.json`)."""

import json
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("vocabulary.json").read_text("utf-8"))
