"""Model registry: versions, releases, production history and rollback.

A release is an object `release/pointer/000017.json`, created only if absent; the highest is current.
Two publishers can therefore never overwrite each other: the loser reads the winner's release, puts its
own part on top and takes the next number. A pointer that cannot be read is passed over and reported: its
number stays taken, and the newest that can be read is current.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Literal, TypeVar

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing, Rejected
from shared.modeling.manifest import ModelManifest, with_current_names
from shared.ports import ObjectStore

POINTERS = "release/pointer/"
KEPT_VERSIONS = 10  # newest of each target, and as many earlier production versions
FIRST_VERSION = "1.0.0"

T = TypeVar("T", bound=msgspec.Struct)
log = logging.getLogger(__name__)

_POINTER = re.compile(re.escape(POINTERS) + r"(\d{6,})\.json")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class NoRelease(Rejected):
    """The current snapshot or models are needed before anything was released."""


class ModelRef(msgspec.Struct, frozen=True):
    """A reference to one version of a model, with the SHA-256 of its bytes and of its manifest.

    References of earlier releases have no hash of the manifest.
    """

    target: str
    version: str
    object: str
    sha256: str
    manifest_sha256: str | None = None


class Release(msgspec.Struct, frozen=True):
    """One snapshot and the models that fit it: what the API serves, whole or not at all.

    `challengers` forecast every game too and are recorded, but are never served.
    """

    number: int
    snapshot: str
    models: dict[str, ModelRef]
    run_id: str
    published_at: datetime
    reason: str
    challengers: dict[str, ModelRef] = {}

    def __post_init__(self) -> None:
        """Refuse a target that names the model of another, as msgspec refuses a wrong type."""
        for target, ref in (*self.models.items(), *self.challengers.items()):
            if target != ref.target:
                raise ValueError(f"expected a model of {target}, got one of {ref.target}")

    @property
    def id(self) -> str:
        """Return the number as it is written everywhere, such as "000017"."""
        return f"{self.number:06d}"

    @property
    def object(self) -> str:
        """Return the name of the pointer object."""
        return f"{POINTERS}{self.id}.json"


class ProductionPeriod(msgspec.Struct, frozen=True):
    """When a version was in production; `until` is None while it is."""

    version: str
    since: datetime
    until: datetime | None
    release: str
    reason: str


def publish_release(
    objects: ObjectStore,
    *,
    snapshot: str | None,
    models: Mapping[str, ModelRef] | None,
    run_id: str,
    now: datetime,
    reason: str,
    challengers: Mapping[str, ModelRef] | None = None,
) -> Release:
    """Make a release current and return it; the current one where nothing would change.

    `snapshot` None keeps the current snapshot, `models` None the current models; given models replace
    those of their targets only. `challengers` None keeps the current ones, else they are replaced.
    A publisher that loses a race repeats on top of the winner, so no part is lost.

    Raises:
        NoRelease: `snapshot` is None and nothing was released yet.
    """
    while True:
        current = current_release(objects)
        base = current or Release(0, _require_snapshot(snapshot), {}, run_id, now, reason)
        offered = Release(
            _free_number(objects, base.number + 1),
            snapshot or base.snapshot,
            {**base.models, **(models or {})},
            run_id,
            now,
            reason,
            dict(base.challengers if challengers is None else challengers),
        )
        if current and _release_content(offered) == _release_content(current):
            return current
        if objects.create_if_absent(offered.object, msgspec.json.encode(offered, order="sorted")):
            return offered


def _release_content(release: Release) -> tuple[object, ...]:
    return release.snapshot, release.models, release.challengers


def _require_snapshot(snapshot: str | None) -> str:
    if snapshot is None:
        raise NoRelease(f"{POINTERS}: expected a release with a snapshot, found none: build features first")
    return snapshot


def current_release(objects: ObjectStore) -> Release | None:
    """Return the release with the highest number, None before the first."""
    return next(_readable_releases(objects, reversed(_pointer_names(objects))), None)


def releases_before(objects: ObjectStore, number: int) -> Iterator[Release]:
    """Yield the releases with a lower number that can be read, newest first; each is read when it is due."""
    earlier = [name for name in _pointer_names(objects) if _pointer_number(name) < number]
    yield from _readable_releases(objects, reversed(earlier))


def iter_releases(objects: ObjectStore) -> Iterator[Release]:
    """Yield every release that can be read, oldest first; each is read when it is due."""
    yield from _readable_releases(objects, _pointer_names(objects))


def newest_releases(objects: ObjectStore, number: int) -> list[Release]:
    """Return the newest releases that can be read, at most `number` of them, the newest first."""
    return list(islice(_readable_releases(objects, reversed(_pointer_names(objects))), number))


def release_history(objects: ObjectStore) -> tuple[Release, ...]:
    """Return every release that can be read, oldest first."""
    return tuple(iter_releases(objects))


def damaged_pointers(objects: ObjectStore) -> dict[str, str]:
    """Return why each pointer that cannot be read cannot, by name; among them what is no pointer at all."""
    damaged = {}
    for name in objects.list_names(POINTERS):
        try:
            _load_release(objects, name)
        except Rejected as error:
            damaged[name] = str(error)
    return damaged


def _pointer_names(objects: ObjectStore) -> list[str]:
    """Return the names of pointers in the order of their numbers."""
    return sorted(filter(_POINTER.fullmatch, objects.list_names(POINTERS)), key=_pointer_number)


def _readable_releases(objects: ObjectStore, names: Iterable[str]) -> Iterator[Release]:
    for name in names:
        try:
            yield _load_release(objects, name)
        except Rejected as error:
            log.warning("a release is passed over: %s", error)


def _load_release(objects: ObjectStore, name: str) -> Release:
    release = _load_struct(objects, name, Release)
    if release.object != name:
        raise ObjectCorrupted(f"{name}: expected the release of this number, it says {release.number}")
    return release


def _pointer_number(pointer: str) -> int:
    found = _POINTER.fullmatch(pointer)
    assert found is not None  # noqa: S101 - names were chosen by this pattern
    return int(found[1])


def _free_number(objects: ObjectStore, number: int) -> int:
    """Return the first number from `number` on that no pointer has, readable or not."""
    taken = {_pointer_number(name) for name in _pointer_names(objects)}
    while number in taken:
        number += 1
    return number


def save_model(
    objects: ObjectStore, target: str, version: str, artifact: bytes, manifest: ModelManifest
) -> ModelRef:
    """Write a model once and return its reference; the same bytes again are no error.

    The manifest is written last: a version with a manifest is complete.
    """
    described = msgspec.json.encode(manifest, order="sorted")
    ref = ModelRef(
        target, version, _artifact_name(target, version), sha256_hex(artifact), sha256_hex(described)
    )
    objects.write_once(ref.object, artifact)
    objects.write_once(_manifest_name(target, version), described)
    return ref


def load_model(objects: ObjectStore, ref: ModelRef) -> tuple[bytes, ModelManifest]:
    """Return a model's bytes and its manifest, both checked against their SHA-256 and each other.

    Raises ObjectMissing (pruned or never written) and ObjectCorrupted.
    """
    return _read_verified(objects, ref.object, ref.sha256), load_manifest_of(objects, ref)


def load_manifest_of(objects: ObjectStore, ref: ModelRef) -> ModelManifest:
    """Return the manifest of a reference, of the same target, version and bytes, with current feature names.

    Raises ObjectMissing and ObjectCorrupted.
    """
    name = _manifest_name(ref.target, ref.version)
    stored = _read_verified(objects, name, ref.manifest_sha256)
    manifest = with_current_names(_decode_struct(name, stored, ModelManifest))
    referred = ref.target, ref.version, ref.sha256, ref.object
    described = manifest.target, manifest.version, manifest.artifact_sha256
    if referred != (*described, _artifact_name(manifest.target, manifest.version)):
        raise ObjectCorrupted(
            f"{name}: expected the manifest of {ref.target} {ref.version}, SHA-256 {ref.sha256}, "
            f"got {' '.join(described)}"
        )
    return manifest


def load_manifest(objects: ObjectStore, target: str, version: str) -> ModelManifest:
    """Return a version's manifest with current feature names; manifests outlive the models they describe."""
    return with_current_names(_load_struct(objects, _manifest_name(target, version), ModelManifest))


def list_versions(objects: ObjectStore, target: str) -> tuple[str, ...]:
    """Return every version ever saved of a target, oldest first."""
    folders = {name.split("/")[2] for name in objects.list_names(f"models/{target}/")}
    return tuple(sorted(filter(_VERSION.fullmatch, folders), key=_version_numbers))


def next_version(
    objects: ObjectStore, target: str, change: Literal["patch", "minor"], after: str | None = None
) -> str:
    """Return the version after the newest: a patch for newer rows, a minor for a new form.

    A patch follows the newest of `after`'s own minor version, where that is given: a challenger's number,
    which is higher, is no forebear of production's next.
    """
    newest = newest_version(objects, target, after if change == "patch" else None)
    if newest is None:
        return FIRST_VERSION
    major, minor, patch = _version_numbers(newest)
    return f"{major}.{minor}.{patch + 1}" if change == "patch" else f"{major}.{minor + 1}.0"


def is_stored(objects: ObjectStore, target: str, version: str, artifact: bytes) -> bool:
    """Return whether a version's bytes are these."""
    name = _artifact_name(target, version)
    return objects.exists(name) and objects.read_bytes(name) == artifact


def newest_version(objects: ObjectStore, target: str, like: str | None = None) -> str | None:
    """Return the newest version saved of a target, of the same minor version as `like` where it is given."""
    known = list_versions(objects, target)
    alike = [version for version in known if like is None or is_same_minor(version, like)]
    return alike[-1] if alike else None


def is_same_minor(version: str, other: str) -> bool:
    """Return whether two versions are of one form: they share the minor version."""
    return _version_numbers(version)[:2] == _version_numbers(other)[:2]


def model_history(objects: ObjectStore, target: str) -> tuple[ProductionPeriod, ...]:
    """Return which version was in production when, oldest first."""
    return _production_periods(release_history(objects), target)


def _production_periods(history: Sequence[Release], target: str) -> tuple[ProductionPeriod, ...]:
    changes = list(_production_changes(history, target))
    ends = [release.published_at for release in changes[1:]]
    return tuple(
        ProductionPeriod(
            release.models[target].version, release.published_at, until, release.id, release.reason
        )
        for release, until in zip(changes, [*ends, None], strict=False)
    )


def _production_changes(history: Sequence[Release], target: str) -> Iterator[Release]:
    version = None
    for release in history:
        ref = release.models.get(target)
        if ref and ref.version != version:
            version = ref.version
            yield release


def rollback_model(
    objects: ObjectStore, target: str, version: str, now: datetime, run_id: str = "rollback"
) -> Release:
    """Put an earlier version back into production, as a new release on the current snapshot.

    Raises ObjectMissing when that version was never saved or its bytes were pruned, ObjectCorrupted when its
    manifest is not what it was.
    """
    name = _artifact_name(target, version)
    if not objects.exists(name):
        known = ", ".join(list_versions(objects, target)) or "none"
        raise ObjectMissing(f"{name}: expected a kept version of {target} to roll back to; saved: {known}")
    ref = _known_ref(objects, target, version)
    load_manifest_of(objects, ref)
    reason = f"rollback of {target} to {version}"
    return publish_release(
        objects, snapshot=None, models={target: ref}, run_id=run_id, now=now, reason=reason
    )


def _known_ref(objects: ObjectStore, target: str, version: str) -> ModelRef:
    """Return the reference of a version as it was released last, else as its files are now."""
    for release in reversed(release_history(objects)):
        for refs in (release.models, release.challengers):
            ref = refs.get(target)
            if ref and ref.version == version and ref.manifest_sha256:
                return ref
    name = _manifest_name(target, version)
    described = objects.read_bytes(name)
    artifact = _decode_struct(name, described, ModelManifest).artifact_sha256
    return ModelRef(target, version, _artifact_name(target, version), artifact, sha256_hex(described))


def prune_models(objects: ObjectStore) -> tuple[str, ...]:
    """Delete the bytes of old versions and return their names; manifests are kept.

    Kept are the ten newest versions of each target, production and its challenger, and production's last
    ten predecessors.
    """
    history = release_history(objects)
    targets = sorted({name.split("/")[1] for name in objects.list_names("models/")})
    prunable = [name for target in targets for name in _prunable_names(objects, target, history)]
    for name in prunable:
        objects.delete(name)
    return tuple(prunable)


def _prunable_names(objects: ObjectStore, target: str, history: Sequence[Release]) -> list[str]:
    known = list_versions(objects, target)
    periods = [period.version for period in reversed(_production_periods(history, target))]
    kept = {*known[-KEPT_VERSIONS:], *list(dict.fromkeys(periods))[: KEPT_VERSIONS + 1]}
    kept |= {release.challengers[target].version for release in history[-1:] if target in release.challengers}
    names = [_artifact_name(target, version) for version in known if version not in kept]
    return [name for name in names if objects.exists(name)]


def sha256_hex(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def _version_folder(target: str, version: str) -> str:
    return f"models/{target}/{version}/"


def _artifact_name(target: str, version: str) -> str:
    return f"{_version_folder(target, version)}model.ubj"


def _manifest_name(target: str, version: str) -> str:
    return f"{_version_folder(target, version)}manifest.json"


def _version_numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


def _read_verified(objects: ObjectStore, name: str, digest: str | None) -> bytes:
    """Return an object whose bytes have this SHA-256, where it is known; raises ObjectCorrupted."""
    data = objects.read_bytes(name)
    if digest and sha256_hex(data) != digest:
        raise ObjectCorrupted(f"{name}: expected SHA-256 {digest}, the bytes have another")
    return data


def _load_struct(objects: ObjectStore, name: str, kind: type[T]) -> T:
    return _decode_struct(name, objects.read_bytes(name), kind)


def _decode_struct(name: str, data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise ObjectCorrupted(f"{name}: expected a {kind.__name__}, {error}") from None
