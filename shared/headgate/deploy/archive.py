"""Zip files whose bytes do not depend on the machine or the time of writing.

Entries are sorted, dated 1980-01-01, readable by everyone and stored without compression: compressed bytes differ
between versions of zlib, and the wheels inside a wheelhouse are compressed already.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = "315532800"  # 1980-01-01, the earliest date a zip file can store; for SOURCE_DATE_EPOCH
_DATE = (1980, 1, 1, 0, 0, 0)
_FILE = 0o100644 << 16


def write_zip(target: Path, entries: Mapping[str, bytes]) -> None:
    """Write the entries to a new zip file. A wheel's `.dist-info` comes last, as the wheel format recommends."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries, key=_dist_info_last):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = _FILE
            archive.writestr(entry, entries[name])
    target.write_bytes(content.getvalue())


def read_zip(source: Path) -> dict[str, bytes]:
    """Return the files of a zip file by name."""
    with zipfile.ZipFile(source) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def _dist_info_last(name: str) -> tuple[bool, bytes]:
    return ".dist-info/" in name, name.encode()
