"""Rules about datasets whose JSON documents arrive as events: what flattening writes, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headgate.contract.file_formats import FORMAT_FACTS, names
from headgate.contract.incoming import INCOMING
from headgate.contract.model import Contract

Broken = tuple[str, str, str]

_OF_FILES = ("read", "members", "from_path")


def events(contract: Contract) -> Iterator[Broken]:
    """Documents are JSON in UTF-8, and their Parquet files lie in a folder of their own, away from the documents."""
    source = contract.source
    if source.arrive != "events":
        if "rest" in source.model_fields_set:
            yield "source.rest", "belongs to `arrive: events`", "Remove it, or let the documents arrive as events."
        return
    if not FORMAT_FACTS[source.format].by_path:
        problem = f"`events` belongs to `format: {names(lambda f: f.by_path)}`"
        yield "source.arrive", problem, "Set the format, or remove `arrive`."
    if re.search(r"[*?]", contract.path) or not contract.path.endswith("/"):
        problem = f"`{contract.path}` is not a folder, and documents become Parquet files in it"
        yield "source.path", problem, f"Write a folder with its slash, such as `{contract.dataset}/`, or leave it out."
    elif contract.path.startswith(f"{INCOMING}/"):
        problem = f"`{contract.path}` is where documents arrive"
        yield "source.path", problem, f"Let the Parquet files lie elsewhere, such as in `{contract.dataset}/`."
    for key in _OF_FILES:
        if key in source.model_fields_set:
            problem = "does not go with `arrive: events`, where each document is UTF-8 and becomes one Parquet file"
            yield f"source.{key}", problem, "Remove it."
