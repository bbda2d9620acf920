"""docs/RUN_RECORD.md and docs/run.schema.json, written from the model of the run record.

`python -m headgate.report.document > docs/RUN_RECORD.md`; with `--schema`, the JSON Schema.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from headgate.report.record_model import FORMAT, RunRecord

_HEADING = f"""# The run record

Every run writes `runs/<run id>/` below the lake (or into the reports bucket):

| File | What |
| --- | --- |
| `run.json` | everything the run knows, format {FORMAT}, as described here |
| `report.html` | the same for a person: one page, no network, no script |
| `<dataset>.gx.json` | Great Expectations' result document: row checks and table-level checks together |
| `log.jsonl` | one JSON line per step: `ts`, `run`, `step`, and the step's facts (on AWS in the job's log) |

This page is written from the model (`python -m headgate.report.document`), as is
[run.schema.json](run.schema.json), the JSON Schema to check a record with; a test fails when either is stale. Within a
format keys may be added, never changed in meaning or taken away. An unknown key is refused by the schema of its time.

Counts are rows. A count is `null` when the run ended before it was counted: nothing is guessed, and none is the
difference of others. An equation's `holds` is `null` for the same reason, and `false` only in a run that failed by it.
"""


def document() -> str:
    """The whole page as Markdown."""
    return _HEADING + "".join(_section(model) for model in _models(RunRecord, []))


def json_schema() -> str:
    """The JSON Schema of the run record."""
    schema = RunRecord.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Headgate run record, format {FORMAT}"}
    return json.dumps({**schema, **head}, indent=1) + "\n"


def _models(model: type[BaseModel], seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The model and those below it, each once, in the order in which a reader meets them."""
    if model not in seen:
        seen.append(model)
        for field in model.model_fields.values():
            for part in _parts(field.annotation):
                _models(part, seen)
    return seen


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _section(model: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_kind(field.annotation)} | {_cell(field.description)} |"
        for name, field in model.model_fields.items()
    ]
    return (
        f"\n## {_title(model)}\n\n{model.__doc__}\n\n| Key | Holds | Meaning |\n| --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def _title(model: type[BaseModel]) -> str:
    return _NAMES.get(model.__name__, model.__name__)


_NAMES = {
    "RunRecord": "The record",
    "DatasetRecord": "A dataset (`datasets.<name>`)",
    "CheckRecord": "A check (`checks`)",
    "ContractRecord": "The contract (`contract`)",
    "Equations": "The equations (`equations`)",
    "Equation": "An equation",
    "Part": "A part of an equation",
    "Objects": "The source's files (`objects`)",
    "RefusedFile": "A refused file (`objects.refused`)",
    "Options": "The options (`options`)",
    "Problem": "A problem (`error`)",
}


def _kind(annotation: Any) -> str:
    """A type in a reader's words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(value)}`" for value in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(one) for one in inner)
    if origin is list:
        return f"list of {_kind(inner[0])}"
    if origin is dict:
        return "map" if inner[1] is Any else f"map of {_kind(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{_NAMES[annotation.__name__].split(' (')[0].lower()}](#{_anchor(_title(annotation))})"
    return _WORDS.get(annotation, "anything")


_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "time",
    type(None): "null",
}


def _anchor(title: str) -> str:
    kept = [c for c in title.lower() if c.isalnum() or c in " -_"]
    return "".join(kept).replace(" ", "-")


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    print(json_schema() if "--schema" in sys.argv[1:] else document(), end="")
