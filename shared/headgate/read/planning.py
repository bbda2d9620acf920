"""Look at the head of every object and group those that are read alike. Runs in the driver, before any Spark job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.lake.storage import Storage, StoredObject, storage
from headgate.read.copying import copied
from headgate.read.formats import file_format
from headgate.read.layout import Drift, Group, Layout, Looked
from headgate.read.refused import CannotBelong, RefusedFile
from headgate.read.unreadable import refused, require_access, require_name, why
from headgate.read.zips import is_zip, member_name, opened

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_AT_ONCE = 16  # heads are small and far away

Known = dict[StoredObject, Looked]
"""What a look at an object has found: by path, etag, size and arrival."""


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
    def header_lines(self) -> int:
        """How many files have a header that Spark reads as a row, skipped as if it were a repeated one."""
        return sum(bool(file.layout.first_line) and not file.layout.framed for file in self.files)

    @property
    def leaves_rows(self) -> bool:
        """True where a file that is refused while it is read has left rows too, so that the others are read again."""
        return not all(file.layout.marked_alone for file in self.files)

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """Every object that is read, in order of path; a zip file once."""
        return tuple(sorted({file.object for file in self.files}, key=lambda stored: stored.path))

    def parts(self, stored: StoredObject) -> int:
        """How many files are read from an object: the members of a zip file, else one."""
        return sum(file.object == stored for file in self.files)


def plan(
    contract: Contract,
    store: Storage,
    objects: Sequence[StoredObject],
    aside: Path | str | None = None,
    framed: Collection[str] = (),
    known: Known | None = None,
) -> Plan:
    """Group the objects by their layout, and refuse those that do not fit the contract or cannot be opened.

    `framed` are the paths of files that must be read in their order: a quote is open at the end of one of their lines.
    `known` remembers what a look at each object has found, for the next plan of the same contract.

    `aside` is a scratch folder for copies of the files that Spark would read wrongly (UTF-16, skipped lines, members of
    zip files). Without it no file is copied, and the plan can be looked at but not read.
    """
    scratch = storage(aside) if aside is not None else None
    look = file_format(contract.source).looker(contract, store, objects)
    seen_before = {} if known is None else known

    def looked_or_reason(stored: StoredObject) -> list[Looked] | CannotBelong:
        try:
            require_name(stored)
            if stored.size == 0:
                store.head(stored.path, 1)  # a pipe or a device has no size either, and raises
            if is_zip(stored.path) and not FORMAT_FACTS[contract.source.format].typed:
                return _members(contract, store, stored, scratch, stored.path in framed)
            if stored not in seen_before:
                seen_before[stored] = look(stored)
            return [_copied(contract, store, _framed(seen_before[stored], framed), scratch)]
        except Exception as error:
            reason = why(error)
            if reason is None:
                raise
            return reason

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seen = list(zip(objects, pool.map(looked_or_reason, objects), strict=True))
    looked = [file for _, files in seen if isinstance(files, list) for file in files]
    reasons = [(stored, reason) for stored, reason in seen if isinstance(reason, CannotBelong)]
    require_access([reason for _, reason in reasons], len(objects))
    return Plan(_grouped(looked), tuple(refused(stored, reason) for stored, reason in reasons), _drift(looked))


def _members(
    contract: Contract, store: Storage, stored: StoredObject, scratch: Storage | None, framed: bool
) -> list[Looked]:
    """The members of a zip file, copied, and framed from their copies; one that cannot belong refuses the file."""
    with opened(store, stored, contract.source.members) as (inside, members):
        look = file_format(contract.source).looker(contract, inside, members)
        files = []
        for member in members:
            try:
                looked = look(member)
                framing = {"framed": True} if framed else {}
                layout = replace(looked.layout, copied=True, **framing)
                copy = _copied(contract, inside, replace(looked, layout=layout), scratch)
            except Exception as error:
                reason = why(error)
                if reason is None:
                    raise
                what = f"is a zip whose member `{member_name(stored, member)}` {reason.reason}"
                raise CannotBelong(what) from error
            files.append(replace(copy, object=stored))
        return files


def _framed(looked: Looked, framed: Collection[str]) -> Looked:
    if looked.object.path not in framed:
        return looked
    return replace(looked, layout=replace(looked.layout, framed=True, copied=False))


def _copied(contract: Contract, store: Storage, looked: Looked, scratch: Storage | None) -> Looked:
    if not looked.layout.copied or scratch is None:
        return looked
    if copier := file_format(contract.source).copier:
        return copier(contract, store, looked, scratch)
    if contract.classified:
        raise CannotBelong(
            "would have to be copied unmasked before Spark can read it (its encoding, skipped lines, name or zip), "
            "and the dataset has classified columns; deliver it as UTF-8, plain or `.gz`, without lines to skip"
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
        from_path=_counted((name, file) for file, match in matched for name, _ in match.given),
        also_in_path=_counted((name, file) for file, match in matched for name in match.both),
        unknown_keys=_counted((key, file) for file in looked for key in file.keys),
    )


def _counted(seen: Iterable[tuple[str, Looked]]) -> dict[str, dict[str, object]]:
    files: dict[str, list[str]] = defaultdict(list)
    for name, file in seen:
        files[name].append(file.object.path)
    return {name: {"files": len(paths), "first": paths[0]} for name, paths in files.items()}
