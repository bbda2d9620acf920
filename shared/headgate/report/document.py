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

Every run writes `runs/<run id>/` below the lake, or into the reports bucket:

| File | What |
| --- | --- |
| `run.json` | everything the run knows, in format {FORMAT}, as this page describes it |
| `report.html` | the same for people: one page that loads nothing and runs no script |
| `<dataset>.gx.json` | Great Expectations' result document, with row checks and table-level checks |
| `log.jsonl` | one JSON line per step: `ts`, `run`, `step`, and the step's facts (on AWS in the job's log instead) |

This page and [run.schema.json](run.schema.json), the JSON Schema of a record, are written from the model
(`python -m headgate.report.document`); a test fails when one of them is out of date. Within a format, keys may be
added, but none is renamed, removed or changed in meaning. The schema refuses keys that it does not know.

Counts are rows. A count is `null` when the run ended before it was counted: no count is guessed or derived from
others. For the same reason an equation's `holds` can be `null`; it is `false` only in a run that failed because of it.
"""

_FORMATS = """
## Formats

| Format | What changed |
| --- | --- |
| 2 | The run's `verdict` is now `status`, as in a dataset: a verdict is what the gate decides about one row. The `effect` of a check is `passed` instead of `held`. The steps `staged`, `tidy` and `clear` of `log.jsonl` are now `judged`, `leftovers` and `cleanup`. |
| 1 | The first format. |
"""  # noqa: E501

STEPS = {
    "waiting": "another process writes to the dataset; the run waits for its lock",
    "leftovers": "remove what killed runs left behind",
    "list": "list the files and compare them with the ledger",
    "joins": "check that the mart's joins do not fan out",
    "read": "read the files, or the mart's query; type, check and mask the rows",
    "gate": "decide whether the rows may be published",
    "judged": "the rows are judged and counted (`read`, `kept`, `quarantined`, `skipped`)",
    "clean": "keep the newest row per key and compare it with the stored one",
    "publish": "write the rows where no reader sees them, the newest per key where nothing is stored yet",
    "branch": "the rows are written where no reader sees them yet",
    "audited": "the table-level checks have passed",
    "ledger": "the ledger is written",
    "published": "readers see the new rows",
    "export": "write what was published for the warehouse",
    "exported": "the export is written (`rows`, `removed`, `whole`)",
    "again": "another writer published first; the run repeats its last steps (`attempt`)",
    "cleanup": "remove what this run wrote besides the publication",
    "skipped": "the dataset is not run (`reason`)",
    "maintain": "maintain the table (`headgate maintain`)",
    "done": "the dataset has ended (`status`, `reason` and counts)",
}


def document() -> str:
    """The whole page as Markdown."""
    return _HEADING + "".join(_section(model) for model in _models(RunRecord, [])) + _steps() + _FORMATS


def _steps() -> str:
    rows = "".join(f"| `{step}` | {meaning} |\n" for step, meaning in STEPS.items())
    return f"\n## Steps in `log.jsonl`\n\n| Step | Meaning |\n| --- | --- |\n{rows}"


def json_schema() -> str:
    """The JSON Schema of the run record."""
    schema = RunRecord.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Headgate run record, format {FORMAT}"}
    return json.dumps({**schema, **head}, indent=1) + "\n"


def _models(model: type[BaseModel], seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The model and those below it, each once, in reading order."""
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
        f"\n## {_title(model)}\n\n{model.__doc__}\n\n| Key | Type | Meaning |\n| --- | --- | --- |\n"
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
    "CostEstimate": "An estimate of cost (`estimate`)",
    "Objects": "The source's files (`objects`)",
    "RefusedFile": "A refused file (`objects.refused`)",
    "Options": "The options (`options`)",
    "Problem": "A problem (`error`)",
}


def _kind(annotation: Any) -> str:
    """A type, in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(value)}`" for value in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(part) for part in inner)
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
