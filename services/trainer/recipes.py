"""How a model is made, whatever the rows: written into its manifest, and read back from there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shared.modeling.manifest import ModelManifest
from shared.modeling.target import FORMS, TREE_FORMS, Form, Target, TreeSettings

_TREE_SETTINGS = ("rounds", "max_depth", "eta", "min_child_weight", "reg_lambda")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Form, features in order, and the trees of a form that has them."""

    form: Form
    features: tuple[str, ...]
    trees: TreeSettings | None = None

    @property
    def tree_count(self) -> int:
        """Return how many trees."""
        return self.trees.rounds if self.trees else 0


def build_recipe(target: Target, form: Form) -> Recipe:
    """Return the target's recipe of a form."""
    return Recipe(form, target.features, target.trees if form in TREE_FORMS else None)


def recipe_of(manifest: ModelManifest, target: Target) -> Recipe:
    """Return the recipe that a deployed model was made by.

    A manifest of another version of this program may name a form or settings that are unknown here: the
    model is then carried on in the target's own.
    """
    form: Form = next((known for known in FORMS if known == manifest.form), target.default_form)
    if form not in TREE_FORMS:
        return Recipe(form, manifest.features)
    settings: dict[str, Any] = {name: manifest.hyperparameters.get(name) for name in _TREE_SETTINGS}
    trees = target.trees if None in settings.values() else TreeSettings(**settings)
    return Recipe(form, manifest.features, trees)


def recipe_hyperparameters(recipe: Recipe) -> dict[str, float | int | str]:
    """Return the settings of the trees, empty without."""
    return asdict(recipe.trees) if recipe.trees else {}
