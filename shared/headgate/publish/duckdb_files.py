"""Data files as DuckDB's SQL names them."""

from __future__ import annotations

from collections.abc import Iterable


def file_list(files: Iterable[str]) -> str:
    """Paths or `file:` addresses as the content of a list of DuckDB's."""
    paths = (file.removeprefix("file://").removeprefix("file:") for file in files)
    return ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
