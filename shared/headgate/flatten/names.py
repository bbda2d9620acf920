"""The name of a document's Parquet file: by its key alone, so that a newer version replaces the older one's file."""

from __future__ import annotations

import hashlib
import re

from headgate.flatten.plan import Plan
from headgate.lake.paths import incoming_folder

_ENDINGS = re.compile(r"(\.(json|jsonl|ndjson|geojson|txt|gz))+$", re.IGNORECASE)
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80  # characters of the readable part


def parquet_path(plan: Plan, key: str) -> str:
    """Below staging: `<source.path>/<readable part of the key>-<16 hex digits of the key's SHA-256>.parquet`."""
    below = key.removeprefix(incoming_folder(plan.dataset) + "/")
    readable = _ODD.sub("-", _ENDINGS.sub("", below)).strip("-._")[-_LONGEST:].lstrip("-._") or "document"
    return f"{plan.path}{readable}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.parquet"
