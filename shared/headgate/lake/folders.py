"""Folders on this machine."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def remove_empty_folders(top: Path) -> None:
    """Remove the folders below `top`, and `top` itself, that have no file in them."""
    for folder, _, _ in os.walk(top, topdown=False):
        with suppress(OSError):  # not empty
            os.rmdir(folder)
