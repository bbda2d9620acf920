"""Flatten a document, and read the same document with the reader of refine, in the same columns."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb

from headgate.contract.load import read_contract
from headgate.contract.model import Contract
from headgate.flatten.flatten import flatten
from headgate.flatten.plan import Plan, plan_of
from headgate.lake.storage import LocalStorage
from headgate.read.head import lines_of
from headgate.read.json_characters import Parts, without_surrogates
from headgate.read.json_look import JsonLayout, json_looker
from headgate.read.json_recipe import recipe
from headgate.read.json_rows import Row, Rows

Texts = tuple[Any, ...]


def contract_of(folder: Path, source: str, columns: str) -> Contract:
    """A contract with `arrive: events` and these further words of `source`, and these columns."""
    text = (
        "dataset: plays\ndomain: music\nowner: music@example.org\ndescription: One row per play.\n"
        f"source: {{format: json, arrive: events{source}}}\ncolumns: {columns}\n"
    )
    file = folder / "plays.yaml"
    file.write_text(text, encoding="utf-8")
    contract, faults = read_contract(file, "plays.yaml")
    assert contract is not None, faults
    return contract


def as_events(contract: Contract) -> Contract:
    """The same contract, whose documents arrive as events."""
    return contract.model_copy(update={"source": contract.source.model_copy(update={"arrive": "events"})})


def flattened(plan: Plan, content: bytes, name: str = "a.json") -> list[dict[str, str | None]]:
    """The rows of the Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "a.parquet")
        flatten(plan, f"incoming/{plan.dataset}/{name}", io.BytesIO(content), len(content), target)
        return rows_of_file(target)


def rows_of_file(file: Path) -> list[dict[str, str | None]]:
    """Every row, in the order of the file."""
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM read_parquet('{file}')")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def as_flattened(contract: Contract, content: bytes, name: str = "a.json") -> list[Texts]:
    """The columns' texts, the faults and the record's text, per row of the Parquet file."""
    names = [column.name for column in contract.read_columns]
    return [
        (*(row[name] for name in names), json.loads(row["_faults"] or "[]"), row["_raw"])
        for row in flattened(plan_of(as_events(contract)), content, name)
    ]


def as_refine_reads(contract: Contract, content: bytes, name: str = "a.json") -> list[Texts]:
    """The same by the reader of refine, without Spark, which only splits lines. Raises as the reader does."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(content)
        storage = LocalStorage(folder)
        stored = next(storage.list())
        layout = cast(JsonLayout, json_looker(contract, storage, [stored])(stored).layout)
    plain = gzip.decompress(content) if name.endswith(".gz") else content
    rows = Rows(recipe(contract, "utf-8"))
    names = [column.name for column in contract.read_columns]
    parts = (without_surrogates(names, Parts(r.texts, r.faults, r.raw)) for r in _rows(rows, plain, layout.kind))
    return [(*p.texts, list(p.faults), p.raw) for p in parts]


def _rows(rows: Rows, content: bytes, kind: str) -> Iterator[Row]:
    if kind == "document":
        return rows.of_document(content)
    lines = lines_of(content.decode("latin-1"))  # a character per byte, so that nothing changes
    return (row for line in lines for row in rows.of_line(line.rstrip("\r\n").encode("latin-1")))


def texts(rows: Sequence[dict[str, str | None]], name: str) -> list[str | None]:
    """One column of a Parquet file."""
    return [row[name] for row in rows]
