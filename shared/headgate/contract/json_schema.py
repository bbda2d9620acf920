"""The contract's JSON Schema, for editors: written next to the contracts and named by their first line."""

from __future__ import annotations

import json

from headgate.contract.model import Contract

FILE = "contract.schema.json"


def schema_text() -> str:
    """The text of the file (JSON Schema 2020-12)."""
    schema = Contract.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Headgate contract"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
