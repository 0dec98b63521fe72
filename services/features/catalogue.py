"""The feature catalogue: what every feature means, its unit, its window and what it is computed from."""

from dataclasses import dataclass

from shared.storage import tables

FEATURE_TABLES = (
    "game_features_daily",
    "player_features_daily",
    "batter_rolling_features",
    "pitcher_rolling_features",
    "team_rolling_features",
    "player_availability",
    "matchup_history",
    "strikeouts_v1",
)


@dataclass(frozen=True, slots=True)
class FeatureEntry:
    """One feature; `role` is batter or starter where only rows of that role have it."""

    table: str
    name: str
    meaning: str
    unit: str
    window: str
    inputs: str
    role: str
    family: str


def feature_entries() -> tuple[FeatureEntry, ...]:
    """Return every feature in table order, as the tables declare them."""
    return tuple(
        FeatureEntry(table, f.name, f.description, f.unit, f.window, f.inputs, f.role, f.family)
        for table in FEATURE_TABLES
        for f in tables.get_table(table).fields
        if f.is_feature
    )
