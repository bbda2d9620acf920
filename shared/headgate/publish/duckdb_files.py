"""Data files as DuckDB's SQL names them."""

from __future__ import annotations

from collections.abc import Iterable


def file_path(file: str) -> str:
    """The path of a `file:` address; a path stays as it is."""
    return file.removeprefix("file://").removeprefix("file:")


def file_list(files: Iterable[str]) -> str:
    """Paths or `file:` addresses as DuckDB's SQL writes a list."""
    return "[" + ", ".join("'" + file_path(file).replace("'", "''") + "'" for file in files) + "]"
