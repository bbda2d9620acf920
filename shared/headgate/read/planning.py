"""Look at the head of every object and group those that are read alike. Runs in the driver, before any Spark job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.errors import Fault, UnusableContract
from headgate.lake.storage import Storage, StoredObject, storage
from headgate.read.copying import copied
from headgate.read.csv_look import look_at_csv
from headgate.read.json_look import look_at_json
from headgate.read.json_recipe import recipe
from headgate.read.layout import Drift, Group, Layout, Looked
from headgate.read.refused import CannotBelong, RefusedFile

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_AT_ONCE = 16  # heads are small and far away
_SAMPLED = 50  # JSON files whose top-level keys are compared with the contract

Look = Callable[[StoredObject], Looked]


@dataclass(frozen=True)
class Plan:
    """The files of one reading: groups that are read alike, and the files that are not read, with their reasons."""

    groups: tuple[Group, ...]
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
    """Group the objects by header, layout or schema, and refuse those that cannot belong.

    `aside` is a scratch folder for copies of the files that Spark would read wrongly (UTF-16, skipped lines); without
    it no file is copied and the plan is for looking at only.
    """
    scratch = storage(aside) if aside is not None else None
    look = _looker(contract, store, objects)

    def one(stored: StoredObject) -> Looked | RefusedFile:
        try:
            return _copied(contract, store, look(stored), scratch)
        except CannotBelong as refused:
            return RefusedFile(stored, refused.reason)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seen = list(pool.map(one, objects))
    looked = [one for one in seen if isinstance(one, Looked)]
    refused = tuple(one for one in seen if isinstance(one, RefusedFile))
    return Plan(_grouped(looked), refused, _drift(looked))


def _looker(contract: Contract, store: Storage, objects: Sequence[StoredObject]) -> Look:
    if contract.source.format == "csv":
        return lambda stored: look_at_csv(contract, store, stored)
    if contract.source.format == "json":
        _judge_paths(contract)
        sampled = {stored.path for stored in objects[:_SAMPLED]}
        return lambda stored: look_at_json(contract, store, stored, sample=stored.path in sampled)
    from headgate.read.parquet_look import look_at_parquet

    return lambda stored: look_at_parquet(contract, store, stored)


def _judge_paths(contract: Contract) -> None:
    try:
        recipe(contract, "utf-8")
    except ValueError as error:
        remedy = 'Write paths as `a.b`, `list[0]`, `["odd.key"]`.'
        raise UnusableContract([Fault(contract.file, "columns", str(error), remedy)]) from error


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


def _grouped(looked: Iterable[Looked]) -> tuple[Group, ...]:
    groups: dict[Layout, list[Looked]] = defaultdict(list)
    for one in looked:
        groups[one.layout].append(one)
    return tuple(Group(layout, tuple(files)) for layout, files in groups.items())


def _drift(looked: Sequence[Looked]) -> Drift:
    matched = [(one, one.match) for one in looked if one.match]
    return Drift(
        renamed=_counted((f"{name} ← {found}", one) for one, m in matched for name, found in m.renamed),
        missing=_counted((name, one) for one, m in matched for name in m.missing),
        ignored=_counted((name, one) for one, m in matched for name in m.ignored),
        unknown_keys=_counted((key, one) for one in looked for key in one.keys),
    )


def _counted(seen: Iterable[tuple[str, Looked]]) -> dict[str, dict[str, object]]:
    files: dict[str, list[str]] = defaultdict(list)
    for name, one in seen:
        files[name].append(one.object.path)
    return {name: {"files": len(paths), "first": paths[0]} for name, paths in files.items()}
