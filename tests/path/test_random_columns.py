"""Random files that have, lack or leave empty some of the columns: what is warned of, and which files are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from bench import Bench, csv
from depth import at_depth

NAMES: tuple[str, ...] = ("a", "b", "c", "d")
BODY = """\
source: {{format: {form}}}
columns:
  - {{name: id, type: int, required: true}}
  - {{name: a, type: int}}
  - {{name: b, type: string, trim: true}}
  - {{name: c, type: int, required_in_file: true}}
  - {{name: d, type: string, source: Deep, aliases: [other]}}
at_most: 1.0
"""
SPELT = {"a": ["a", "A"], "b": ["b", "B"], "c": ["c", "C"], "d": ["Deep", "deep", "other", "OTHER"]}
# Of each file, by column: how it is spelt there, and which of its three rows have a value; a column may be absent.
FILE = st.fixed_dictionaries(
    {name: st.none() | st.tuples(st.sampled_from(SPELT[name]), st.sets(st.integers(0, 2))) for name in NAMES}
)
FILES = st.lists(FILE, min_size=1, max_size=5)
SOME: list[Any] = [{"a": None, "b": ("B", {1}), "c": ("C", {0}), "d": ("deep", set())}, dict.fromkeys(NAMES)]
SOME.append({"a": ("a", {0}), "b": None, "c": ("c", {1}), "d": None})


@pytest.mark.deep
def test_a_column_without_a_value_is_warned_of_or_refuses_its_file(spark: SparkSession, tmp_path: Path) -> None:
    @example("json", SOME)
    @example("csv", SOME)
    @given(st.sampled_from(["csv", "json"]), FILES)
    @settings(max_examples=at_depth(40, 4), deadline=None, phases=[Phase.explicit, Phase.generate])
    def holds(form: str, files: list[Any]) -> None:
        bench = Bench(spark, tmp_path / str(len([*tmp_path.iterdir()])))
        bench.root.mkdir()
        bench.contract("things", BODY.format(form=form))
        for at, file in enumerate(files):
            bench.put(f"things/{at}.{form}", _csv(at, file) if form == "csv" else _json(at, file))
        outcome = bench.one("things")
        there = [{name: _is_there(form, place) for name, place in file.items()} for file in files]
        left = [at for at, has in enumerate(there) if has["c"]]
        refused = {file["path"]: file["reason"] for file in outcome.objects["refused"]}
        assert set(refused) == {f"things/{at}.{form}" for at in range(len(files)) if at not in left}
        assert all("lacks `c`" in reason for reason in refused.values())
        if not left:
            assert outcome.status == "closed"
            return
        source: dict[str, str] = {"d": "Deep"}
        warned = [note.partition("column `")[2][0] for note in outcome.notes if note.startswith("warn: no ")]
        assert sorted(warned) == [name for name in NAMES if not any(there[at][name] for at in left)]
        assert all(
            f"`{source.get(name, name)}`: column `{name}`" in note for note in outcome.notes for name in warned
            if f"column `{name}`" in note
        )  # fmt: skip
        values = {row[0]: row[1:] for row in bench.rows("SELECT id, a, b, c, d FROM things")}
        wanted = {3 * at + row: _values(at, files[at], row) for at in left for row in range(3)}
        assert values == wanted

    holds()


def _is_there(form: str, place: tuple[str, set[int]] | None) -> bool:
    """Of a header the name is enough; of records there must be a value."""
    return place is not None and (form == "csv" or bool(place[1]))


def _values(at: int, file: Any, row: int) -> tuple[Any, ...]:
    given = [file[name] is not None and row in file[name][1] for name in NAMES]
    return tuple(
        (100 * at + row if name in "ac" else f"{name}{row}") if value else None
        for name, value in zip(NAMES, given, strict=True)
    )


def _csv(at: int, file: Any) -> str:
    names = [name for name in NAMES if file[name] is not None]
    rows = [dict(zip(NAMES, _values(at, file, row), strict=True)) for row in range(3)]
    lines = [
        ",".join([str(3 * at + i), *("" if row[name] is None else str(row[name]) for name in names)])
        for i, row in enumerate(rows)
    ]
    return csv(*lines, header=",".join(["id", *(file[name][0] for name in names)]))


def _json(at: int, file: Any) -> str:
    """A key without a value is null, or is not there."""
    records = []
    for row in range(3):
        given = zip(NAMES, _values(at, file, row), strict=True)
        keys = {file[name][0]: value for name, value in given if file[name] and (value is not None or row == 1)}
        records.append(json.dumps({"id": 3 * at + row, **keys}))
    return "\n".join(records)
