"""What a month on Google Cloud costs: measured quantities times a dated price list."""

from typing import Literal

Month = Literal["in-season", "off-season"]
