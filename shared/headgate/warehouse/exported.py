"""An export's record, `export.json` beside its files, and a copy of the newest where no export expires."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from headgate.errors import RunFailed
from headgate.lake.paths import export_file, latest_export
from headgate.lake.storage import Storage

FORMAT = 1


@dataclass(frozen=True)
class Exported:
    """One export of a dataset.

    `sequence` counts its exports from 1; `previous` is the run of the export that must be loaded before, None where the
    export is `whole`: then the loaded rows replace all others. `rows` and `removed` are the addresses of manifests,
    None where there is nothing to load. `ledger` and `version` name the publication, `figures` are of the whole table.
    """

    dataset: str
    run: str
    sequence: int
    previous: str | None
    whole: bool
    columns: tuple[str, ...]
    rows: str | None
    row_count: int
    removed: str | None
    removed_count: int
    ledger: str | None
    version: str | None
    figures: Mapping[str, str | None]


def latest(storage: Storage, dataset: str) -> Exported | None:
    """The newest export; None before the first."""
    path = latest_export(dataset)
    return _read(storage, path) if storage.exists(path) else None


def export_of(storage: Storage, dataset: str, run: str) -> Exported:
    """The export of a run. Raises `RunFailed` when it is not there any more."""
    return _read(storage, export_file(dataset, run))


def write_export(storage: Storage, export: Exported) -> None:
    """Record an export whose files are all there; it is the newest from now on."""
    content = json.dumps({"format": FORMAT, **asdict(export)}, indent=1, ensure_ascii=False).encode()
    storage.write(export_file(export.dataset, export.run), content)
    storage.write(latest_export(export.dataset), content)


def _read(storage: Storage, path: str) -> Exported:
    try:
        content = json.loads(storage.read(path))
    except Exception as error:
        remedy = "Export the whole table again: `headgate run <dataset> --full`, then `headgate warehouse load`."
        raise RunFailed(f"the export cannot be read: {error}", where=path, remedy=remedy) from error
    if content.pop("format", None) != FORMAT:
        raise RunFailed("the export was written by another version", where=path, remedy="Export again with `--full`.")
    return Exported(**{**content, "columns": tuple(content["columns"])})
