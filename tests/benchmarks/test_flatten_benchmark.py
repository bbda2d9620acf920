"""The benchmark of flattening compares what it measures, and notices a value that differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import flatten


@pytest.mark.parametrize("form", ["lines", "document"])
def test_pandas_and_flatten_give_the_same_values(tmp_path: Path, form: str) -> None:
    source = flatten.write_documents(tmp_path, 300)[form]
    flatten.with_pandas(source, tmp_path / "pandas.parquet")
    flatten.with_flatten(source, tmp_path / "flatten.parquet")
    assert flatten.differences(tmp_path / "pandas.parquet", tmp_path / "flatten.parquet") == 0
    source.write_text(source.read_text().replace('"kind": "phone"', '"kind": "radio"', 7))
    flatten.with_flatten(source, tmp_path / "flatten.parquet")
    assert flatten.differences(tmp_path / "pandas.parquet", tmp_path / "flatten.parquet") == 7
