"""Named, versioned feature vectors: which features a model reads, in which order, and the hash of both."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.modeling.manifest import features_hash
from shared.storage.tables import get_table


@dataclass(frozen=True, slots=True)
class FeatureVector:
    """A vector, named for the table that has its rows; a changed name or order makes another version.

    Example:
        >>> STRIKEOUTS_V1.version, len(STRIKEOUTS_V1.features), STRIKEOUTS_V1.features[0]
        (1, 35, 'starter_strikeout_rate')
    """

    name: str
    version: int
    features: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Return the hash of the names in their order, as a model's manifest has it."""
        return features_hash(self.features)


def table_vector(name: str) -> FeatureVector:
    """Return the vector of the table <subject>_v<version>: its numbers, in the table's order.

    Flags, which say what is missing, are BOOLEAN and not part of it.
    """
    fields = get_table(name).fields
    numbers = tuple(field.name for field in fields if field.is_feature and field.type == "FLOAT")
    return FeatureVector(name, int(name.rpartition("_v")[2]), numbers)


STRIKEOUTS_V1 = table_vector("strikeouts_v1")
VECTORS: Mapping[str, FeatureVector] = {vector.name: vector for vector in (STRIKEOUTS_V1,)}
