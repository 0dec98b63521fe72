"""An object store on Cloud Storage: several buckets, write-once by generation, verified by CRC32C."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from uuid import uuid4

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Blob, Client
from google.cloud.storage.exceptions import DataCorruption
from google.cloud.storage.retry import DEFAULT_RETRY

from shared.adapters.gcp.failures import GoogleRequest, translated_errors
from shared.errors import ObjectConflict, ObjectCorrupted, ObjectMissing, StoreUnavailable
from shared.storage import object_names
from shared.storage.buckets import bucket_of, buckets_for

_ABSENT = 0  # the generation of a name that no object has
_WRITER = "writer"  # metadata: the token of the attempt that wrote an object
_BYTES = "application/octet-stream"
_CREATE = "grant roles/storage.objectCreator, and objectViewer to read its writer"
_VIEW = "grant roles/storage.objectViewer: without it a missing object looks forbidden too"
_OVERWRITE = "grant roles/storage.objectUser"
_NO_BUCKET = "bucket does not exist"  # in a 404 for a missing bucket, not a missing object


class CloudStorageStore:
    """The ObjectStore port on the buckets `<prefix>-<bucket>` of `shared/storage/buckets.json`.

    Google's client retries transient errors for at most `deadline` seconds, then StoreUnavailable is raised.
    Permanent errors (403, a missing bucket) raise Rejected.
    """

    def __init__(
        self, project: str, prefix: str, client: Client | None = None, deadline: float = 60.0
    ) -> None:
        """Make no connection yet; `client` (default: one with this machine's credentials) is for tests."""
        self._project, self._prefix, self._given = project, prefix, client
        self._timeout = min(deadline, 60.0)  # seconds for one try
        self._retry = DEFAULT_RETRY.with_timeout(deadline)

    def write_once(self, name: str, data: bytes) -> None:
        """Write once; the same bytes again are no error. Raises ObjectConflict, StoreUnavailable."""
        if not self._write_if_absent(name, data, token="") and self.read_bytes(name) != data:
            message = f"{self._object_url(name)} holds other bytes than the {len(data)} offered"
            raise ObjectConflict(f"{name}: {message}: it is written only once")

    def create_if_absent(self, name: str, data: bytes) -> bool:
        """Write if absent and return whether this call wrote it.

        A retry after a lost response finds the name taken, perhaps by its own first attempt: so each call
        stores a token with the object and compares it afterwards.
        """
        token = uuid4().hex
        return self._write_if_absent(name, data, token) or self._stored_token(name) == token

    def overwrite(self, name: str, data: bytes) -> None:
        """Write whether or not it exists."""
        with self._open_blob(name, _OVERWRITE) as blob:
            blob.upload_from_string(data, _BYTES, checksum="crc32c", timeout=self._timeout, retry=self._retry)

    def read_bytes(self, name: str) -> bytes:
        """Return the bytes. Raises ObjectMissing, ObjectCorrupted, StoreUnavailable."""
        with self._open_blob(name, _VIEW) as blob:
            try:
                data = blob.download_as_bytes(checksum="crc32c", timeout=self._timeout, retry=self._retry)
            except NotFound as error:
                if _NO_BUCKET in str(error):
                    raise
                raise ObjectMissing(f"{name}: no object {self._object_url(name)}") from None
            except DataCorruption:
                message = f"{name}: what came from {self._object_url(name)} is not what was written"
                raise ObjectCorrupted(message) from None
        return bytes(data)

    def exists(self, name: str) -> bool:
        """Return whether the name is taken."""
        return self._find_blob(name) is not None

    def list_names(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, sorted, from every bucket that may hold them."""
        object_names.folder_of_prefix(prefix)
        return sorted(name for bucket in buckets_for(prefix) for name in self._list_bucket(bucket, prefix))

    def delete(self, name: str) -> None:
        """Remove an object; an absent one is no error."""
        with self._open_blob(name, _OVERWRITE) as blob:
            try:
                blob.delete(timeout=self._timeout, retry=self._retry)
            except NotFound as error:
                if _NO_BUCKET in str(error):
                    raise

    def _write_if_absent(self, name: str, data: bytes, token: str) -> bool:
        """Write unless the name is taken; False: it is taken, perhaps by this call's own attempt."""
        with self._open_blob(name, _CREATE) as blob:
            blob.metadata = {_WRITER: token} if token else None
            try:
                blob.upload_from_string(
                    data,
                    _BYTES,
                    if_generation_match=_ABSENT,
                    checksum="crc32c",
                    timeout=self._timeout,
                    retry=self._retry,
                )
            except PreconditionFailed:
                return False
        return True

    def _stored_token(self, name: str) -> str | None:
        found = self._find_blob(name)
        return (found.metadata or {}).get(_WRITER) if found else None

    def _find_blob(self, name: str) -> Blob | None:
        with self._open_blob(name, _VIEW) as blob:
            try:
                blob.reload(timeout=self._timeout, retry=self._retry)
            except NotFound as error:
                if _NO_BUCKET in str(error):
                    raise
                return None
            return blob

    def _list_bucket(self, bucket: str, prefix: str) -> list[str]:
        with self._translated_errors(prefix, bucket, _VIEW):
            listed = self._client.list_blobs(
                self._bucket_name(bucket),
                prefix=prefix,
                fields="items(name),nextPageToken",
                timeout=self._timeout,
                retry=self._retry,
            )
            return [blob.name for blob in listed]

    @contextmanager
    def _open_blob(self, name: str, forbidden: str) -> Iterator[Blob]:
        """Yield the object's handle and translate its errors."""
        bucket = bucket_of(object_names.check_name(name))
        with self._translated_errors(name, bucket, forbidden):
            yield self._client.bucket(self._bucket_name(bucket)).blob(name)

    def _translated_errors(self, name: str, bucket: str, forbidden: str) -> AbstractContextManager[None]:
        place = self._bucket_name(bucket)
        missing = f"there is no bucket {place}: apply Terraform, or correct HANKSTANK_BUCKET_PREFIX"
        return translated_errors(GoogleRequest(f"{name}: gs://{place}", missing, forbidden), StoreUnavailable)

    def _bucket_name(self, bucket: str) -> str:
        return f"{self._prefix}-{bucket}"

    def _object_url(self, name: str) -> str:
        return f"gs://{self._bucket_name(bucket_of(name))}/{name}"

    @cached_property
    def _client(self) -> Client:
        return self._given or Client(project=self._project)
