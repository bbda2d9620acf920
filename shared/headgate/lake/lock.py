"""One writer per dataset. On a laptop a lock that ends with its process; on AWS the job's concurrency of 1."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.lake.paths import Lake, lock_file


@contextmanager
def writing(lake: Lake, dataset: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep the dataset's lock meanwhile; `waiting` is called once when another process has it."""
    if not lake.is_local:
        yield
        return
    file = Path(lake.storage.root, lock_file(dataset))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
