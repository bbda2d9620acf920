"""Measure once a second how much memory a process and all that it has started use, and keep the maximum."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOK_EVERY = 1.0
_PROC = Path("/proc")


class Memory:
    """The maximum, in bytes; 0 on a system without /proc."""

    def __init__(self) -> None:
        self.most = 0

    def look(self, root: int) -> None:
        """Measure once."""
        self.most = max(self.most, tree_bytes(root))


@contextmanager
def measured() -> Iterator[Memory]:
    """Measure while the block lasts."""
    memory, over = Memory(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY):
            memory.look(os.getpid())

    watching = threading.Thread(target=watch, name="memory", daemon=True)
    watching.start()
    try:
        yield memory
    finally:
        over.set()
        watching.join()


def tree_bytes(root: int) -> int:
    """The resident memory of a process and everything below it; what they share counts for each."""
    sizes, children = dict[int, int](), defaultdict[int, list[int]](list)
    for pid, parent, size in _processes():
        sizes[pid] = size
        children[parent].append(pid)
    total, pending = 0, [root]
    while pending:
        pid = pending.pop()
        total += sizes.get(pid, 0)
        pending += children[pid]
    return total


def _processes() -> Iterator[tuple[int, int, int]]:
    """Number, parent and resident bytes of each process."""
    page = os.sysconf("SC_PAGE_SIZE")
    for folder in _PROC.glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), int(words[1]), int(words[21]) * page
