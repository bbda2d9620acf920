"""`headgate try`: judge files in a lake that is thrown away; say what would be refused, and what would take it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from headgate.cli.quarantine import Count, RefusedRow, counts, refused_rows
from headgate.cli.show import STATUSES, Progress, print_refused
from headgate.cli.table import console
from headgate.contract.model import Contract, Serving
from headgate.errors import UnusableArgument
from headgate.gate.gate import gate
from headgate.lake.address import lake_at
from headgate.lake.listing import objects
from headgate.lake.paths import KEYS, Lake
from headgate.lake.storage import LocalStorage, StoredObject
from headgate.outcome import Outcome
from headgate.project import Project, load_project
from headgate.propose.accepting import Accepting, accepting
from headgate.request import RunRequest, command_line
from headgate.run import Result
from headgate.runtime import Job

SAMPLE = 50_000_000  # bytes of the newest files of a dataset; the newest one is always read, and read whole


@dataclass(frozen=True)
class Asked:
    """What to try: the project's folders, datasets (all, when none is named), and one file that may lie anywhere."""

    contracts: Path
    source: Path
    datasets: Sequence[str] = ()
    file: Path | None = None

    @property
    def given(self) -> Mapping[str, str]:
        """The folders as they were typed, for the commands that are shown."""
        return {"contracts": str(self.contracts), "source": str(self.source)}


@dataclass(frozen=True)
class Tried:
    """What became of a dataset's sample: `files` of `found` were read; no row of them was published."""

    dataset: str
    files: Sequence[str]
    found: int
    outcome: Outcome
    refused: Sequence[RefusedRow]
    accepting: Sequence[Accepting]

    @property
    def counted(self) -> Sequence[Count]:
        """The refused rows per reason and file."""
        return counts(self.refused)

    @property
    def passes(self) -> bool:
        """Whether a run of these files would publish."""
        return self.outcome.status in ("published", "unchanged", "skipped")

    @property
    def passing(self) -> int:
        """How many rows pass the gate, also those that another row of their key supersedes."""
        outcome = self.outcome
        return (outcome.read or 0) - (outcome.quarantined or 0) - (outcome.skipped or 0)

    def as_dict(self) -> dict[str, Any]:
        """As JSON wants it."""
        outcome = self.outcome
        return {
            "would_publish": self.passes,
            "reason": outcome.reason,
            "files": self.files,
            "files_found": self.found,
            "read": outcome.read,
            "kept": outcome.published,
            "quarantined": outcome.quarantined,
            "files_refused": _refused_files(outcome),
            "refused_by": [asdict(count) for count in self.counted],
            "would_take": [asdict(line) for line in self.accepting],
        }


def try_files(asked: Asked, *, progress: bool = True, keys: Path | None = None) -> list[Tried]:
    """Judge the newest files of each dataset, or the one that was named, and publish nothing.

    Trials with the same folder of `keys` mask alike, so that a row has the same `record` in them.
    Raises `UnusableArgument` for a file or a dataset that cannot be tried, and `UnusableContract`.
    """
    with TemporaryDirectory(prefix="headgate-try-") as scratch:
        lake = lake_at(str(Path(scratch, "lake")))
        staging = _staging(lake)
        staging.mkdir()
        project = _alone(load_project(asked.contracts, lake))
        names = _names(project, asked)
        samples = {name: _sample(project.contracts[name], asked, staging) for name in names}
        if keys is not None:
            Path(lake.storage.root).mkdir()
            Path(lake.storage.root, KEYS).symlink_to(keys, target_is_directory=True)
        wanted = [name for name, (_, files) in samples.items() if files]
        result = _judged(wanted, asked, project, lake, progress=progress)
        if any(outcome.status == "stopped" for outcome in result.outcomes.values()):
            raise KeyboardInterrupt
        return [_tried(project.contracts[name], samples[name], result.outcomes[name], lake) for name in result.outcomes]


def _alone(project: Project) -> Project:
    """The project without what looks at other tables: in this lake there are none, and nobody reads this one."""
    changed = {"references": (), "serving": Serving()}
    contracts = {name: contract.model_copy(update=changed) for name, contract in project.contracts.items()}
    return replace(project, contracts=contracts)


def _names(project: Project, asked: Asked) -> list[str]:
    names = project.chosen(asked.datasets)
    marts = [name for name in names if project.contracts[name].is_mart]
    if asked.datasets and marts:
        raise UnusableArgument(f"`{marts[0]}` is a mart and reads no files", remedy="Try the datasets that it reads.")
    if asked.file is not None and len(asked.datasets) != 1:
        raise UnusableArgument("`--file` needs one dataset", remedy="Write `headgate try DATASET --file FILE`.")
    return [name for name in names if name not in marts]


def _sample(contract: Contract, asked: Asked, staging: Path) -> tuple[int, list[str]]:
    """How many files there are, and the paths of those that now lie below `staging` too."""
    if asked.file is not None:
        return 1, [_placed(asked.file, contract, asked, staging)]
    found = objects(LocalStorage(asked.source), contract.path) if asked.source.is_dir() else []
    if not found and asked.datasets:
        remedy = f"Put files below `{contract.path}`, or name one with --file."
        raise UnusableArgument(f"no file matches `{contract.path}`", where=str(asked.source), remedy=remedy)
    chosen = list(_newest(found))
    for stored in chosen:
        _linked(Path(asked.source, stored.path), staging / stored.path)
    return len(found), [stored.path for stored in chosen]


def _newest(found: Sequence[StoredObject]) -> Iterator[StoredObject]:
    size = 0
    for stored in sorted(found, key=lambda stored: (stored.arrival, stored.path), reverse=True):
        size += stored.size
        if size > SAMPLE and size > stored.size:
            return
        yield stored


def _placed(file: Path, contract: Contract, asked: Asked, staging: Path) -> str:
    """Put a file where the contract looks for files; one that lies there already keeps its path."""
    if not file.is_file():
        raise UnusableArgument("there is no such file", where=str(file), remedy="Name a file with --file.")
    whole, source = file.resolve(), asked.source.resolve()
    paths = [whole.relative_to(source).as_posix()] if whole.is_relative_to(source) else []
    folder = contract.path.partition("*")[0].partition("?")[0].rpartition("/")[0]
    paths += [f"{contract.path.rstrip('/')}/{file.name}", f"{folder}/{file.name}".lstrip("/"), contract.path]
    for path in paths:
        if "*" not in path and "?" not in path and not path.endswith("/"):
            _linked(whole, staging / path)
            if objects(LocalStorage(staging), contract.path):
                return path
            (staging / path).unlink()
    remedy = "Put it below the source under a path that the contract matches, and name that."
    raise UnusableArgument(f"its name does not match `{contract.path}`", where=str(file), remedy=remedy)


def _linked(file: Path, target: Path) -> None:
    """The same file under another path, with its time; a copy where the disk cannot link."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file.resolve(), target)
    except OSError:
        shutil.copy2(file, target)


def _staging(lake: Lake) -> Path:
    return Path(lake.storage.root).with_name("staging")


def _judged(names: Sequence[str], asked: Asked, project: Project, lake: Lake, *, progress: bool) -> Result:
    with Progress(Console(stderr=True), len(names), shown=progress) as shown:
        request = RunRequest(tuple(names), log=shown, given=asked.given)
        given = {**asked.given, "source": str(_staging(lake)), "lake": lake.storage.root}
        return Job(project, lake, request, given).run(names)


def _tried(contract: Contract, sample: tuple[int, list[str]], outcome: Outcome, lake: Lake) -> Tried:
    found, files = sample
    refused = refused_rows(lake, contract.dataset, every_run=True) if outcome.quarantined else []
    checks = gate(contract).refusing().values()
    lines = accepting(contract, checks, [(row.reasons, row.values) for row in refused])
    return Tried(contract.dataset, files, found, outcome, [replace(row, run="") for row in refused], lines)


def print_tried(tried: Sequence[Tried], asked: Asked, limit: int) -> None:
    """Print per dataset what would be published and what would be refused, and what would take more of it."""
    out = console()
    for one in tried:
        for line in _summary(one):
            out.print(line, markup=False, soft_wrap=True)
        if one.refused:
            print_refused(one.refused, one.counted, limit)
        if one.accepting:
            out.print("what the contract could say, if the refused texts are right as they are:", markup=False)
            for line in one.accepting:
                taken = f"{line.takes:,} refused text{'' if line.takes == 1 else 's'}"
                out.print(f"  {line.column}: {line}   for {taken}", markup=False, soft_wrap=True)
        out.print()
    if not tried:
        out.print("There is no file to try yet.")
        return
    again = command_line("run", *asked.datasets, given=asked.given)
    out.print(f"Nothing was published; `{again}` does.", markup=False, soft_wrap=True)


def _summary(one: Tried) -> Iterator[str]:
    outcome = one.outcome
    files = f"{len(one.files):,} of {one.found:,} files" if len(one.files) < one.found else _files(len(one.files))
    mark = "✔ would be published" if one.passes else STATUSES[outcome.status][0]
    yield f"{one.dataset}: {mark}; {files}"
    if outcome.read is not None:
        yield f"  {outcome.read:,} rows read, {one.passing:,} pass, {outcome.quarantined or 0:,} refused"
    yield from (f"  refused file: {file['path']}: {file['reason']}" for file in _refused_files(outcome))
    if not one.passes and outcome.reason:
        yield f"  {outcome.reason}"


def _refused_files(outcome: Outcome) -> list[dict[str, str]]:
    files: Sequence[Mapping[str, str]] = outcome.objects.get("refused", ())
    return [{"path": file["path"], "reason": file["reason"]} for file in files]


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def exit_code(tried: Sequence[Tried]) -> int:
    """0 where a run would publish all of it, 1 where a gate closes or a run fails."""
    return int(not all(one.passes for one in tried))
