"""`headgate new`: write a contract from a sample of the files, and put the files where a run finds them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from headgate.cli.init import create
from headgate.cli.table import console
from headgate.contract.json_schema import FILE, schema_text
from headgate.contract.load import load_contracts
from headgate.errors import UnusableArgument
from headgate.lake.listing import is_hidden
from headgate.lake.storage import LocalStorage, Storage, StoredObject, storage
from headgate.propose.names import published_name
from headgate.propose.proposal import Proposal, propose
from headgate.propose.text import contract_text
from headgate.request import command_line


@dataclass(frozen=True)
class Place:
    """Where the contract and the files of a project are."""

    contracts: Path
    source: Path


@dataclass(frozen=True)
class _Given:
    """The files that were named, and the folder or file below which they are."""

    storage: Storage
    files: Sequence[StoredObject]
    local: Path | None
    shown: str


def new_contract(name: str, given: str, place: Place, *, domain: str, owner: str, copy: bool) -> None:
    """Propose a contract for the files at `given`, write it, and print what to look at next.

    Raises `UnusableArgument` for a name or files that cannot be used, and where the dataset has a contract already.
    """
    if published_name(name) != name:
        remedy = f"Use lower case, digits and `_`: `{published_name(name)}`."
        raise UnusableArgument(f"`{name}` is not a dataset's name", remedy=remedy)
    _require_new(name, place.contracts)
    found = _files(given)
    proposal = propose(name, found.storage, found.files)
    domain = domain or _asked("Which business domain owns it?", "data")
    owner = owner or _asked("Whom to ask about it?", "you@example.org")
    path, copied = _path(name, found, place.source, copy=copy)
    file = place.contracts / domain / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    create(place.contracts / FILE, schema_text())
    file.write_text(contract_text(proposal, domain=domain, owner=owner, path=path), encoding="utf-8")
    try:
        load_contracts(place.contracts)
    finally:
        _print(proposal, file, copied, place)


def _require_new(name: str, contracts: Path) -> None:
    there = sorted(contracts.glob(f"*/{name}.yaml")) if contracts.is_dir() else []
    if there:
        remedy = "Change that contract, choose another name, or remove the file first."
        raise UnusableArgument(f"`{name}` has a contract", where=str(there[0]), remedy=remedy)


def _files(given: str) -> _Given:
    if given.startswith(("s3://", "s3a://")):
        root, _, last = given.rstrip("/").rpartition("/")
        far = storage(root)
        return _Given(far, _wanted(list(far.list(last)), given), None, given)
    path = Path(given)
    if not path.exists():
        raise UnusableArgument("there is no such file or folder", where=given, remedy="Name a file or a folder.")
    near = LocalStorage(path if path.is_dir() else path.parent)
    listed = list(near.list("" if path.is_dir() else path.name))
    return _Given(near, _wanted(listed, given), path, given)


def _wanted(files: Sequence[StoredObject], given: str) -> Sequence[StoredObject]:
    """Files with content whose names do not begin with `.` or `_`, of the ending that is most frequent."""
    named = [f for f in files if f.size and not is_hidden(PurePosixPath(f.path).name)]
    if not named:
        raise UnusableArgument("there is no file with content", where=given, remedy="Name a folder that has files.")
    endings = [_ending(file.path) for file in named]
    usual = max(dict.fromkeys(endings), key=endings.count)
    return [file for file, ending in zip(named, endings, strict=True) if ending == usual]


def _ending(path: str) -> str:
    return PurePosixPath(path.lower().removesuffix(".gz")).suffix


def _path(name: str, given: _Given, source: Path, *, copy: bool) -> tuple[str, int]:
    """The dataset's path below staging, and how many files were copied there."""
    if given.local is None:
        return f"{name}/", 0
    inside = given.local.resolve()
    if inside.is_relative_to(source.resolve()):
        path = inside.relative_to(source.resolve()).as_posix()
        return (f"{path}/" if given.local.is_dir() and path != "." else path), 0
    if not copy:
        return f"{name}/", 0
    folder = given.local if given.local.is_dir() else given.local.parent
    for file in given.files:
        target = source / name / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / file.path, target)
    return f"{name}/", len(given.files)


def _asked(question: str, default: str) -> str:
    """The answer of whoever sits at the terminal; the default where nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    return input(f"{question} [{default}] ").strip() or default


def _print(proposal: Proposal, file: Path, copied: int, place: Place) -> None:
    out = console()

    def say(text: str) -> None:
        out.print(text, markup=False, highlight=False, soft_wrap=True)

    say(f"wrote {file}: {len(proposal.columns)} columns, from {proposal.sample.seen}")
    if copied:
        say(f"copied {copied:,} file{'' if copied == 1 else 's'} to {place.source / proposal.dataset}")
    for line in _to_look_at(proposal):
        say(f"  look at: {line}")
    given = {"contracts": str(place.contracts), "source": str(place.source)}
    say(f"Next: read the contract's comments, then `{command_line('run', proposal.dataset, given=given)}`.")


def _to_look_at(proposal: Proposal) -> list[str]:
    masked = [column.name for column in proposal.columns if column.personal]
    lines = [f"{', '.join(masked)}: looks personal and is masked"] if masked else []
    lines += [f"{name}: {len(texts)} or more values do not fit" for name, texts in proposal.misfits.items()]
    lines += [f"{column.name}: {column.kind.why}" for column in proposal.columns if _is_doubt(column.kind.why)]
    if proposal.sample.ragged:
        lines.append(f"{proposal.sample.ragged:,} records have another number of values than the header")
    if not proposal.key:
        lines.append("no key was found, so rows are appended and nothing is deduplicated")
    return lines


def _is_doubt(why: str) -> bool:
    return "decide" in why or "look" in why
