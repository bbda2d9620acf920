"""File systems that are too small or may not be written: mounted for a test, and gone after it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from needs import as_root


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """A file system of a few megabytes, mounted at a new folder."""
    at.mkdir()
    _root("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,uid={os.getuid()},gid={os.getgid()}", "tmpfs", str(at))
    try:
        yield at
    finally:
        _root("umount", "--lazy", str(at))


@contextmanager
def read_only(at: Path) -> Iterator[None]:
    """The folder, as it is, on a mount that takes no writes; who already writes elsewhere is not disturbed."""
    _root("mount", "--bind", str(at), str(at))
    try:
        _root("mount", "-o", "remount,ro,bind", str(at))
        yield
    finally:
        _root("umount", "--lazy", str(at))


def fill(disk: Path) -> Path:
    """Take every byte that is left on the disk; returns the file that holds them."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def _root(*words: str) -> None:
    subprocess.run([*as_root(), *words], check=True, capture_output=True)
