"""A lake on a laptop that was moved or copied: its tables name their files by where they were made.

Iceberg writes absolute paths into a table's metadata. A copied lake would publish into the folder of the original.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote, urlparse

from headgate.errors import UnusableArgument
from headgate.lake.paths import WAREHOUSE, Lake


def require_in_place(lake: Lake) -> None:
    """Raise `UnusableArgument` with the former place, if the tables of a local lake say that they lie elsewhere."""
    if not lake.is_local:
        return
    here = Path(lake.storage.root)
    metadata = next(Path(here, WAREHOUSE).glob("*/*/metadata/v*.metadata.json"), None)
    if metadata is None:
        return
    table = metadata.parent.parent
    made_at = Path(unquote(urlparse(json.loads(metadata.read_text(encoding="utf-8"))["location"]).path))
    if made_at.resolve() == table.resolve():
        return
    former = Path(str(made_at).removesuffix(str(table.relative_to(here))))
    what = f"this lake was made at {former}, and its tables name that place"
    if former.exists():
        remedy = f"Use the lake there: `--lake {former}`. For a second lake, run into an empty folder."
    else:
        remedy = f"Move it back: `mv {here} {former}`. Or run into an empty folder: the raw files are read again."
    raise UnusableArgument(what, where=str(here), remedy=remedy)
