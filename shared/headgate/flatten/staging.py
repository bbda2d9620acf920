"""Where documents and their Parquet files lie: the staging bucket, or the folder of raw files on a laptop."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote

from headgate.lake.storage import LocalStorage

_GONE = ("NoSuchKey", "404", "NotFound", "NoSuchVersion")


@dataclass(frozen=True)
class Version:
    """One version of a document. `id` is empty where the bucket keeps no versions."""

    key: str
    size: int
    etag: str
    id: str
    modified: datetime

    def metadata(self, plan: str) -> dict[str, str]:
        """What the Parquet file says about its document, in ASCII: S3 takes nothing else in metadata."""
        return {
            "document": quote(self.key),
            "document-version": self.id,
            "document-etag": self.etag,
            "document-modified": self.modified.astimezone(UTC).isoformat(),
            "plan": plan,
        }


class Staging(Protocol):
    """What flattening needs of it; keys and paths are relative to its root."""

    def version(self, key: str) -> Version | None:
        """The current version of a document; None where there is none."""
        ...

    def open(self, key: str) -> Any:
        """A context: the current version of a document and its bytes, or None where there is none."""
        ...

    def metadata(self, path: str) -> Mapping[str, str]:
        """What a Parquet file says about its document; empty where there is no such file."""
        ...

    def put(self, path: str, file: Path, metadata: Mapping[str, str]) -> None:
        """Put a whole Parquet file in the place of any former one, in one step."""
        ...


class S3Staging:
    """The staging bucket, through boto3; the paths of Parquet files are below `files`, such as `staging/`."""

    def __init__(self, bucket: str, client: Any, files: str = "") -> None:
        self._bucket, self._s3, self._files = bucket, client, files

    def version(self, key: str) -> Version | None:
        """One request."""
        answer = self._or_none(self._s3.head_object, Bucket=self._bucket, Key=key)
        return _version(key, answer) if answer else None

    @contextmanager
    def open(self, key: str) -> Iterator[tuple[Version, IO[bytes]] | None]:
        """One request; the bytes are those of the version that is returned, whatever happens meanwhile."""
        answer = self._or_none(self._s3.get_object, Bucket=self._bucket, Key=key)
        if answer is None:
            yield None
            return
        with closing(answer["Body"]) as body:
            yield _version(key, answer), body

    def metadata(self, path: str) -> Mapping[str, str]:
        """One request."""
        answer = self._or_none(self._s3.head_object, Bucket=self._bucket, Key=self._files + path)
        return answer["Metadata"] if answer else {}

    def put(self, path: str, file: Path, metadata: Mapping[str, str]) -> None:
        """One request: a reader sees the former file, or all of the new one."""
        with file.open("rb") as content:
            key = self._files + path
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, Metadata=dict(metadata))

    def _or_none(self, ask: Any, **arguments: str) -> dict[str, Any] | None:
        try:
            return ask(**arguments)
        except Exception as error:
            if getattr(error, "response", {}).get("Error", {}).get("Code") in _GONE:
                return None
            raise


def _version(key: str, answer: Mapping[str, Any]) -> Version:
    etag, version = answer["ETag"].strip('"'), answer.get("VersionId", "")
    return Version(key, answer["ContentLength"], etag, version, answer["LastModified"])


class LocalStaging:
    """A folder. Its files have no metadata: an unchanged document gives the same bytes, and such a file stays."""

    def __init__(self, root: str | Path) -> None:
        self._storage = LocalStorage(root)

    def version(self, key: str) -> Version | None:
        """By size and time of the file."""
        found = next((stored for stored in self._storage.list(key) if stored.path == key), None)
        return Version(key, found.size, found.etag, "", found.arrival) if found else None

    @contextmanager
    def open(self, key: str) -> Iterator[tuple[Version, IO[bytes]] | None]:
        """The file as it is now."""
        version = self.version(key)
        if version is None:
            yield None
            return
        with self._storage.open(key) as body:
            yield version, body

    def metadata(self, path: str) -> Mapping[str, str]:
        """None: a folder has no place for it."""
        return {}

    def put(self, path: str, file: Path, metadata: Mapping[str, str]) -> None:
        """Rename a whole file into place, unless the same bytes are there."""
        there = Path(self._storage.root, path)
        if there.is_file() and _digest(there) == _digest(file):
            return
        with file.open("rb") as content:
            self._storage.put(path, content)


def _digest(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
