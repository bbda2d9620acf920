"""Bring a document's Parquet file to the document's newest version, for any event and any number of them.

Events may arrive twice, late, or in another order than the versions, and two workers may have one document at a time.
So an event says only which document to look at. The file's name follows from the key alone; a worker flattens the
version that is current, puts its file, and then looks at the document again. If that has changed meanwhile it begins
again. The last worker to put a file therefore finds the newest version, or makes it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headgate.errors import RunFailed
from headgate.flatten.flatten import MOST, Flattened, flatten
from headgate.flatten.names import parquet_path
from headgate.flatten.plan import Plan
from headgate.flatten.staging import Staging

_TIMES = 5


@dataclass(frozen=True)
class Renewed:
    """What became of a document: `written`, `unchanged` (its file is that of this version already) or `gone`."""

    state: Literal["written", "unchanged", "gone"]
    path: str
    work: Flattened


def renew(plan: Plan, staging: Staging, key: str, most: int = MOST) -> Renewed:
    """Flatten the current version of a document.

    Raises `CannotBelong` for a document that is refused: a former file stays. Raises `RunFailed` for one that never
    stays the same.
    """
    path, work = parquet_path(plan, key), Flattened()
    for _ in range(_TIMES):
        with staging.open(key) as opened:
            if opened is None:
                return Renewed("gone", path, work)
            version, body = opened
            metadata = version.metadata(plan.hash)
            if dict(staging.metadata(path)) == metadata:
                return Renewed("written" if work.rows else "unchanged", path, work)
            with tempfile.TemporaryDirectory(prefix="flatten-") as folder:
                target = Path(folder, "rows.parquet")
                work = flatten(plan, key, body, version.size, target, most)
                staging.put(path, target, metadata)
        if staging.version(key) == version:
            return Renewed("written", path, work)
    remedy = "Write it once, or under a new key each time."
    raise RunFailed(f"the document changed {_TIMES} times while it was flattened", where=key, remedy=remedy)
