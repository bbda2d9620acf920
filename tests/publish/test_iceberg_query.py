from __future__ import annotations

from pathlib import Path

from headgate.publish.iceberg_query import newest_metadata


def test_the_newest_metadata_has_the_highest_number_whatever_the_hint_says(tmp_path: Path) -> None:
    for name in ("v2.metadata.json", "v10.metadata.json", "snap-99.avro"):
        (tmp_path / name).touch()
    (tmp_path / "version-hint.text").write_text("2")
    assert newest_metadata(tmp_path) == tmp_path / "v10.metadata.json"


def test_a_table_whose_first_publication_is_being_written_has_no_metadata(tmp_path: Path) -> None:
    assert newest_metadata(tmp_path) is None
