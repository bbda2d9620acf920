"""The runs' own records."""

from __future__ import annotations

import io
import json
from typing import Any

from rehearsal.walk.records import recorded_rows


class Reports:
    """A bucket of reports with some records."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": key} for key in self._files]}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._files[Key].encode())}


def _record(**rows: int | None) -> str:
    return json.dumps({"datasets": {dataset: {"rows_after": count} for dataset, count in rows.items()}})


def test_the_rows_of_a_table_are_those_that_its_last_run_recorded() -> None:
    files = {
        "runs/2/run.json": _record(tracks=7, artists=None),
        "runs/1/run.json": _record(tracks=5, artists=3),
        "runs/1/report.html": "no record",
    }
    assert recorded_rows(Reports(files), "reports") == {"tracks": 7, "artists": 3}
