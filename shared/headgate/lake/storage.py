"""Where files are stored: a folder on this machine, or a bucket. The same few verbs for both."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast
from urllib.parse import unquote, urlparse

from headgate.lake.local_files import facts_of, files_below, printable, require_regular
from headgate.lake.uris import hadoop_path

_BUFFER = 4 << 20  # bytes of one ranged request


@dataclass(frozen=True, order=True)
class StoredObject:
    """One stored file: `path` below the storage's root, `uri` as Spark opens it, `arrival` in UTC."""

    path: str
    uri: str
    size: int
    etag: str
    arrival: datetime


class Storage(Protocol):
    """What a run needs of a storage; paths are relative to `root` and use `/`."""

    root: str

    def uri(self, path: str) -> str:
        """The address as Spark opens it."""
        ...

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object below `prefix`, in an order that does not change."""
        ...

    def exists(self, path: str) -> bool:
        """True when there is such an object or folder."""
        ...

    def open(self, path: str) -> IO[bytes]:
        """Open for reading; it can be sought."""
        ...

    def head(self, path: str, size: int) -> bytes:
        """The first `size` bytes."""
        ...

    def read(self, path: str) -> bytes:
        """The whole content."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write the whole content, or nothing."""
        ...

    def create(self, path: str, content: bytes) -> None:
        """Write a file that must not be there yet: whole, or not at all. Raises when it is."""
        ...

    def put(self, path: str, content: IO[bytes]) -> None:
        """Write everything that `content` yields, or nothing."""
        ...

    def delete(self, prefix: str) -> None:
        """Remove the object, or everything below."""
        ...


class LocalStorage:
    """A folder. Writes are atomic: a temporary file beside the target, synced, then renamed."""

    def __init__(self, root: str | Path) -> None:
        self.root = str(Path(root).absolute())

    def _at(self, path: str) -> Path:
        return Path(self.root, path)

    def uri(self, path: str) -> str:
        """The file's URI, as Spark opens it."""
        return self._at(path).as_uri()

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every file below `prefix`, a folder's files before its folders; the etag is size and modification time."""
        top = self._at(prefix)
        if not top.is_dir() and (stored := self._object(top)):
            yield stored
        yield from filter(None, map(self._object, files_below(top)))

    def _object(self, file: Path) -> StoredObject | None:
        """The file as it is listed; None where another process has removed it meanwhile."""
        facts = facts_of(file)
        if facts is None:
            return None
        return StoredObject(
            path=printable(file.relative_to(self.root)),
            uri=file.as_uri(),
            size=facts.st_size,
            etag=f"{facts.st_size}-{facts.st_mtime_ns}",
            arrival=datetime.fromtimestamp(facts.st_mtime, UTC),
        )

    def exists(self, path: str) -> bool:
        """True when there is such a file or folder."""
        return self._at(path).exists()

    def open(self, path: str) -> IO[bytes]:
        """Open for reading; the file can be sought."""
        return require_regular(self._at(path)).open("rb")

    def head(self, path: str, size: int) -> bytes:
        """The first `size` bytes, or all where there are fewer."""
        with require_regular(self._at(path)).open("rb", buffering=0) as file:
            return file.read(size)

    def read(self, path: str) -> bytes:
        """The whole content."""
        return self._at(path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """Write the whole content, or nothing."""
        self.put(path, io.BytesIO(content))

    def create(self, path: str, content: bytes) -> None:
        """Write a file that must not be there yet: whole, or not at all. Raises `FileExistsError` when it is."""
        if self.exists(path):
            raise FileExistsError(f"{path} exists")
        self.write(path, content)

    def put(self, path: str, content: IO[bytes]) -> None:
        """Write everything that `content` yields, or nothing."""
        target = self._at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"._{target.name}.{uuid.uuid4().hex}")
        try:
            with aside.open("wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)

    def delete(self, prefix: str) -> None:
        """Remove the file, or the folder with everything in it; no error when there is none."""
        target = self._at(prefix)
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


class S3Storage:
    """A bucket, or a prefix of one, through boto3."""

    def __init__(self, root: str, client: Any = None) -> None:
        self.root = root.rstrip("/")
        parts = urlparse(self.root)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        if client is None:
            import boto3

            client = boto3.client("s3")
        self._s3 = client

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    def uri(self, path: str) -> str:
        """The object's `s3://` address."""
        return f"s3://{self._bucket}/{self._key(path)}"

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key starts with `prefix`, in order of key."""
        skip = len(self._prefix) + 1 if self._prefix else 0
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._key(prefix))
        for page in pages:
            for entry in page.get("Contents", ()):
                path = entry["Key"][skip:]
                yield StoredObject(path, self.uri(path), entry["Size"], entry["ETag"].strip('"'), entry["LastModified"])

    def exists(self, path: str) -> bool:
        """True when an object has this key or lies below it."""
        page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=self._key(path), MaxKeys=1)
        return page.get("KeyCount", 0) > 0

    def open(self, path: str) -> IO[bytes]:
        """Open for reading; the object can be sought, each buffer is one ranged request."""
        size = self._s3.head_object(Bucket=self._bucket, Key=self._key(path))["ContentLength"]
        ranges = _Ranges(lambda start, stop: self._range(path, start, stop), size)
        return cast(IO[bytes], io.BufferedReader(ranges, buffer_size=_BUFFER))

    def _range(self, path: str, start: int, stop: int) -> bytes:
        wanted = f"bytes={start}-{stop - 1}"
        return self._s3.get_object(Bucket=self._bucket, Key=self._key(path), Range=wanted)["Body"].read()

    def head(self, path: str, size: int) -> bytes:
        """The first `size` bytes, or all where there are fewer, in one request."""
        try:
            return self._range(path, 0, size)
        except Exception as error:
            if getattr(error, "response", {}).get("Error", {}).get("Code") == "InvalidRange":
                return b""  # an empty object has no range
            raise

    def read(self, path: str) -> bytes:
        """The whole content."""
        return self._s3.get_object(Bucket=self._bucket, Key=self._key(path))["Body"].read()

    def write(self, path: str, content: bytes) -> None:
        """Write the whole content; an S3 put is atomic."""
        self._s3.put_object(Bucket=self._bucket, Key=self._key(path), Body=content)

    def create(self, path: str, content: bytes) -> None:
        """Write an object that must not be there yet. Raises `ClientError` (412) when it is."""
        self._s3.put_object(Bucket=self._bucket, Key=self._key(path), Body=content, IfNoneMatch="*")

    def put(self, path: str, content: IO[bytes]) -> None:
        """Write everything that `content` yields, in parts when it is large."""
        self._s3.upload_fileobj(content, self._bucket, self._key(path))

    def delete(self, prefix: str) -> None:
        """Remove every object whose key is `prefix` or lies below it."""
        below = prefix.rstrip("/") + "/"
        paths = [stored.path for stored in self.list(prefix)]
        keys = [{"Key": self._key(path)} for path in paths if path == prefix or path.startswith(below)]
        for start in range(0, len(keys), 1000):
            self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": keys[start : start + 1000], "Quiet": True})


class _Ranges(io.RawIOBase):
    """An object as a file that can be sought: every read is one ranged request."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch, self._size, self._at = fetch, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        stop = min(self._at + len(buffer), self._size)
        if stop <= self._at:
            return 0
        content = self._fetch(self._at, stop)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def open_uri(uri: str) -> IO[bytes]:
    """Open the object at the address of a `StoredObject`, from any process."""
    if uri.startswith("file:"):
        return open(hadoop_path(uri).removeprefix("file:"), "rb")
    bucket, _, key = uri.partition("://")[2].partition("/")
    return S3Storage(f"s3://{bucket}").open(key)


def storage(root: str | Path) -> Storage:
    """The storage at an address: `s3://bucket/prefix`, `file:///folder`, or a folder."""
    text = str(root)
    if text.startswith("file:"):
        text = unquote(urlparse(text).path)
    return S3Storage(text) if text.startswith(("s3://", "s3a://")) else LocalStorage(text)
