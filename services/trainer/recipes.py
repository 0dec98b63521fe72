"""How a model is made, whatever the rows: written into its manifest, and read back from there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.modeling.manifest import ModelManifest, TreeSettings, Voice
from shared.modeling.target import Form, Target

FORMULA_VOICE = Voice(name="formula")
TUNED_VOICE = "formula with tuned trees"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Form, the voices of a pool, and the features of their trees in order."""

    form: Form
    voices: tuple[Voice, ...]
    features: tuple[str, ...]

    def without_voice(self, name: str) -> Recipe:
        """Return the recipe of the other voices."""
        return replace(self, voices=tuple(voice for voice in self.voices if voice.name != name))

    def with_tuned_trees(self, trees: TreeSettings) -> Recipe:
        """Return the recipe with one more voice: the formula's line with trees that a search found."""
        others = self.without_voice(TUNED_VOICE)
        return replace(others, voices=(*others.voices, Voice(name=TUNED_VOICE, trees=trees)))


def build_recipe(target: Target, form: Form = "pool") -> Recipe:
    """Return the target's recipe of a form; the formula has no voices, for nothing in it is fitted."""
    return Recipe(form, target.pool if form == "pool" else (), target.features)


def recipe_of(manifest: ModelManifest, target: Target) -> Recipe:
    """Return the recipe that a deployed model was made by.

    A manifest of another version of this program may name a form that is unknown here: the model is then
    carried on in the target's own pool.
    """
    if manifest.form == "formula":
        return Recipe("formula", (), manifest.features)
    if manifest.form != "pool":
        return build_recipe(target)
    return Recipe("pool", manifest.voices, manifest.features)


def successor_recipe(manifest: ModelManifest, target: Target) -> Recipe:
    """Return what a deployed model is rebuilt by: the target's pool, with the voice that was tuned for it."""
    tuned = next((voice.trees for voice in manifest.voices if voice.name == TUNED_VOICE), None)
    usual = build_recipe(target)
    return usual.with_tuned_trees(tuned) if tuned else usual
