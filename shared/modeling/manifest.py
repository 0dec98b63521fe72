"""A model's manifest: how it was trained, on what, and how well it forecast."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from shared.storage.tables import current_feature_names

Family = Literal["bernoulli", "binomial", "poisson", "tilted"]
Link = Literal["logit", "log"]


class Margin(msgspec.Struct, frozen=True):
    """The fitted formula that boosting starts from: `intercept + slope * x` on the link's scale.

    `x` is the column itself where `is_linked`, else its logarithm (link "log"). Each of `terms` adds a
    weight times another column, less its center where `centers` has one; a missing value adds nothing.
    """

    column: str
    link: Link
    is_linked: bool = False
    intercept: float = 0.0
    slope: float = 1.0
    terms: tuple[tuple[str, float], ...] = ()
    centers: tuple[float, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the columns it reads, the formula's first."""
        return (self.column, *(name for name, _ in self.terms))


class TreeSettings(msgspec.Struct, frozen=True):
    """How XGBoost may correct a line: few shallow trees, strongly regularised.

    Each tree is grown on `row_share` of the rows and `column_share` of the columns, drawn with a fixed seed.
    """

    rounds: int
    max_depth: int
    eta: float
    min_child_weight: float
    reg_lambda: float
    row_share: float = 1.0
    column_share: float = 1.0


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One forecaster of a pool: a line on the scale of the link, and trees that correct it.

    The line is the formula's, with intercept and slope, unless it does not `follow_formula`. Each of `terms`
    is a column in standard deviations, whose weight has a normal prior around 0 with this `spread`. What the
    line is fitted to: the target's own label, or the margin of runs, which says more than who won.
    """

    name: str
    terms: tuple[str, ...] = ()
    spread: float = 0.05
    learns: Literal["label", "run_margin"] = "label"
    follows_formula: bool = True
    trees: TreeSettings | None = None


class Calibration(msgspec.Struct, frozen=True):
    """Intercept and slope of what happened on what was forecast, on the scale of the link; 0 and 1 is right.

    Of forecasts of rows that were not fitted; standard errors are clustered by game.
    """

    intercept: float
    intercept_se: float
    slope: float
    slope_se: float
    games: int


class Score(msgspec.Struct, frozen=True):
    """Mean scores of one forecaster, lower is better, with standard errors clustered by game.

    `log_loss` is −log of the probability given to what happened; `brier` is of the event "at least one"
    (for a win: of the win); `mae` and `rmse` are of the mean; `rps` is the ranked probability score.
    """

    log_loss: float
    log_loss_se: float
    brier: float
    brier_se: float
    mae: float
    rmse: float
    rps: float


class Evaluation(msgspec.Struct, frozen=True):
    """Forecasts of days held out after training, ours against naive, on the same rows.

    `gain` is naive's log loss minus ours, paired row by row; above 0 is better than naive.
    """

    first: date
    last: date
    rows: int
    games: int
    folds: int
    ours: Score
    naive: Score
    gain: float
    gain_se: float

    def to_metrics(self) -> dict[str, float]:
        """Return the numbers that travel in an event."""
        return {
            "log_loss": self.ours.log_loss,
            "log_loss_se": self.ours.log_loss_se,
            "naive_log_loss": self.naive.log_loss,
            "gain": self.gain,
            "gain_se": self.gain_se,
            "brier": self.ours.brier,
            "naive_brier": self.naive.brier,
            "mae": self.ours.mae,
            "naive_mae": self.naive.mae,
            "rows": float(self.rows),
        }


class TrainedOn(msgspec.Struct, frozen=True):
    """The days and rows a model has seen; `last_full_build` is the as-of of the build it grew from."""

    first: date
    last: date
    rows: int
    last_full_build: date


class FeatureProfile(msgspec.Struct, frozen=True):
    """How one feature lay in the rows a model was made on: shares of rows up to each decile, and of nulls.

    `deciles` ascend without repeats; `shares` has one more: [rows at or below the first, …, above the last].
    Shares and `null_share` add up to 1.
    """

    deciles: tuple[float, ...]
    shares: tuple[float, ...]
    null_share: float


class CountShape(msgspec.Struct, frozen=True):
    """The tilted family's: how often each count happens, before it is tilted to a mean.

    Around a mean that is r times the shape's own, `width_slope` log r is added to the precision, in units of
    the shape's: above 0, high means spread less, and low ones more, than the tilt alone says.
    """

    chances: tuple[float, ...] = ()
    width_slope: float = 0.0


class ModelPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is for rows of one line-up variant: its line, which of the trees, and its shape.

    `rounds` are the first of the model's trees that belong to it and the one after the last.
    """

    margin: Margin
    rounds: tuple[int, int]
    shape: tuple[float, ...] = ()
    width_slope: float = 0.0

    @property
    def count_shape(self) -> CountShape:
        """Return what the tilted family tilts; without chances in any other."""
        return CountShape(self.shape, self.width_slope)


class ModelSpecification(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to forecast with an artifact; `trials` names the column of expected appearances.

    `margin`, `shape` and `width_slope` are those of confirmed line-ups, whose trees come first: all of them,
    or `own_rounds` where there are `variants`, which hold what differs for projected and unknown line-ups.
    `shape` and `width_slope` are of the tilted family: the fields of its `CountShape`. `vector` names the
    feature vector (`shared.modeling.vector`) whose features these are, if they are one's.
    """

    target: str
    version: str
    family: Family
    max_count: int
    margin: Margin
    trials: str | None = None
    shape: tuple[float, ...] = ()
    width_slope: float = 0.0
    features: tuple[str, ...]
    features_sha256: str
    artifact_sha256: str
    vector: str | None = None
    own_rounds: int | None = None
    variants: dict[str, ModelPart] = {}

    @property
    def count_shape(self) -> CountShape:
        """Return what the tilted family tilts; without chances in any other."""
        return CountShape(self.shape, self.width_slope)

    def part(self, variant: str) -> ModelPart:
        """Return what forecasts rows of a variant: the confirmed line-ups' where it has none of its own."""
        own = ModelPart(
            margin=self.margin,
            rounds=(0, self.own_rounds or 0),
            shape=self.shape,
            width_slope=self.width_slope,
        )
        return self.variants.get(variant, own)


class ModelManifest(ModelSpecification, frozen=True, kw_only=True):
    """Everything needed to serve a model, to judge it, to make it again and to see its inputs drift.

    Fields with a default came later: manifests are kept for ever, and older ones lack them.
    """

    kind: Literal["full", "incremental"]
    form: str
    objective: str
    rounds: int
    hyperparameters: dict[str, float | int | str]
    seed: int
    trained_on: TrainedOn
    libraries: dict[str, str]
    evaluation: Evaluation
    snapshot: str
    run_id: str
    as_of: date
    created_at: datetime
    decision: str
    replaced: str | None = None
    tree_weight: float = 1.0
    profile: dict[str, FeatureProfile] = {}
    voices: tuple[Voice, ...] = ()
    calibration: dict[str, Calibration] = {}


def current_names(features: Sequence[str]) -> tuple[str, ...]:
    """Return what each of these features is called now."""
    known = current_feature_names()
    return tuple(known.get(name, name) for name in features)


def with_current_names(manifest: ModelManifest) -> ModelManifest:
    """Return the manifest with every feature under its current name.

    `features_sha256` stays the hash of the names that the model was trained on.
    """
    variants = {
        name: msgspec.structs.replace(part, margin=_margin_with_current_names(part.margin))
        for name, part in manifest.variants.items()
    }
    return msgspec.structs.replace(
        manifest,
        margin=_margin_with_current_names(manifest.margin),
        variants=variants,
        trials=current_names([manifest.trials])[0] if manifest.trials else manifest.trials,
        features=current_names(manifest.features),
        profile=dict(zip(current_names(tuple(manifest.profile)), manifest.profile.values(), strict=True)),
        voices=tuple(
            msgspec.structs.replace(voice, terms=current_names(voice.terms)) for voice in manifest.voices
        ),
    )


def _margin_with_current_names(margin: Margin) -> Margin:
    column, *terms = current_names(margin.column_names)
    weights = (weight for _, weight in margin.terms)
    return msgspec.structs.replace(margin, column=column, terms=tuple(zip(terms, weights, strict=True)))


def features_hash(features: Sequence[str]) -> str:
    """Return the SHA-256 of the feature names in their order."""
    return hashlib.sha256("\n".join(features).encode()).hexdigest()
