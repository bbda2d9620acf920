"""One document becomes one Parquet file on this machine; nothing here knows where documents and files are stored."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from headgate.flatten.content import MEGABYTE, content_of
from headgate.flatten.document import rows_of
from headgate.flatten.parquet import write_parquet
from headgate.flatten.plan import Plan

MOST = 512 * MEGABYTE  # bytes of a document, packed and unpacked, unless another limit is set


@dataclass
class Flattened:
    """What became of a document: rows written, those of them with a fault for the gate, its bytes, the seconds."""

    rows: int = 0
    refused: int = 0
    bytes: int = 0
    seconds: float = 0.0


def flatten(plan: Plan, key: str, body: IO[bytes], size: int, target: Path, most: int = MOST) -> Flattened:
    """Write the rows of a document as a Parquet file with the columns of `plan.names`, all of them texts.

    Raises `CannotBelong` with the reason for a document that is refused; `target` is then not to be used.
    """
    started = time.monotonic()
    content = content_of(body, key, size, plan.records is not None, most)
    flattened = Flattened(bytes=len(content.text))
    with _without_collector():
        write_parquet(plan.names, _texts(plan, key, rows_of(plan, content), flattened), target)
    flattened.seconds = time.monotonic() - started
    return flattened


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python looks for circles among values again and again, and those of JSON have none: a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _texts(plan: Plan, key: str, rows: Iterator, flattened: Flattened) -> Iterator[list[str | None]]:
    at = len(plan.columns)
    for texts, refused in rows:
        flattened.rows += 1
        flattened.refused += refused
        texts.insert(at, key)
        yield texts
