"""A trained model and its forecasts: one implementation for the trainer's evaluation and the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.errors import ObjectCorrupted, Rejected
from shared.modeling.distribution import Floats, count_distribution
from shared.modeling.lineup_variants import CONFIRMED, VARIANTS
from shared.modeling.manifest import Margin, ModelPart, ModelSpecification, current_names, features_hash
from shared.modeling.vector import VECTORS

if TYPE_CHECKING:
    import xgboost

Variants = str | Sequence[str] | NDArray[np.str_] | None
_STATUS_COLUMNS = ("lineup_status", "home_lineup_status", "away_lineup_status")
LOWEST_MEAN = 1e-6  # a formula with mean 0 still needs a logarithm


class ModelMismatch(Rejected):
    """A model and the rows, features or manifest it is given do not fit each other."""


class Model:
    """Boosted trees on the margin of a fitted formula; loaded whole, then read-only and thread-safe.

    Rows of projected and unknown line-ups have a line and trees of their own where the manifest has them.
    """

    def __init__(self, booster: xgboost.Booster, manifest: ModelSpecification) -> None:
        self.manifest = manifest
        self._booster = booster
        self.columns = input_columns(manifest)

    @classmethod
    def from_artifact(cls, artifact: bytes, manifest: ModelSpecification) -> Model:
        """Return the model in an XGBoost UBJSON artifact; it forecasts on one thread.

        Raises:
            ObjectCorrupted: the bytes are no model.
            ModelMismatch: its features are not the manifest's, in the manifest's order, or not those of the
            vector that the manifest names.
        """
        booster = _decode_booster(artifact, f"{manifest.target} {manifest.version}")
        check_features(tuple(booster.feature_names or ()), manifest)
        return cls(_with_current_names(booster), manifest)

    def predict_mean(self, rows: Floats | pl.DataFrame, variants: Variants = None) -> Floats:
        """Return the expected count, or the probability of a home win, of each row.

        Args:
            rows: a frame that has `self.columns`, or a matrix [rows, columns] in their order; a missing
                feature is NaN.
            variants: the line-ups that the rows were made from, of all or of each; None: what the frame's own
                columns say, and confirmed where it has none.

        Raises ModelMismatch for other shapes and for a margin that is not finite.
        """
        matrix = self._as_matrix(rows)
        means = np.empty(len(matrix))
        for variant, chosen in self._rows_by_variant(rows, variants):
            means[chosen] = self._predict_part(matrix[chosen], self.manifest.part(variant))
        return means

    def predict_part(self, rows: pl.DataFrame, part: ModelPart) -> Floats:
        """Return the means of a frame's rows as a part says that is not, or not yet, the manifest's."""
        inputs = matrix_of(rows, self.manifest.features)
        return self._predict_margin(
            inputs, base_margin(matrix_of(rows, part.margin.column_names), part.margin), part
        )

    def count_distribution(
        self, mean: Floats, expected_pa: Floats | None = None, variants: Variants = None
    ) -> Floats:
        """Return P(0 … max_count) for each mean, [rows, counts]; binomials need the expected PA.

        `variants` are the rows' line-ups, of all or of each; None: confirmed.
        """
        made, trials = self.manifest, expected_pa
        chances = np.empty((len(mean), made.max_count + 1))
        for variant, chosen in self._rows_by_variant(mean, variants):
            chances[chosen] = count_distribution(
                made.family,
                mean[chosen],
                made.max_count,
                None if trials is None else trials[chosen],
                made.part(variant).count_shape,
            )
        return chances

    def _predict_part(self, matrix: Floats, part: ModelPart) -> Floats:
        features = len(self.manifest.features)
        places = [self.columns.index(name, features) for name in part.margin.column_names]
        return self._predict_margin(matrix[:, :features], base_margin(matrix[:, places], part.margin), part)

    def _predict_margin(self, inputs: Floats, margin: Floats, part: ModelPart) -> Floats:
        means = self._booster.inplace_predict(
            np.ascontiguousarray(inputs, dtype=np.float32),
            base_margin=margin,
            iteration_range=part.rounds,
            validate_features=False,
        )
        return np.asarray(means, dtype=np.float64)

    def _rows_by_variant(
        self, rows: Floats | pl.DataFrame, variants: Variants
    ) -> Iterator[tuple[str, slice | NDArray[np.intp]]]:
        """Yield each variant among the rows, and which rows they are."""
        if variants is None and isinstance(rows, pl.DataFrame):
            variants = lineup_variants(rows)
        if isinstance(variants, str) or variants is None or not self.manifest.variants:
            yield (variants if isinstance(variants, str) else CONFIRMED), slice(None)
            return
        names = np.asarray(variants)
        for variant in np.unique(names):
            yield str(variant), np.flatnonzero(names == variant)

    def _as_matrix(self, rows: Floats | pl.DataFrame) -> Floats:
        if isinstance(rows, pl.DataFrame):
            rows = matrix_of(rows, self.columns)
        if rows.ndim != 2 or rows.shape[1] != len(self.columns):
            raise ModelMismatch(
                f"{self.manifest.target}: expected rows of {len(self.columns)} columns {self.columns}, "
                f"got shape {rows.shape}"
            )
        return rows


def input_columns(manifest: ModelSpecification) -> tuple[str, ...]:
    """Return what a row needs: the features in order, then each column that a margin is made of."""
    margins = (manifest.margin, *(part.margin for part in manifest.variants.values()))
    return (*manifest.features, *dict.fromkeys(name for one in margins for name in one.column_names))


def lineup_variants(rows: pl.DataFrame) -> NDArray[np.str_] | None:
    """Return which line-ups each row was made from; of both clubs, where either counts, the less known.

    None where the rows do not say.
    """
    statuses = [rows[name].to_numpy() for name in _STATUS_COLUMNS if name in rows.columns]
    if not statuses:
        return None
    least = np.full(rows.height, CONFIRMED, dtype="<U9")
    for known_less in VARIANTS[1:]:
        least[np.any([status == known_less for status in statuses], axis=0)] = known_less
    return least


def matrix_of(rows: pl.DataFrame, names: tuple[str, ...]) -> Floats:
    """Return the named columns as a matrix, missing values as NaN; raises ModelMismatch."""
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise ModelMismatch(f"expected columns {names}, the rows lack {missing}")
    once = {name: place for place, name in enumerate(dict.fromkeys(names))}
    known = rows.select(pl.col(name).cast(pl.Float64).fill_null(np.nan) for name in once)
    places = [once[name] for name in names]
    return known.to_numpy()[:, places] if names else np.empty((rows.height, 0))


def link_scale(column: Floats, margin: Margin) -> Floats:
    """Return the formula's forecast on the scale of the link: log-odds, or the log of a mean."""
    if not np.isfinite(column).all():
        where = int(np.flatnonzero(~np.isfinite(column))[0])
        raise ModelMismatch(
            f"expected a finite {margin.column} in every row, got {column[where]} in row {where}"
        )
    return column if margin.is_linked else np.log(np.maximum(column, LOWEST_MEAN))


def base_margin(columns: Floats, margin: Margin) -> Floats:
    """Return where boosting starts: the fitted formula on the scale of the link.

    `columns` are the margin's, [rows, columns] in their order; a missing term adds nothing.
    """
    total = margin.intercept + margin.slope * link_scale(columns[:, 0], margin)
    centers = margin.centers or (0.0,) * len(margin.terms)
    for place, ((_, weight), center) in enumerate(zip(margin.terms, centers, strict=True), start=1):
        total = total + weight * np.nan_to_num(columns[:, place] - center)
    return np.asarray(total)


def load_booster(artifact: bytes, name: str) -> xgboost.Booster:
    """Return the booster in a UBJSON artifact, set to one thread, with the features' current names.

    Raises ObjectCorrupted.
    """
    return _with_current_names(_decode_booster(artifact, name))


def artifact_with_current_names(artifact: bytes, manifest: ModelSpecification) -> bytes:
    """Return the bytes that a stored model has when its features have their current names."""
    if features_hash(manifest.features) == manifest.features_sha256:
        return artifact
    return bytes(load_booster(artifact, f"{manifest.target} {manifest.version}").save_raw("ubj"))


def _with_current_names(booster: xgboost.Booster) -> xgboost.Booster:
    if booster.feature_names:
        booster.feature_names = list(current_names(booster.feature_names))
    return booster


def _decode_booster(artifact: bytes, name: str) -> xgboost.Booster:
    """Return the booster with the names it was trained on."""
    import xgboost  # noqa: PLC0415 - loads in a second, only needed to forecast

    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(artifact))
    except xgboost.core.XGBoostError as error:
        reason = str(error).splitlines()[0]
        raise ObjectCorrupted(f"{name}: expected an XGBoost model in UBJSON, {reason}") from None
    booster.set_param({"nthread": 1})
    return booster


def check_features(found: tuple[str, ...], manifest: ModelSpecification) -> None:
    """Raise ModelMismatch unless the features are the manifest's, in its order, with the hash it promises.

    `found` are the names that the model was trained on: the hash is of those, and the manifest in memory has
    their current ones.
    """
    if current_names(found) != manifest.features or features_hash(found) != manifest.features_sha256:
        raise ModelMismatch(
            f"{manifest.target} {manifest.version}: expected the manifest's features {manifest.features}, "
            f"the model was trained on {found}"
        )
    if manifest.vector is not None:
        _check_vector(manifest, manifest.vector)


def _check_vector(manifest: ModelSpecification, name: str) -> None:
    """Raise ModelMismatch unless the manifest has its vector's hash: the same names in the same order."""
    model = f"{manifest.target} {manifest.version}"
    if name not in VECTORS:
        raise ModelMismatch(f"{model}: expected a vector among {sorted(VECTORS)}, got {name!r}")
    if manifest.features_sha256 != VECTORS[name].sha256:
        raise ModelMismatch(
            f"{model}: expected the features of {name} (SHA-256 {VECTORS[name].sha256}), "
            f"got SHA-256 {manifest.features_sha256}: train the model on {name}, or name the vector it was "
            f"trained on"
        )
