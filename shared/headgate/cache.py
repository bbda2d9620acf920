"""The cache of this machine: files that were fetched."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """HEADGATE_CACHE, else `.cache` of the checkout, else (installed as a wheel) `~/.cache/headgate`."""
    given = os.environ.get("HEADGATE_CACHE")
    if given:
        return Path(given).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[2]
    return checkout / ".cache" if (checkout / "pyproject.toml").is_file() else Path.home() / ".cache" / "headgate"
