"""A bucket with versions, and what may happen to it between two requests of a worker."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flat import rows_of_file

from headgate.flatten.plan import Column, Plan

PLAN = Plan("plays", "plays/", (Column("play_id", "bigint", ("id",)),))
KEY = "incoming/plays/2026/a b.json"


class Refusal(Exception):
    """An error as boto3 raises it."""

    def __init__(self, code: str, operation: str) -> None:
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code}}
        self.operation_name = operation


class FakeS3:
    """The four requests that flattening makes; `before` and `after` are called around each `put_object`."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.puts: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.refused: dict[str, str] = {}  # a key, and the code that its reader gets
        self._versions = 0

    def write(self, key: str, content: bytes) -> None:
        """A new version, as another program writes it."""
        self._versions += 1
        self.objects[key] = {
            "content": content,
            "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
            "VersionId": f"v{self._versions}",
            "LastModified": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=self._versions),
            "ContentLength": len(content),
            "Metadata": {},
        }

    def _found(self, operation: str, key: str, missing: str) -> dict[str, Any]:
        if key in self.refused:
            raise Refusal(self.refused[key], operation)
        if key not in self.objects:
            raise Refusal(missing, operation)
        return self.objects[key]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        found = self._found("GetObject", Key, "NoSuchKey")
        return {**found, "Body": io.BytesIO(found["content"])}

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return dict(self._found("HeadObject", Key, "404"))

    def put_object(self, Bucket: str, Key: str, Body: Any, Metadata: dict[str, str]) -> None:
        self.before()
        assert all(text.isascii() for pair in Metadata.items() for text in pair)
        self.write(Key, Body.read())
        self.objects[Key]["Metadata"] = Metadata
        self.puts.append(Key)
        self.after()

    def ids(self, path: str, folder: Path) -> list[str | None]:
        """The column of a Parquet file."""
        file = folder / "read.parquet"
        file.write_bytes(self.objects[path]["content"])
        return [row["play_id"] for row in rows_of_file(file)]
