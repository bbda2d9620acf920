"""Look at the head of every object and group those that are read alike. Runs in the driver, before any Spark job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.lake.storage import Storage, StoredObject, storage
from headgate.read.copying import copied
from headgate.read.formats import FILE_FORMATS
from headgate.read.layout import Drift, Group, Layout, Looked
from headgate.read.refused import CannotBelong, RefusedFile

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_AT_ONCE = 16  # heads are small and far away


@dataclass(frozen=True)
class Plan:
    """What one run reads: groups of files that are read alike, and the refused files with their reasons."""

    groups: tuple[Group[Any], ...]
    refused: tuple[RefusedFile, ...]
    drift: Drift

    @property
    def files(self) -> tuple[Looked, ...]:
        """Every file that is read."""
        return tuple(file for group in self.groups for file in group.files)

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """Every object that is read, in order of path."""
        return tuple(sorted((file.object for file in self.files), key=lambda stored: stored.path))


def plan(contract: Contract, store: Storage, objects: Sequence[StoredObject], aside: Path | str | None = None) -> Plan:
    """Group the objects by their layout, and refuse those that do not fit the contract.

    `aside` is a scratch folder for copies of the files that Spark would read wrongly (UTF-16, skipped lines). Without
    it no file is copied, and the plan can be looked at but not read.
    """
    scratch = storage(aside) if aside is not None else None
    look = FILE_FORMATS[contract.source.format].looker(contract, store, objects)

    def looked_or_refused(stored: StoredObject) -> Looked | RefusedFile:
        try:
            return _copied(contract, store, look(stored), scratch)
        except CannotBelong as refused:
            return RefusedFile(stored, refused.reason)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = list(pool.map(looked_or_refused, objects))
    looked = [file for file in files if isinstance(file, Looked)]
    refused = tuple(file for file in files if isinstance(file, RefusedFile))
    return Plan(_grouped(looked), refused, _drift(looked))


def _copied(contract: Contract, store: Storage, looked: Looked, scratch: Storage | None) -> Looked:
    if not looked.layout.copied or scratch is None:
        return looked
    if contract.classified:
        raise CannotBelong(
            "would have to be copied unmasked before Spark can read it (its encoding, skipped lines or name), "
            "and the dataset has classified columns; deliver it as UTF-8 without lines to skip"
        )
    read = contract.source.read
    return replace(looked, uri=copied(store, looked.object, read.encoding, read.skip_lines, scratch))


def _grouped(looked: Iterable[Looked]) -> tuple[Group[Any], ...]:
    groups: dict[Layout, list[Looked]] = defaultdict(list)
    for file in looked:
        groups[file.layout].append(file)
    return tuple(Group(layout, tuple(files)) for layout, files in groups.items())


def _drift(looked: Sequence[Looked]) -> Drift:
    matched = [(file, file.match) for file in looked if file.match]
    return Drift(
        renamed=_counted((f"{name} ← {theirs}", file) for file, match in matched for name, theirs in match.renamed),
        missing=_counted((name, file) for file, match in matched for name in match.missing),
        ignored=_counted((name, file) for file, match in matched for name in match.ignored),
        unknown_keys=_counted((key, file) for file in looked for key in file.keys),
    )


def _counted(seen: Iterable[tuple[str, Looked]]) -> dict[str, dict[str, object]]:
    files: dict[str, list[str]] = defaultdict(list)
    for name, file in seen:
        files[name].append(file.object.path)
    return {name: {"files": len(paths), "first": paths[0]} for name, paths in files.items()}
