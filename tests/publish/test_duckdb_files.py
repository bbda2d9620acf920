from __future__ import annotations

import pytest

from headgate.publish.duckdb_files import file_list


@pytest.mark.parametrize(
    ("files", "listed"),
    [
        (["/lake/a.parquet", "file:/lake/b.parquet"], "['/lake/a.parquet', '/lake/b.parquet']"),
        (["file:///lake/it's.parquet"], "['/lake/it''s.parquet']"),
        ([], "[]"),
    ],
    ids=["paths and addresses", "a quote", "none"],
)
def test_files_are_listed_as_sql_names_them(files: list[str], listed: str) -> None:
    assert file_list(files) == listed
