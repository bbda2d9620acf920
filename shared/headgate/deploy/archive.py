"""Zip files that are the same bytes wherever and whenever they are made.

Entries are sorted, dated 1980-01-01, readable by all, and stored without compression: what a compressor writes differs
between builds of zlib, and wheels inside a wheelhouse are packed already.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = "315532800"  # 1980-01-01, the first day that a zip file can name; for SOURCE_DATE_EPOCH
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE = 0o100644 << 16


def write_zip(target: Path, entries: Mapping[str, bytes]) -> None:
    """Write the entries into a new zip file; a wheel's own description comes last, as its format asks for."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries, key=_wheels_description_last):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = _FILE
            archive.writestr(entry, entries[name])
    target.write_bytes(made.getvalue())


def read_zip(source: Path) -> dict[str, bytes]:
    """The files in a zip file by name."""
    with zipfile.ZipFile(source) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def _wheels_description_last(name: str) -> tuple[bool, bytes]:
    return ".dist-info/" in name, name.encode()
